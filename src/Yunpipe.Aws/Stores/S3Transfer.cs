using System.Buffers;
using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Yunpipe.Aws.Connection;
using Yunpipe.Work;

namespace Yunpipe.Aws.Stores;

/// <summary>Sizes in bytes at which a file goes in parts, and how many parts or files go at once. Memory is what is under way, whatever the files' size.</summary>
public sealed record S3Limits(long PartSize = 8 << 20, long OneCopy = 5L << 30, long CopyPart = 512 << 20, int AtOnce = 16)
{
    public const int MostParts = 10_000;

    /// <summary>Large enough that no file needs more parts than S3 takes.</summary>
    public static long PartOf(long size, long least) => Math.Max(least, (size + MostParts - 1) / MostParts);
}

/// <summary>Brings files to a bucket and back, in parallel parts; and copies within S3 without bringing anything here.</summary>
public sealed class S3Transfer(S3Limits limits) : IDisposable
{
    private const int Block = 256 << 10;
    private const int Tries = 5;

    /// <summary>Of all files together.</summary>
    private readonly SemaphoreSlim _atOnce = new(limits.AtOnce);

    public S3Limits Limits => limits;

    public void Dispose() => _atOnce.Dispose();

    /// <param name="moved">Hears of bytes that arrived.</param>
    public async Task Upload(S3Bucket bucket, string path, string key, CancellationToken cancel, Action<long>? moved = null)
    {
        S3Bucket.Checked(key);
        var size = new FileInfo(path).Length;
        if (size <= limits.PartSize)
        {
            await Slot(() => bucket.Call("write", key, async () => await bucket.Client.PutObjectAsync(new PutObjectRequest { BucketName = bucket.Name, Key = key, FilePath = path }, cancel), cancel), cancel);
            moved?.Invoke(size);
            return;
        }
        var part = S3Limits.PartOf(size, limits.PartSize);
        await InParts(bucket, key, (size + part - 1) / part, (upload, number) => bucket.Call("write", key, async () =>
        {
            var from = (number - 1) * part;
            var sent = new PartETag(await bucket.Client.UploadPartAsync(new UploadPartRequest
            {
                BucketName = bucket.Name, Key = key, UploadId = upload, PartNumber = number, FilePath = path, FilePosition = from, PartSize = Math.Min(part, size - from),
            }, cancel));
            moved?.Invoke(Math.Min(part, size - from));
            return sent;
        }, cancel), cancel);
    }

