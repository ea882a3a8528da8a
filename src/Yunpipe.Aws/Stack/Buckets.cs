using System.Text.Json.Nodes;

namespace Yunpipe.Aws.Stack;

/// <summary>Three buckets: one takes images, one shows results, one between them holds records and everything that steps make. The first two may be the user's
/// own, which the template does not touch.</summary>
internal static class Buckets
{
    public const string Input = "InputBucket", Work = "WorkBucket", Results = "ResultsBucket";

    public static void Add(StackParts parts)
    {
        var spec = parts.Spec;
        if (spec.Input.Existing is null) Make(parts, Input, versioned: true, []);
        Make(parts, Work, versioned: false, Expiry(spec));
        if (spec.Results.Existing is null) Make(parts, Results, versioned: false, []);
        parts.Tell(Input, "Upload images here.", Name(spec, Input));
        parts.Tell(Work, "Records, and what steps make on the way.", Name(spec, Work));
        parts.Tell(Results, "Results appear here.", Name(spec, Results));
    }

    public static JsonNode Name(StackSpec spec, string bucket) => Choice(spec, bucket).Existing is { } name ? name : Cf.Ref(bucket);

    /// <summary>ARN of a place in a bucket, below the prefix that is ours there; an empty path is the bucket itself.</summary>
    public static JsonNode Arn(StackSpec spec, string bucket, string path)
    {
        var prefix = Choice(spec, bucket).Prefix;
        var rest = path.Length == 0 ? "" : $"/{prefix}{path}";
        return Choice(spec, bucket).Existing is { } name ? Cf.Sub($"arn:${{AWS::Partition}}:s3:::{name}{rest}") : Cf.Sub($"${{{bucket}.Arn}}{rest}");
    }

    /// <summary>Leave to list what lies below these paths, and nothing else of the bucket.</summary>
    public static JsonObject Listing(StackSpec spec, string bucket, params IEnumerable<string> paths)
    {
        var prefix = Choice(spec, bucket).Prefix;
        return Policies.Allow(["s3:ListBucket"], Arn(spec, bucket, ""), new JsonObject { ["StringLike"] = new JsonObject { ["s3:prefix"] = Cf.Texts(paths.Select(path => prefix + path)) } });
    }

    private static BucketChoice Choice(StackSpec spec, string bucket) => bucket == Input ? spec.Input : bucket == Results ? spec.Results : new BucketChoice(null, "");

    private static void Make(StackParts parts, string id, bool versioned, IEnumerable<JsonNode> rules)
    {
        var properties = new JsonObject
        {
            ["BucketEncryption"] = new JsonObject
            {
                ["ServerSideEncryptionConfiguration"] = Cf.List(new JsonObject { ["ServerSideEncryptionByDefault"] = new JsonObject { ["SSEAlgorithm"] = "AES256" } }),
            },
            ["PublicAccessBlockConfiguration"] = new JsonObject
            {
                ["BlockPublicAcls"] = true, ["BlockPublicPolicy"] = true, ["IgnorePublicAcls"] = true, ["RestrictPublicBuckets"] = true,
            },
            ["OwnershipControls"] = new JsonObject { ["Rules"] = Cf.List(new JsonObject { ["ObjectOwnership"] = "BucketOwnerEnforced" }) },
            ["LifecycleConfiguration"] = new JsonObject { ["Rules"] = Cf.List([LeftUploads(), .. versioned ? [OldVersions()] : Array.Empty<JsonNode>(), .. rules]) },
        };
        // Nobody waits for results but people.
        if (id != Results) properties["NotificationConfiguration"] = new JsonObject { ["EventBridgeConfiguration"] = new JsonObject { ["EventBridgeEnabled"] = true } };
        if (versioned) properties["VersioningConfiguration"] = new JsonObject { ["Status"] = "Enabled" };
        // Data outlives the stack; a bucket of a stack that never stood does not.
        parts.Add(id, "AWS::S3::Bucket", properties, more: new JsonObject { ["DeletionPolicy"] = "RetainExceptOnCreate", ["UpdateReplacePolicy"] = "Retain" });
        parts.Add(id + "Policy", "AWS::S3::BucketPolicy", new JsonObject
        {
            ["Bucket"] = Cf.Ref(id),
            ["PolicyDocument"] = Policies.Document(Policies.TlsOnly("s3:*", Cf.List(Cf.Get(id, "Arn"), Cf.Sub($"${{{id}.Arn}}/*")))),
        });
    }

    private static JsonObject LeftUploads() => new()
    {
        ["Id"] = "uploads-that-never-ended", ["Status"] = "Enabled", ["AbortIncompleteMultipartUpload"] = new JsonObject { ["DaysAfterInitiation"] = 3 },
    };

    /// <summary>What a corrected upload replaced is kept for a while, so that what is under way can still read it.</summary>
    private static JsonObject OldVersions() => new()
    {
        ["Id"] = "replaced-versions", ["Status"] = "Enabled", ["NoncurrentVersionExpiration"] = new JsonObject { ["NoncurrentDays"] = 30 },
    };

    private static IEnumerable<JsonNode> Expiry(StackSpec spec) => spec.IntermediateDays == 0 ? [] :
        spec.Steps.Where(step => !step.IsResult).Select(step => (JsonNode)new JsonObject
        {
            ["Id"] = $"intermediate-{step.Name}", ["Status"] = "Enabled", ["Prefix"] = $"{step.Name}/", ["ExpirationInDays"] = spec.IntermediateDays,
        });
}
