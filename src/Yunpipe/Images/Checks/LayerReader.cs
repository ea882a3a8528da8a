using System.Formats.Tar;
using System.IO.Compression;
using Yunpipe.Documents;
using Yunpipe.Images.Files;

namespace Yunpipe.Images.Checks;

/// <summary>Reads layers one after the other as streams: names, rights, and the first bytes of what may be executed. Nothing is unpacked to a disk.</summary>
internal static class LayerReader
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Bytes of all heads together; past it a program is known by name only.</summary>
    private const long MostHeads = 64 << 20;

    /// <summary>Lists of users and groups, which say who may write where.</summary>
    private const int MostList = 256 << 10;

    /// <summary>The files of an image, or null where a layer is packed in a way that is not looked into, or not to be had from a registry.</summary>
    public static async Task<ImageFiles?> Read(ImagePlace place, ImageManifest manifest, IProgress<CopyProgress>? progress, CancellationToken cancel)
    {
        if (manifest.Layers.Any(layer => MediaTypes.IsForeign(layer.MediaType) || MediaTypes.Packing(layer.MediaType) is not (LayerPacking.Tar or LayerPacking.Gzip))) return null;
        var files = new ImageFiles();
        var heads = MostHeads;
        var (before, total) = (0L, manifest.Layers.Sum(layer => layer.Size));
        foreach (var layer in manifest.Layers)
        {
            var done = before;
            await using var blob = new WatchedStream(await place.OpenBlob(layer, cancel), count => progress?.Report(new CopyProgress("looking into layers", done += count, total)));
            await using var tar = MediaTypes.Packing(layer.MediaType) == LayerPacking.Gzip ? (Stream)new GZipStream(blob, CompressionMode.Decompress) : blob;
            files.Add(await Entries(tar, files, place.Name, () => heads > 0, read => heads -= read, cancel));
            before += layer.Size;
        }
        return files;
    }

    private static async Task<List<(string, ImageFile)>> Entries(Stream tar, ImageFiles below, string name, Func<bool> mayKeep, Action<int> kept, CancellationToken cancel)
    {
        var entries = new List<(string Path, ImageFile File)>();
        var here = new Dictionary<string, ImageFile>(StringComparer.Ordinal);
        try
        {
            await using var reader = new TarReader(tar, leaveOpen: true);
            while (await reader.GetNextEntryAsync(copyData: false, cancel) is { } entry)
            {
                if (entry.EntryType is TarEntryType.GlobalExtendedAttributes) continue;
                var path = Clean(entry.Name, name);
                var file = await File(entry, path, below, here, name, mayKeep, kept, cancel);
                here[path] = file;
                entries.Add((path, file));
            }
        }
        catch (Exception error) when (error is InvalidDataException or FormatException or EndOfStreamException)
        {
            throw new ImageException(ImageCodes.BadLayer, $"A layer of {name} is no tar: {error.Message.TrimEnd('.')}.", "Push or build the image again.", error);
        }
        return entries;
    }

    private static async Task<ImageFile> File(TarEntry entry, string path, ImageFiles below, Dictionary<string, ImageFile> here, string name, Func<bool> mayKeep, Action<int> kept, CancellationToken cancel)
    {
        if (entry.EntryType == TarEntryType.HardLink && Clean(entry.LinkName, name) is var target && (here.GetValueOrDefault(target) ?? below.Plain(target)) is { } same) return same;
        var isFile = entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile;
        var wanted = !isFile ? 0 : path is "etc/passwd" or "etc/group" ? MostList : (entry.Mode & AnyExecute) != 0 && mayKeep() ? ExecutableHead.Length : 0;
        var head = new byte[Math.Min(wanted, entry.Length)];
        if (head.Length > 0) await entry.DataStream!.ReadExactlyAsync(head, cancel);
        kept(head.Length);
        var type = isFile ? TarEntryType.RegularFile : entry.EntryType;
        return new ImageFile(type, entry.Mode, entry.Uid, entry.Gid, type == TarEntryType.SymbolicLink ? entry.LinkName : null, head);
    }

    /// <summary>A name as a path below the image's root. What would lead out of it is no layer that an engine takes.</summary>
    private static string Clean(string path, string name)
    {
        var parts = path.Split('/').Where(part => part.Length > 0 && part != ".").ToArray();
        return parts.Contains("..") ? throw new ImageException(ImageCodes.UnsafeName, $"A layer of {name} holds the name {Wording.Quote(path)}, which leads out of the image.", "Do not use this image.") : string.Join('/', parts);
    }
}