    /// <summary>Brings an object here; false where it is not there any more, or not in this version.</summary>
    /// <param name="etag">The version that is wanted; null takes any.</param>
    /// <param name="moved">Hears of bytes that came, from several threads.</param>
    public async Task<bool> Download(S3Bucket bucket, string key, string? etag, long size, string path, CancellationToken cancel, Action<long>? moved = null)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        DiskRoom.Check(path, size);
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.None, FileOptions.None, size > limits.PartSize ? size : 0);
        try
        {
            if (size <= limits.PartSize) return await Slot(() => Range(bucket, key, etag, null, file, moved, cancel), cancel) is not null;
            // The first part says which version the others have to be of.
            if (await Slot(() => Range(bucket, key, etag, (0, limits.PartSize - 1), file, moved, cancel), cancel) is not { } version) return false;
            var parts = (int)((size - 1) / limits.PartSize);
            var whole = true;
            await Parallel.ForAsync(1, parts + 1, new ParallelOptions { MaxDegreeOfParallelism = limits.AtOnce, CancellationToken = cancel }, async (number, stop) =>
            {
                var range = (number * limits.PartSize, Math.Min(size, (number + 1) * limits.PartSize) - 1);
                if (await Slot(() => Range(bucket, key, version, range, file, moved, stop), stop) is null) Volatile.Write(ref whole, false);
            });
            return whole;
        }
        catch
        {
            file.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Copies on the server's side.</summary>
    public async Task Copy(S3Bucket from, string key, S3Bucket to, string target, long size, CancellationToken cancel)
    {
        S3Bucket.Checked(target);
        if (size <= limits.OneCopy)
        {
            await Slot(() => to.Call("copy to", target, async () => await to.Client.CopyObjectAsync(new CopyObjectRequest
            {
                SourceBucket = from.Name, SourceKey = key, DestinationBucket = to.Name, DestinationKey = target,
            }, cancel), cancel), cancel);
            return;
        }
        var part = S3Limits.PartOf(size, limits.CopyPart);
        await InParts(to, target, (size + part - 1) / part, (upload, number) => to.Call("copy to", target, async () =>
        {
            var first = (number - 1) * part;
            var copied = await to.Client.CopyPartAsync(new CopyPartRequest
            {
                SourceBucket = from.Name, SourceKey = key, DestinationBucket = to.Name, DestinationKey = target, UploadId = upload, PartNumber = number,
                FirstByte = first, LastByte = Math.Min(size, first + part) - 1,
            }, cancel);
            return new PartETag(copied);
        }, cancel), cancel);
    }

    private async Task InParts(S3Bucket bucket, string key, long count, Func<string, int, Task<PartETag>> send, CancellationToken cancel)
    {
        var upload = await bucket.Call("write", key, async () => (await bucket.Client.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest { BucketName = bucket.Name, Key = key }, cancel)).UploadId, cancel);
        try
        {
            var parts = new PartETag[count];
            await Parallel.ForAsync(0, (int)count, new ParallelOptions { MaxDegreeOfParallelism = limits.AtOnce, CancellationToken = cancel },
                async (at, stop) => parts[at] = await Slot(() => send(upload, at + 1), stop));
            await bucket.Call("write", key, () => Complete(bucket, key, upload, parts, cancel), cancel);
        }
        catch
        {
            await Abort(bucket, key, upload);
            throw;
        }
    }

    private static async Task<bool> Complete(S3Bucket bucket, string key, string upload, PartETag[] parts, CancellationToken cancel)
    {
        try
        {
            await bucket.Client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest { BucketName = bucket.Name, Key = key, UploadId = upload, PartETags = [.. parts] }, cancel);
        }
        catch (AmazonServiceException error) when (error.Is(HttpStatusCode.NotFound) && error.ErrorCode == "NoSuchUpload")
        {
            // The upload was completed and the answer lost; or it never was, and then nothing stands there.
            if (await bucket.Head(key, cancel) is null) throw new IOException($"It was not possible to write “{key}”: the upload in parts was lost.", error);
        }
        return true;
    }

    /// <summary>Parts of an upload that was given up cost money until they are removed; a lifecycle rule catches those that stay.</summary>
    private static async Task Abort(S3Bucket bucket, string key, string upload)
    {
        try
        {
            await bucket.Call("give up", key, async () => await bucket.Client.AbortMultipartUploadAsync(new AbortMultipartUploadRequest { BucketName = bucket.Name, Key = key, UploadId = upload }, CancellationToken.None), CancellationToken.None);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // What made us give up is told; this only tidies.
        }
    }

    /// <summary>Reads a range (null for all) into its place in the file; the version that was read, or null where the wanted one is not there.
    /// What breaks off in the middle goes on from there.</summary>
    private static async Task<string?> Range(S3Bucket bucket, string key, string? etag, (long First, long Last)? range, Microsoft.Win32.SafeHandles.SafeFileHandle file, Action<long>? moved, CancellationToken cancel)
    {
        var at = range?.First ?? 0;
        var buffer = ArrayPool<byte>.Shared.Rent(Block);
        try
        {
            for (var tries = 1; ; tries++)
                try
                {
                    var from = at;
                    return await bucket.Call<string?>("read", key, async () =>
                    {
                        var request = new GetObjectRequest { BucketName = bucket.Name, Key = key, RequestPayer = bucket.Payer };
                        if (range is { } bytes) request.ByteRange = new ByteRange(from, bytes.Last);
                        else if (from > 0) request.ByteRange = new ByteRange($"bytes={from}-");
                        if (etag is not null) request.EtagToMatch = $"\"{etag}\"";
                        using var response = await Found(bucket, request, cancel);
                        if (response is null) return null;
                        etag ??= S3Bucket.Unquoted(response.ETag);
                        int count;
                        while ((count = await response.ResponseStream.ReadAsync(buffer.AsMemory(0, Block), cancel)) > 0)
                        {
                            // Into the page cache: waiting for another thread to do it would take longer.
                            RandomAccess.Write(file, buffer.AsSpan(0, count), at);
                            at += count;
                            moved?.Invoke(count);
                        }
                        if (at - from < response.ContentLength) throw new HttpRequestException("the answer broke off");
                        return etag;
                    }, cancel);
                }
                catch (IOException error) when (tries < Tries && error.InnerException is HttpRequestException or IOException)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(100 * tries), cancel);
                }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Null where the object is not there, or not in the wanted version.</summary>
    private static async Task<GetObjectResponse?> Found(S3Bucket bucket, GetObjectRequest request, CancellationToken cancel)
    {
        try
        {
            return await bucket.Client.GetObjectAsync(request, cancel);
        }
        catch (AmazonServiceException error) when (error.Is(HttpStatusCode.Forbidden))
        {
            if (!await bucket.IsAbsent(request.Key, cancel)) throw;
            return null;
        }
        catch (AmazonServiceException error) when (error.Is(HttpStatusCode.NotFound) || error.Is(HttpStatusCode.PreconditionFailed))
        {
            return null;
        }
    }

    private async Task<T> Slot<T>(Func<Task<T>> work, CancellationToken cancel)
    {
        await _atOnce.WaitAsync(cancel);
        try
        {
            return await work();
        }
        finally
        {
            _atOnce.Release();
        }
    }
}
