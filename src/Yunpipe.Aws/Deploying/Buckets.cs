using System.Net;
using System.Xml;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Yunpipe.Aws.Connection;

namespace Yunpipe.Aws.Deploying;

/// <summary>What is done to buckets as a whole.</summary>
public static class Buckets
{
    /// <summary>Objects that one request removes.</summary>
    private const int AtOnce = 1000;

    public static Task<bool> Stands(IAmazonS3 client, string name, CancellationToken cancel) => AwsErrors.Guard($"look at the bucket {name}", async () =>
    {
        try
        {
            await client.HeadBucketAsync(new HeadBucketRequest { BucketName = name }, cancel);
            return true;
        }
        catch (AmazonServiceException error) when (error.Is(HttpStatusCode.NotFound))
        {
            return false;
        }
    }, cancel);

    /// <summary>True where it holds no object, nor an old version of one.</summary>
    public static Task<bool> IsEmpty(IAmazonS3 client, string name, CancellationToken cancel) => AwsErrors.Guard($"look into the bucket {name}", async () =>
    {
        var page = await client.ListVersionsAsync(new ListVersionsRequest { BucketName = name, MaxKeys = 1, Encoding = EncodingType.Url }, cancel);
        return page.Versions is not { Count: > 0 };
    }, cancel);

    /// <summary>Removes a bucket with all that is in it, old versions too.</summary>
    /// <param name="removed">Hears how many objects are gone so far.</param>
    public static async Task Remove(IAmazonS3 client, string name, Action<long> removed, CancellationToken cancel)
    {
        long gone = 0;
        KeyVersion? before = null;
        // The SDK does not tell whether a service has done as it was asked: one that has not is found out by its names.
        var encoded = true;
        while (true)
        {
            var page = await AwsErrors.Guard($"list the bucket {name}", () => client.ListVersionsAsync(new ListVersionsRequest { BucketName = name, MaxKeys = AtOnce, Encoding = EncodingType.Url }, cancel), cancel);
            var keys = (page.Versions ?? []).Select(version => new KeyVersion { Key = encoded ? Decoded(version.Key) : version.Key, VersionId = version.VersionId is "null" or null ? null : version.VersionId }).ToList();
            if (keys.Count == 0) break;
            if (before is not null && keys[0].Key == before.Key && keys[0].VersionId == before.VersionId)
            {
                if (!encoded) throw new IOException($"“{before.Key}” in the bucket {name} was removed, and is there all the same.");
                (encoded, before) = (false, null);
                continue;
            }
            before = keys[0];
            // A request for many is XML, which cannot hold every name.
            foreach (var key in keys.Where(key => !IsInXml(key.Key)))
                await AwsErrors.Guard($"empty the bucket {name}", () => client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = name, Key = key.Key, VersionId = key.VersionId }, cancel), cancel);
            var many = keys.Where(key => IsInXml(key.Key)).ToList();
            var answer = many.Count == 0 ? new DeleteObjectsResponse() : await AwsErrors.Guard($"empty the bucket {name}", () => client.DeleteObjectsAsync(new DeleteObjectsRequest { BucketName = name, Objects = many, Quiet = true }, cancel), cancel);
            if (answer.DeleteErrors is [{ } refused, ..]) throw new IOException($"“{refused.Key}” in the bucket {name} cannot be removed: {refused.Message}");
            removed(gone += keys.Count);
        }
        await AwsErrors.Guard($"remove the bucket {name}", async () =>
        {
            try
            {
                return await client.DeleteBucketAsync(new DeleteBucketRequest { BucketName = name }, cancel);
            }
            catch (AmazonServiceException error) when (error.Is(HttpStatusCode.NotFound))
            {
                return null;
            }
        }, cancel);
    }

    /// <summary>Makes a bucket that somebody else set up tell EventBridge of its uploads, and leaves all else that it tells anybody as it is
    /// (PutBucketNotificationConfiguration replaces everything: what stands is read and written back). True where something had to change.</summary>
    public static async Task<bool> TellEvents(IAmazonS3 client, string name, bool write, CancellationToken cancel)
    {
        var standing = await AwsErrors.Guard($"read whom the bucket {name} tells of uploads", () => client.GetBucketNotificationAsync(new GetBucketNotificationRequest { BucketName = name }, cancel), cancel);
        if (standing.EventBridgeConfiguration is not null) return false;
        if (write)
            await AwsErrors.Guard($"make the bucket {name} tell EventBridge of uploads", () => client.PutBucketNotificationAsync(new PutBucketNotificationRequest
            {
                BucketName = name, EventBridgeConfiguration = new EventBridgeConfiguration(), SkipDestinationValidation = true,
                TopicConfigurations = standing.TopicConfigurations, QueueConfigurations = standing.QueueConfigurations, LambdaFunctionConfigurations = standing.LambdaFunctionConfigurations,
            }, cancel), cancel);
        return true;
    }

    /// <summary>The region of a bucket; null where it does not exist.</summary>
    public static Task<string?> RegionOf(IAmazonS3 client, string name, CancellationToken cancel) => AwsErrors.Guard($"look where the bucket {name} is", async () =>
    {
        try
        {
            var answer = await client.GetBucketLocationAsync(new GetBucketLocationRequest { BucketName = name }, cancel);
            return answer.Location?.Value switch { null or "" => "us-east-1", "EU" => "eu-west-1", var region => region };
        }
        catch (AmazonServiceException error) when (error.Is(HttpStatusCode.NotFound))
        {
            return null;
        }
    }, cancel);

    /// <summary>Keys come as in a URL, since they may hold what XML cannot.</summary>
    private static string Decoded(string key) => Uri.UnescapeDataString(key.Replace('+', ' '));

    private static bool IsInXml(string key)
    {
        for (var at = 0; at < key.Length; at++)
            if (char.IsSurrogatePair(key, at)) at++;
            else if (!XmlConvert.IsXmlChar(key[at])) return false;
        return true;
    }
}
