using System.Net;
using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Yunpipe.Aws.Connection;

namespace Yunpipe.Aws.Stores;

/// <summary>An object as a listing or a look at it gives it. The ETag is without its quotes.</summary>
public readonly record struct S3Entry(string Key, long Size, string ETag, DateTimeOffset Changed);

/// <summary>Small objects of one bucket, whole, with the conditions of S3. Files go through <see cref="S3Transfer"/>.</summary>
/// <param name="requesterPays">True where the reader pays for requests and traffic, and says so.</param>
public sealed class S3Bucket(IAmazonS3 client, string name, bool requesterPays = false)
{
    /// <summary>Longest key of S3, in bytes of UTF-8.</summary>
    public const int LongestKey = 1024;

    private static readonly TimeSpan ConflictPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Requests of this process at once: fewer than there are connections, so that none grows old while it waits for one.</summary>
    private static readonly SemaphoreSlim AtOnce = new(48);

    public string Name => name;

    internal IAmazonS3 Client => client;

    internal RequestPayer? Payer => requesterPays ? RequestPayer.Requester : null;

    /// <summary>The content and its ETag; null where nothing stands.</summary>
    public Task<(byte[] Bytes, string ETag)?> Get(string key, CancellationToken cancel) => Call<(byte[], string)?>("read", key, async () =>
    {
        try
        {
            using var response = await client.GetObjectAsync(new GetObjectRequest { BucketName = name, Key = key, RequestPayer = Payer }, cancel);
            using var memory = new MemoryStream((int)Math.Max(0, response.ContentLength));
            await response.ResponseStream.CopyToAsync(memory, cancel);
            return (memory.ToArray(), Unquoted(response.ETag));
        }
        catch (AmazonServiceException error) when (error.Is(HttpStatusCode.NotFound) || error.Is(HttpStatusCode.Forbidden))
        {
            if (error.Is(HttpStatusCode.Forbidden) && !await IsAbsent(key, cancel)) throw;
            return null;
        }
    }, cancel, again: true);

