using System.Formats.Tar;
using Yunpipe.Documents;

namespace Yunpipe.Images.Files;

/// <summary>Where each file of a tar archive lies in it, found in one pass over its headers; nothing is unpacked. Names and links that lead out of the
/// archive are refused, though nobody would follow them here: whoever writes such names means harm.</summary>
internal sealed class TarIndex
{
    /// <summary>An image of a thousand layers has three thousand names; more is no image. It also bounds the memory.</summary>
    private const int MaxEntries = 100_000;

    private readonly Dictionary<string, (long Offset, long Length)> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _links = new(StringComparer.Ordinal);

    public static TarIndex Read(FileStream file, string name)
    {
        var index = new TarIndex();
        try
        {
            using var reader = new TarReader(file, leaveOpen: true);
            for (var count = 0; reader.GetNextEntry() is { } entry; count++)
            {
                if (count == MaxEntries) throw new ImageException(ImageCodes.NotAnArchive, $"{name} holds more than {MaxEntries:N0} files: it is no image.");
                index.Add(entry, file.Length, name);
            }
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or FormatException or ArgumentException)
        {
            throw new ImageException(ImageCodes.NotAnArchive, $"{name} is no tar archive, or cut off: {error.Message.TrimEnd('.')}.", "Save the image again.", error);
        }
        return index;
    }

    /// <summary>Where a file lies, through links within the archive; null where there is none.</summary>
    public (long Offset, long Length)? Find(string path)
    {
        for (var hops = 0; hops < 8; hops++)
        {
            if (_files.TryGetValue(path, out var place)) return place;
            if (!_links.TryGetValue(path, out path!)) return null;
        }
        return null;
    }

    private void Add(TarEntry entry, long end, string name)
    {
        if (entry.EntryType is TarEntryType.GlobalExtendedAttributes) return;
        var path = SafePath.Resolve("", entry.Name) ?? throw Unsafe(name, entry.Name);
        switch (entry.EntryType)
        {
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                // An empty file has no data to point at.
                var offset = entry.Length == 0 ? 0 : entry.DataOffset;
                if (offset < 0 || offset + entry.Length > end) throw new ImageException(ImageCodes.NotAnArchive, $"{name} is cut off: it ends in the middle of {Wording.Quote(path)}.", "Save or copy it again.");
                _files[path] = (offset, entry.Length);
                break;
            case TarEntryType.SymbolicLink:
                _links[path] = SafePath.Resolve(Path.GetDirectoryName(path) ?? "", entry.LinkName) ?? throw Unsafe(name, entry.LinkName);
                break;
            case TarEntryType.HardLink:
                _links[path] = SafePath.Resolve("", entry.LinkName) ?? throw Unsafe(name, entry.LinkName);
                break;
        }
    }

    private static ImageException Unsafe(string name, string path) =>
        new(ImageCodes.UnsafeName, $"{name} holds the name {Wording.Quote(path)}, which leads out of it.", "Do not use this archive.");
}
