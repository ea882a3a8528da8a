using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Yunpipe.Aws.Connection;
using Yunpipe.Aws.Stores;
using S3Bucket = Yunpipe.Aws.Stores.S3Bucket;

namespace Yunpipe.Aws.Deploying;

/// <summary>One bucket for each account and region that holds what stacks are made of: dispatcher, templates, reference data. The first deployment makes it;
/// removing the last one removes it.</summary>
public sealed class StagingBucket(IAmazonS3 client, S3Transfer transfer, string name, string region)
{
    private const string OwnTag = "yunpipe:staging", TemplatesPrefix = "templates/", ReferencesPrefix = "references/";

    private readonly S3Bucket _bucket = new(client, name);

    public string Name => name;

    /// <summary>Makes it, closed to everybody else, unless it stands; true where it was made.</summary>
    public async Task<bool> Ensure(CancellationToken cancel)
    {
        var made = await Ask("make the bucket", async () =>
        {
            try
            {
                await client.PutBucketAsync(new PutBucketRequest { BucketName = name, BucketRegionName = region == "us-east-1" ? null : region }, cancel);
                return true;
            }
            catch (AmazonS3Exception error) when (error.ErrorCode is "BucketAlreadyOwnedByYou")
            {
                return false;
            }
        }, cancel);
        if (!made && await IsClosed(cancel)) return false;
        await Ask("close to the public", () => client.PutPublicAccessBlockAsync(new PutPublicAccessBlockRequest
        {
            BucketName = name, PublicAccessBlockConfiguration = new PublicAccessBlockConfiguration { BlockPublicAcls = true, BlockPublicPolicy = true, IgnorePublicAcls = true, RestrictPublicBuckets = true },
        }, cancel), cancel);
        await Ask("set a policy for", () => client.PutBucketPolicyAsync(new PutBucketPolicyRequest { BucketName = name, Policy = TlsOnly }, cancel), cancel);
        await Ask("set rules for", () => client.PutLifecycleConfigurationAsync(new PutLifecycleConfigurationRequest
        {
            BucketName = name, Configuration = new LifecycleConfiguration
            {
                Rules =
                [
                    new LifecycleRule { Id = "templates", Status = LifecycleRuleStatus.Enabled, Filter = new LifecycleFilter { LifecycleFilterPredicate = new LifecyclePrefixPredicate { Prefix = TemplatesPrefix } }, Expiration = new LifecycleRuleExpiration { Days = 30 } },
                    new LifecycleRule { Id = "uploads-that-never-ended", Status = LifecycleRuleStatus.Enabled, Filter = new LifecycleFilter { LifecycleFilterPredicate = new LifecyclePrefixPredicate { Prefix = "" } }, AbortIncompleteMultipartUpload = new LifecycleRuleAbortIncompleteMultipartUpload { DaysAfterInitiation = 3 } },
                ],
            },
        }, cancel), cancel);
        // The tag comes last: what carries it was closed before.
        await Ask("tag", () => client.PutBucketTaggingAsync(new PutBucketTaggingRequest { BucketName = name, TagSet = [new Tag { Key = OwnTag, Value = "1" }] }, cancel), cancel);
        return made;
    }

    /// <summary>Keeps bytes under a key that says what they are, once.</summary>
    public async Task Keep(string key, byte[] bytes, CancellationToken cancel)
    {
        if (await _bucket.Head(key, cancel) is null) await _bucket.Put(key, bytes, cancel);
    }

    /// <summary>Keeps a template; its address as CloudFormation wants it.</summary>
    public async Task<string> KeepTemplate(string deployment, byte[] template, string suffix, CancellationToken cancel)
    {
        var key = $"{TemplatesPrefix}{deployment}-{Images.Digest.Of(template).Hex[..16]}.json";
        await Keep(key, template, cancel);
        return $"https://{name}.s3.{region}.{suffix}/{key}";
    }

    public static string ReferenceKey(string deployment, string digest, string file, bool directory) =>
        $"{ReferencesPrefix}{deployment}/{digest[(digest.IndexOf(':') + 1)..][..32]}/{file}{(directory ? "/" : "")}";

    /// <summary>Uploads a file, or a directory with all in it, unless it is there.</summary>
    /// <param name="key">As <see cref="ReferenceKey"/> gives it.</param>
    /// <param name="moved">Hears of bytes that are there.</param>
    public async Task KeepReference(string key, string path, CancellationToken cancel, Action<long>? moved = null)
    {
        if (!key.EndsWith('/'))
        {
            if (await _bucket.Head(key, cancel) is null) await transfer.Upload(_bucket, path, key, cancel, moved);
            return;
        }
        foreach (var file in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories))
        {
            var inner = key + Path.GetRelativePath(path, file);
            if (await _bucket.Head(inner, cancel) is not { } there || there.Size != new FileInfo(file).Length) await transfer.Upload(_bucket, file, inner, cancel, moved);
            else moved?.Invoke(there.Size);
        }
    }

    /// <summary>Removes what one deployment has here.</summary>
    public async Task Forget(string deployment, CancellationToken cancel)
    {
        if (!await Buckets.Stands(client, name, cancel)) return;
        foreach (var prefix in (string[])[$"{ReferencesPrefix}{deployment}/", $"{TemplatesPrefix}{deployment}-"])
            await foreach (var found in _bucket.List(prefix, cancel)) await _bucket.Delete(found.Key, cancel);
    }

    private async Task<bool> IsClosed(CancellationToken cancel) => await Ask("read the tags of", async () =>
    {
        try
        {
            return (await client.GetBucketTaggingAsync(new GetBucketTaggingRequest { BucketName = name }, cancel)).TagSet?.Exists(tag => tag.Key == OwnTag) == true;
        }
        catch (AmazonServiceException error) when (error.Is(HttpStatusCode.NotFound))
        {
            return false;
        }
    }, cancel);

    private Task<T> Ask<T>(string doing, Func<Task<T>> call, CancellationToken cancel) => AwsErrors.Guard($"{doing} the staging bucket {name}", call, cancel);

    private string TlsOnly => $$"""
        {"Version":"2012-10-17","Statement":[{"Sid":"TlsOnly","Effect":"Deny","Principal":"*","Action":"s3:*",
         "Resource":["arn:{{Partition}}:s3:::{{name}}","arn:{{Partition}}:s3:::{{name}}/*"],"Condition":{ "Bool": { "aws:SecureTransport":"false" } } }]}
        """;

    private string Partition => AwsPartition.Of(region).Name;
}
