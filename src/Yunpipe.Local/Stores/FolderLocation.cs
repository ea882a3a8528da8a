using System.Globalization;
using System.IO.Enumeration;
using System.Runtime.CompilerServices;
using Yunpipe.Items;
using Yunpipe.Stores;

namespace Yunpipe.Local.Stores;

/// <summary>A folder of images. The version of a file is its size and time of last change, so nothing is read before it is needed.</summary>
public sealed class FolderLocation(string root) : ILocation
{
    /// <summary>Names are sorted in blocks of this many: order for the eye, bounded memory for a folder of millions.</summary>
    private const int Block = 10_000;

    public string Root { get; } = Path.GetFullPath(root);

    public async IAsyncEnumerable<SourceFile> List(Func<string, bool> stopsAt, Func<string, bool> enters, [EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.CompletedTask;
        foreach (var file in Walk("", stopsAt, enters))
        {
            cancel.ThrowIfCancellationRequested();
            yield return file;
        }
    }

    public SourceFile? Stat(string path)
    {
        var full = Path.Combine(Root, path);
        var file = new FileInfo(full);
        if ((int)file.Attributes != -1 && (file.Attributes & FileAttributes.ReparsePoint) != 0 && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target) file = target;
        if (file.Exists) return new SourceFile(path, file.Length, Version(file.Length, file.LastWriteTimeUtc));
        return Directory.Exists(full) ? OfDirectory(path, full) : null;
    }

    public ValueTask<string?> Fetch(ItemFile file, string folder, CancellationToken cancel)
    {
        var known = Stat(file.Path);
        return ValueTask.FromResult(known is { } found && found.Version == file.Version ? Path.Combine(Root, file.Path) : null);
    }

    private IEnumerable<SourceFile> Walk(string folder, Func<string, bool> stopsAt, Func<string, bool> enters)
    {
        foreach (var block in Entries(Path.Combine(Root, folder)).Chunk(Block))
        {
            Array.Sort(block, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
            foreach (var entry in block)
            {
                var path = folder.Length == 0 ? entry.Name : $"{folder}/{entry.Name}";
                if (entry.IsLink)
                {
                    // Links are followed to files; into linked folders only once, so that a circle of links ends.
                    if (Stat(path) is not { } target) { yield return new SourceFile(path, -1, "broken-link"); continue; }
                    if (!target.IsDirectory) { yield return target; continue; }
                    if (LeadsUp(path)) continue;
                }
                if (!entry.IsDirectory) yield return new SourceFile(path, entry.Length, Version(entry.Length, entry.Changed));
                else if (stopsAt(path)) yield return OfDirectory(path, Path.Combine(Root, path));
                else if (enters(path))
                    foreach (var file in Walk(path, stopsAt, enters)) yield return file;
            }
        }
    }

    private static FileSystemEnumerable<Entry> Entries(string folder) => new(
        folder, static (ref FileSystemEntry entry) =>
        {
            var link = (entry.Attributes & FileAttributes.ReparsePoint) != 0;
            return new Entry(entry.FileName.ToString(), entry.IsDirectory, link, entry.IsDirectory || link ? 0 : entry.Length, entry.IsDirectory || link ? default : entry.LastWriteTimeUtc.UtcDateTime);
        },
        new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false, RecurseSubdirectories = false });

    /// <summary>The version of a directory-style image: number of files, bytes and the newest change below it.</summary>
    private static SourceFile OfDirectory(string path, string full)
    {
        long size = 0, count = 0;
        var newest = DateTime.MinValue;
        foreach (var file in new DirectoryInfo(full).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            size += file.Length;
            count++;
            if (file.LastWriteTimeUtc > newest) newest = file.LastWriteTimeUtc;
        }
        return new SourceFile(path, size, $"{count}-{Version(size, newest)}", IsDirectory: true);
    }

    private bool LeadsUp(string path)
    {
        var target = new DirectoryInfo(Path.Combine(Root, path)).ResolveLinkTarget(returnFinalTarget: true)?.FullName;
        return target is null || (Path.Combine(Root, path) + "/").StartsWith(target.TrimEnd('/') + "/", StringComparison.Ordinal);
    }

    private static string Version(long size, DateTime changed) => string.Create(CultureInfo.InvariantCulture, $"{size}-{changed.Ticks:x}");

    private readonly record struct Entry(string Name, bool IsDirectory, bool IsLink, long Length, DateTime Changed);
}
