using Yunpipe.Documents;

namespace Yunpipe.Images;

/// <summary>What kind of place a name means.</summary>
public enum PlaceKind { Reference, Registry, Layout, Archive, DockerArchive, OciArchive, Docker, Podman }

/// <summary>A place as people write it. <see cref="Path"/> is a folder or a file, or empty; <see cref="Name"/> is a reference, or what an image is called in a folder.
/// <code>
/// docker://REF                           a registry
/// oci:DIR[:NAME]                         a layout folder
/// oci-archive:FILE[:NAME]                an OCI layout in a tar file
/// docker-archive:FILE[:NAME]             what docker save writes
/// docker-daemon:NAME, podman:NAME        a local engine
/// ./DIR[:NAME], an existing layout       a layout folder
/// FILE.tar[.gz][:NAME], an existing file an archive, told by its content
/// anything else                          a reference
/// </code></summary>
public sealed record PlaceName(PlaceKind Kind, string Path, string? Name)
{
    private static readonly (string Prefix, PlaceKind Kind)[] Prefixes =
    [
        ("docker://", PlaceKind.Registry), ("oci-archive:", PlaceKind.OciArchive), ("docker-archive:", PlaceKind.DockerArchive), ("oci:", PlaceKind.Layout),
        ("docker-daemon:", PlaceKind.Docker), ("podman:", PlaceKind.Podman),
    ];

    private static readonly string[] ArchiveEndings = [".tar", ".tar.gz", ".tgz"];

    /// <summary>Reads a place; looks at the disk only to tell a file from a reference. The flaw is half a sentence.</summary>
    public static bool TryParse(string text, out PlaceName place, out string flaw)
    {
        (place, flaw) = (null!, "");
        foreach (var (prefix, kind) in Prefixes)
            if (text.StartsWith(prefix, StringComparison.Ordinal))
            {
                var rest = text[prefix.Length..];
                if (rest.Length == 0) return Fail($"nothing follows “{prefix}”", out flaw);
                return kind is PlaceKind.Registry or PlaceKind.Docker or PlaceKind.Podman ? Reference(kind, rest, out place, out flaw) : File(kind, rest, out place, out flaw);
            }
        if (text.Contains('\0')) return Fail("it holds a character that no name can hold", out flaw);
        var (path, _) = Split(text);
        if (System.IO.Directory.Exists(path) && Files.LayoutPlace.Is(path) || path is "." or ".." || !IsArchive(path) && !System.IO.File.Exists(path) && LooksLikePath(path))
            return File(PlaceKind.Layout, text, out place, out flaw);
        if (IsArchive(path) || System.IO.File.Exists(path) && LooksLikePath(path)) return File(PlaceKind.Archive, text, out place, out flaw);
        return Reference(PlaceKind.Reference, text, out place, out flaw);
    }

    private static bool IsArchive(string path) => ArchiveEndings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    /// <summary>No reference starts like this.</summary>
    private static bool LooksLikePath(string path) => path.StartsWith('/') || path.StartsWith("./", StringComparison.Ordinal) || path.StartsWith("../", StringComparison.Ordinal);

    private static bool Reference(PlaceKind kind, string text, out PlaceName place, out string flaw)
    {
        place = new PlaceName(kind, "", text);
        // An engine knows its images by their ids too.
        return kind is PlaceKind.Docker or PlaceKind.Podman && Digest.TryParse(text, out _) && (flaw = "") is not null || ImageReference.TryParse(text, out _, out flaw);
    }

    private static bool File(PlaceKind kind, string text, out PlaceName place, out string flaw)
    {
        var (path, name) = Split(text);
        place = new PlaceName(kind, path, name);
        if (path.Length == 0) return Fail("the folder or file is missing", out flaw);
        if (name is not null && (name.Length == 0 || name.Any(c => char.IsControl(c) || c == ' '))) return Fail($"{Wording.Quote(name)} is not a name of an image", out flaw);
        flaw = "";
        return true;
    }

    /// <summary>The path ends at its first colon, unless there is a file with colons in its name. A digest comes after “@”.</summary>
    private static (string Path, string? Name) Split(string text)
    {
        if (System.IO.Path.Exists(text)) return (text, null);
        if (text.IndexOf('@') is var at and > 0 && Digest.TryParse(text[(at + 1)..], out var digest)) return (text[..at], digest.ToString());
        var colon = text.IndexOf(':');
        return colon < 0 ? (text, null) : (text[..colon], text[(colon + 1)..]);
    }

    private static bool Fail(string why, out string flaw)
    {
        flaw = why;
        return false;
    }
}
