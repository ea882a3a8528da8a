using System.Globalization;
using System.IO.Enumeration;
using System.Runtime.CompilerServices;
using Yunpipe.Items;
using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Local.Stores;

/// <summary>A folder of images. The version of a file is its size and time of last change, so nothing is read before it is needed.</summary>
public sealed class FolderLocation(string root) : ILocation
{
    /// <summary>Names are sorted in blocks of this many: order for the eye, bounded memory for a folder of millions.</summary>
    private const int Block = 10_000;

    private const string Pipe = "is a pipe, a socket or a device, not a file";

    public string Root { get; } = Path.GetFullPath(root);

    public async IAsyncEnumerable<SourceFile> List(Func<string, bool> stopsAt, Func<string, bool> enters, [EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.CompletedTask;
        foreach (var file in Walk("", [], stopsAt, enters))
        {
            cancel.ThrowIfCancellationRequested();
            yield return file;
        }
    }

    public SourceFile? Stat(string path)
    {
        var full = Path.Combine(Root, path);
        var (kind, size, changed) = Posix.Look(full);
        return kind switch
        {
            Posix.Kind.Nothing => null,
            Posix.Kind.Directory => OfDirectory(path, full),
            _ => new SourceFile(path, size, Version(size, changed), Flaw: kind == Posix.Kind.File ? null : Pipe),
        };
    }

    public ValueTask<string?> Fetch(ItemFile file, string folder, CancellationToken cancel)
    {
        var known = Stat(file.Path);
        return ValueTask.FromResult(known is { } found && found.Version == file.Version ? Path.Combine(Root, file.Path) : null);
    }

    public ValueTask<bool> IsUnchanged(ItemFile file, CancellationToken cancel) => ValueTask.FromResult(Stat(file.Path) is { } known && known.Version == file.Version);

    /// <param name="above">Real folders from which links led here.</param>
    private IEnumerable<SourceFile> Walk(string folder, IReadOnlyList<string> above, Func<string, bool> stopsAt, Func<string, bool> enters)
    {
        // A folder with a name that is no text cannot be entered by that name, and one may be closed or gone: each is told, and stops nobody else.
        if (folder.Length > 0 && Flaw(Path.Combine(Root, folder)) is { } flaw)
        {
            yield return new SourceFile(folder, 0, "", IsDirectory: true, flaw);
            yield break;
        }
        foreach (var block in Entries(Path.Combine(Root, folder)).Chunk(Block))
        {
            Array.Sort(block, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
            foreach (var entry in block)
            {
                var path = folder.Length == 0 ? entry.Name : $"{folder}/{entry.Name}";
                var (kind, size, changed) = Posix.Look(Path.Combine(Root, path), follows: false);
                // What has no text for a name cannot be looked at.
                if (kind == Posix.Kind.Nothing) kind = entry.IsDirectory ? Posix.Kind.Directory : Posix.Kind.File;
                var from = above;
                if (kind == Posix.Kind.Link)
                {
                    // Links are followed to files and into folders, but not into one that this path came through, so that a circle of links ends.
                    var real = Posix.RealPath(Path.Combine(Root, path));
                    if (real is null || File.Exists(real)) { yield return Stat(path) ?? new SourceFile(path, 0, "", Flaw: "is a link that leads nowhere"); continue; }
                    from = [.. above, Posix.RealPath(Path.Combine(Root, folder)) ?? ""];
                    if (from.Any(came => (came + "/").StartsWith(real.TrimEnd('/') + "/", StringComparison.Ordinal))) continue;
                }
                if (kind is Posix.Kind.File or Posix.Kind.Other) yield return new SourceFile(path, size, Version(size, changed), Flaw: kind == Posix.Kind.Other ? Pipe : null);
                else if (stopsAt(path)) yield return OfDirectory(path, Path.Combine(Root, path));
                else if (enters(path))
                    foreach (var file in Walk(path, from, stopsAt, enters)) yield return file;
            }
        }
    }

    private static FileSystemEnumerable<Entry> Entries(string folder) => new(
        folder, static (ref FileSystemEntry entry) => new Entry(entry.FileName.ToString(), entry.IsDirectory),
        new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false, RecurseSubdirectories = false });

    /// <summary>The version of a directory-style image: number of files, bytes, and a sum over name, size and time of each, in whatever order they are listed.
    /// The newest time alone would miss a file that was put back with its old one.</summary>
    private static SourceFile OfDirectory(string path, string full)
    {
        long size = 0, count = 0;
        ulong sum = 0;
        try
        {
            foreach (var file in new DirectoryInfo(full).EnumerateFiles("*", SearchOption.AllDirectories))
            {
                size += file.Length;
                count++;
                unchecked { sum += Fnv($"{file.FullName[full.Length..]}\0{Version(file.Length, file.LastWriteTimeUtc)}"); }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new SourceFile(path, 0, "", IsDirectory: true, Unlistable(error));
        }
        return new SourceFile(path, size, string.Create(CultureInfo.InvariantCulture, $"{count}-{size}-{sum:x}"), IsDirectory: true);
    }

    /// <summary>FNV-1a, 64 bits: the same for the same text on every machine.</summary>
    private static ulong Fnv(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text) hash = unchecked((hash ^ c) * 1099511628211UL);
        return hash;
    }

    /// <summary>Null where the folder can be listed.</summary>
    private static string? Flaw(string full)
    {
        try
        {
            using var entries = Entries(full).GetEnumerator();
            entries.MoveNext();
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Unlistable(error);
        }
    }

    private static string Unlistable(Exception error) => error is DirectoryNotFoundException
        ? "is a folder that went away, or whose name is not valid UTF-8" : "is a folder that may not be entered, or has such folders in it";

    private static string Version(long size, DateTime changed) => string.Create(CultureInfo.InvariantCulture, $"{size}-{changed.Ticks:x}");

    private readonly record struct Entry(string Name, bool IsDirectory);
}