    public Task<S3Entry?> Head(string key, CancellationToken cancel) => Call<S3Entry?>("look at", key, async () =>
    {
        try
        {
            var response = await client.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = name, Key = key, RequestPayer = Payer }, cancel);
            return new S3Entry(key, response.ContentLength, Unquoted(response.ETag), response.LastModified ?? default(DateTime));
        }
        catch (AmazonServiceException error) when (error.Is(HttpStatusCode.NotFound) || error.Is(HttpStatusCode.Forbidden))
        {
            if (error.Is(HttpStatusCode.Forbidden) && !await IsAbsent(key, cancel)) throw;
            return null;
        }
    }, cancel);

    /// <summary>Writes over whatever stands there; the ETag of what then does.</summary>
    public async Task<string> Put(string key, byte[] bytes, CancellationToken cancel) => (await Write(key, bytes, null, null, cancel))!;

    /// <summary>Creates an object; null where one stands already, which may be our own whose answer was lost.</summary>
    public Task<string?> PutIfAbsent(string key, byte[] bytes, CancellationToken cancel) => Write(key, bytes, "*", null, cancel);

    /// <summary>Replaces an object that is still the one with this ETag; null where it is not.</summary>
    public Task<string?> PutIfUnchanged(string key, byte[] bytes, string etag, CancellationToken cancel) => Write(key, bytes, null, etag, cancel);

    public Task Delete(string key, CancellationToken cancel) => Call("delete", key, async () =>
    {
        await client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = name, Key = key }, cancel);
        return true;
    }, cancel);

    /// <summary>Lists keys that begin with a prefix, in the order of their bytes, page by page.</summary>
    /// <param name="after">Only keys behind this one; null for all.</param>
    public async IAsyncEnumerable<S3Entry> List(string prefix, [EnumeratorCancellation] CancellationToken cancel, string? after = null)
    {
        string? token = null;
        do
        {
            // Keys may hold what XML cannot: they come as in a URL, and are decoded once.
            var request = new ListObjectsV2Request
            {
                BucketName = name, Prefix = prefix, ContinuationToken = token, StartAfter = token is null ? after : null, Encoding = EncodingType.Url, RequestPayer = Payer,
            };
            var page = await Call("list", prefix, () => client.ListObjectsV2Async(request, cancel), cancel);
            foreach (var found in page.S3Objects ?? [])
                yield return new S3Entry(Decoded(found.Key, page.Encoding), found.Size ?? 0, Unquoted(found.ETag), found.LastModified ?? default(DateTime));
            token = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (token is not null);
    }

    public override string ToString() => $"s3://{name}";

    /// <summary>S3 says “forbidden” for what is not there to whoever may list only parts of a bucket, as the role of a step may: then a listing of just this key decides.</summary>
    internal async Task<bool> IsAbsent(string key, CancellationToken cancel)
    {
        try
        {
            var page = await client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = name, Prefix = key, MaxKeys = 1, Encoding = EncodingType.Url, RequestPayer = Payer }, cancel);
            return page.S3Objects is not { Count: > 0 } found || Decoded(found[0].Key, page.Encoding) != key;
        }
        catch (AmazonServiceException error) when (error.Is(HttpStatusCode.Forbidden))
        {
            return false;
        }
    }

    /// <summary>Throws where S3 would not take a key, in words that say which.</summary>
    internal static string Checked(string key)
    {
        var bytes = System.Text.Encoding.UTF8.GetByteCount(key);
        return bytes <= LongestKey ? key : throw new PathTooLongException($"“{key}” would be the name of an object with {bytes} bytes; S3 takes at most {LongestKey}.");
    }

    internal static string Unquoted(string? etag) => (etag ?? "").Trim('"');

    /// <param name="again">True where an answer may break off in the middle, which the SDK leaves to its caller.</param>
    internal async Task<T> Call<T>(string verb, string key, Func<Task<T>> call, CancellationToken cancel, bool again = false)
    {
        for (var tries = 1; ; tries++)
            try
            {
                await AtOnce.WaitAsync(cancel);
                try
                {
                    return await AwsErrors.Guard($"{verb} “{key}” in the bucket {name}", call, cancel);
                }
                finally
                {
                    AtOnce.Release();
                }
            }
            catch (IOException error) when (again && tries < 5 && error.InnerException is IOException or HttpRequestException)
            {
                await Task.Delay(ConflictPause * tries, cancel);
            }
    }

    private Task<string?> Write(string key, byte[] bytes, string? ifNoneMatch, string? ifMatch, CancellationToken cancel) => Call<string?>("write", Checked(key), async () =>
    {
        for (var tries = 1; ; tries++)
            try
            {
                using var body = new MemoryStream(bytes, writable: false);
                var request = new PutObjectRequest { BucketName = name, Key = key, InputStream = body, ContentType = "application/json", IfNoneMatch = ifNoneMatch, AutoCloseStream = false };
                if (ifMatch is not null) request.IfMatch = $"\"{ifMatch}\"";
                return Unquoted((await client.PutObjectAsync(request, cancel)).ETag);
            }
            // S3 may see two writers at once and let neither: whoever asks again learns how it stands (409).
            catch (AmazonServiceException error) when (error.Is(HttpStatusCode.Conflict) && tries < 10)
            {
                await Task.Delay(ConflictPause * tries, cancel);
            }
            // 404: what was to be replaced has gone.
            catch (AmazonServiceException error) when (error.Is(HttpStatusCode.PreconditionFailed) || ifMatch is not null && error.Is(HttpStatusCode.NotFound))
            {
                return null;
            }
    }, cancel);

    private static string Decoded(string key, EncodingType? encoding) => encoding == EncodingType.Url ? Uri.UnescapeDataString(key.Replace('+', ' ')) : key;
}
