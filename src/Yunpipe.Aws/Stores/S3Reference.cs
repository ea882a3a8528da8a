using Yunpipe.Documents;
using Yunpipe.Items;
using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Aws.Stores;

/// <summary>Reference data in a bucket: one object, or all objects below a prefix. Its version is made of ETags, as that of images is.</summary>
public static class S3Reference
{
    private const string Absent = "YP2002";

    /// <summary>What is there now. A problem's message is the end of a sentence that begins with the place.</summary>
    /// <param name="place"><c>s3://bucket/key</c>; of a directory with or without a slash at its end.</param>
    /// <param name="service">Tells one service from another that has a bucket of the same name.</param>
    public static async Task<Reading<RemoteReference>> Look(Func<string, S3Bucket> open, string service, string place, bool directory, S3Transfer transfer, CancellationToken cancel)
    {
        var address = S3Address.Read(place);
        if (address.Value is not { Address: var at }) return Wrong(address.Problems[0].Code, "is no place in S3.", address.Problems[0].Advice);
        var key = at.Prefix.TrimEnd('/');
        if (!directory && (place.EndsWith('/') || key.Length == 0))
            return Wrong(Absent, "names a folder, and one file is meant.", "Name an object: s3://bucket/folder/file. For all files of a folder the variable is of type directory.");
        var name = key.Length == 0 ? at.Bucket : key[(key.LastIndexOf('/') + 1)..];
        if (ItemKey.Flaw(name) is { } flaw) return Wrong(Absent, $"cannot be a file here: its name {flaw}.");
        var bucket = open(at.Bucket);
        var source = $"{service} {S3Address.Scheme}{at.Bucket}/{(directory ? at.Prefix : key)}";
        if (directory) return await Below(bucket, at.Prefix, source, name, transfer, cancel);
        if (await bucket.Head(key, cancel) is { } found)
            return new(new RemoteReference(source, name, false, $"{found.ETag}-{found.Size}", found.Size, (path, moved, stop) => transfer.Download(bucket, key, found.ETag, found.Size, path, stop, moved)), []);
        return await bucket.List(key + "/", cancel).AnyAsync(cancel) ? Wrong(Absent, "is a folder there, and one file is meant.", "For all files of a folder the variable is of type directory.") : Wrong(Absent, "is not there.");
    }

    private static async Task<Reading<RemoteReference>> Below(S3Bucket bucket, string prefix, string source, string name, S3Transfer transfer, CancellationToken cancel)
    {
        var (count, size, folders) = (new DirectoryCount(prefix), 0L, new HashSet<string>(StringComparer.Ordinal));
        await foreach (var found in bucket.List(prefix, cancel))
        {
            if (found.Key.EndsWith('/')) continue;
            count.Add(found, found.Key);
            size += found.Size;
            var path = found.Key[prefix.Length..];
            if (ItemKey.Flaw(path) is { } flaw) return Wrong(Absent, $"cannot be a folder here: {Wording.Quote(path)} {flaw}.");
            for (var slash = path.IndexOf('/'); slash >= 0; slash = path.IndexOf('/', slash + 1)) folders.Add(path[..slash]);
        }
        if (count.Files == 0) return Wrong(Absent, prefix.Length == 0 || await bucket.Head(prefix.TrimEnd('/'), cancel) is null ? "is not there." : "is a file there, and a directory is meant.");
        return new(new RemoteReference(source, name, true, count.ToFile().Version, size, (path, moved, stop) => Fetch(bucket, prefix, count.ToFile(), path, folders, transfer, moved, stop)), []);
    }

    private static async Task<bool> Fetch(S3Bucket bucket, string prefix, SourceFile wanted, string target, HashSet<string> folders, S3Transfer transfer, Action<long> moved, CancellationToken cancel)
    {
        DiskRoom.Check(target, wanted.Size);
        Directory.CreateDirectory(target);
        foreach (var folder in folders) Directory.CreateDirectory(Path.Combine(target, folder));
        // What is brought is what is counted: a directory that has changed since is another version.
        var (count, whole) = (new DirectoryCount(prefix), true);
        await Parallel.ForEachAsync(bucket.List(prefix, cancel), new ParallelOptions { MaxDegreeOfParallelism = transfer.Limits.AtOnce, CancellationToken = cancel }, async (found, stop) =>
        {
            lock (count) count.Add(found, found.Key);
            var path = found.Key[prefix.Length..];
            if (found.Key.EndsWith('/')) return;
            if (folders.Contains(path)) throw new IOException($"{Wording.Quote(path)} is both a file and a folder there");
            if (ItemKey.Flaw(path) is not null || !await transfer.Download(bucket, found.Key, found.ETag, found.Size, Path.Combine(target, path), stop, moved)) Volatile.Write(ref whole, false);
        });
        return whole && count.ToFile().Version == wanted.Version;
    }

    private static Reading<RemoteReference> Wrong(string code, string message, string? advice = null) => new(null, [new Problem(code, message, null, advice)]);
}
