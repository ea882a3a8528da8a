using System.Runtime.CompilerServices;
using Yunpipe.Items;
using Yunpipe.Stores;

namespace Yunpipe.Aws.Stores;

/// <summary>A prefix of a bucket as a place of images. The version of a file is its ETag: equal bytes that were sent alike have the same.</summary>
public sealed class S3Location(S3Bucket bucket, string prefix, S3Transfer transfer) : ILocation
{
    public S3Bucket Bucket => bucket;

    public string Prefix => prefix;

    public async IAsyncEnumerable<SourceFile> List(Func<string, bool> stopsAt, Func<string, bool> enters, [EnumeratorCancellation] CancellationToken cancel)
    {
        DirectoryCount? open = null;
        var skipped = new FolderRules(stopsAt, enters);
        await foreach (var found in bucket.List(prefix, cancel))
        {
            var path = found.Key[prefix.Length..];
            if (open is not null && path.StartsWith(open.Path + "/", StringComparison.Ordinal))
            {
                open.Add(found, path);
                continue;
            }
            if (open?.ToFile() is { } directory) yield return directory;
            open = null;
            // An empty object called as a folder is how consoles show one.
            if (path.Length == 0 || path.EndsWith('/') && found.Size == 0) continue;
            switch (skipped.Of(path))
            {
                case (var at, true):
                    open = new DirectoryCount(at!);
                    open.Add(found, path);
                    break;
                case (null, false):
                    yield return new SourceFile(path, found.Size, found.ETag);
                    break;
            }
        }
        if (open?.ToFile() is { } last) yield return last;
    }

    /// <summary>Asks the bucket and waits: tables and sidecars are looked up one by one.</summary>
    public SourceFile? Stat(string path) => Look(path, true, CancellationToken.None).AsTask().GetAwaiter().GetResult()?.File;

    public async ValueTask<string?> Fetch(ItemFile file, string folder, CancellationToken cancel)
    {
        var target = Path.Combine(folder, "fetched", "input", file.Path);
        if (!file.IsDirectory) return await transfer.Download(bucket, prefix + file.Path, file.Version, file.Size, target, cancel) ? target : null;
        // What is brought is what is counted: a directory that has changed since is another version.
        var count = new DirectoryCount(file.Path);
        var whole = true;
        Directory.CreateDirectory(target);
        await Parallel.ForEachAsync(bucket.List(prefix + file.Path + "/", cancel), new ParallelOptions { MaxDegreeOfParallelism = transfer.Limits.AtOnce, CancellationToken = cancel }, async (found, stop) =>
        {
            lock (count) count.Add(found, found.Key[prefix.Length..]);
            if (found.Key.EndsWith('/')) return;
            var name = found.Key[(prefix.Length + file.Path.Length + 1)..];
            if (ItemKey.Flaw(name) is not null || !await transfer.Download(bucket, found.Key, found.ETag, found.Size, Path.Combine(target, name), stop)) Volatile.Write(ref whole, false);
        });
        return whole && count.ToFile().Version == file.Version ? target : null;
    }

    /// <summary>What was fetched is a copy of that version, whatever happens to the object.</summary>
    public ValueTask<bool> IsUnchanged(ItemFile file, CancellationToken cancel) => ValueTask.FromResult(true);

    /// <summary>What is at a path, and when it was written last.</summary>
    /// <param name="directories">True where it may be a directory-style image.</param>
    public async ValueTask<(SourceFile File, DateTimeOffset Changed)?> Look(string path, bool directories, CancellationToken cancel)
    {
        if (await bucket.Head(prefix + path, cancel) is { } found) return (new SourceFile(path, found.Size, found.ETag), found.Changed);
        if (!directories) return null;
        var count = new DirectoryCount(path);
        DateTimeOffset newest = default;
        await foreach (var below in bucket.List(prefix + path + "/", cancel))
        {
            count.Add(below, below.Key[prefix.Length..]);
            if (below.Changed > newest) newest = below.Changed;
        }
        return count.Files > 0 ? (count.ToFile(), newest) : null;
    }

    /// <summary>Asks the rules once for each folder that a listing comes to, since keys of one folder stand together.</summary>
    private sealed class FolderRules(Func<string, bool> stopsAt, Func<string, bool> enters)
    {
        private readonly List<(string Folder, bool Stops, bool Enters)> _way = [];

        /// <summary>The folder that a path is part of as one image (true), or that nobody wants to look into (false, with its name); null and false for a file.</summary>
        public (string? Folder, bool IsImage) Of(string path)
        {
            while (_way.Count > 0 && !path.StartsWith(_way[^1].Folder + "/", StringComparison.Ordinal)) _way.RemoveAt(_way.Count - 1);
            for (var slash = path.IndexOf('/', _way.Count > 0 ? _way[^1].Folder.Length + 1 : 0); slash >= 0; slash = path.IndexOf('/', slash + 1))
                if (slash > 0) _way.Add((path[..slash], stopsAt(path[..slash]), enters(path[..slash])));
            foreach (var (folder, stops, looks) in _way)
                if (stops) return (folder, true);
                else if (!looks) return (folder, false);
            return (null, false);
        }
    }
}
