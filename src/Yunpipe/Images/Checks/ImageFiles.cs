using System.Formats.Tar;

namespace Yunpipe.Images.Checks;

/// <summary>A file of an image, as a check needs it.</summary>
/// <param name="Link">Target of a symbolic link.</param>
/// <param name="Head">The first bytes of a file that may be executed, and of the lists of users and groups.</param>
internal sealed record ImageFile(TarEntryType Type, UnixFileMode Mode, int User, int Group, string? Link, ReadOnlyMemory<byte> Head)
{
    public bool IsDirectory => Type == TarEntryType.Directory;
    public bool IsLink => Type == TarEntryType.SymbolicLink;
}

/// <summary>The files of an image as its layers give them together, each laid over the ones before (OCI image specification, "Image Layer Filesystem
/// Changeset"). Links are followed inside the image only, as its own processes would follow them.</summary>
internal sealed class ImageFiles
{
    public const string Whiteout = ".wh.", Opaque = ".wh..wh..opq";

    /// <summary>More files has no image that anybody runs; a layer of endless names would fill the memory.</summary>
    private const int MostFiles = 4_000_000;

    /// <summary>As the kernel has it (path_resolution(7)).</summary>
    private const int MostLinks = 40;

    private static readonly ImageFile Implied = new(TarEntryType.Directory, (UnixFileMode)0b111_101_101, 0, 0, null, default);

    private readonly Node _root = new(Implied);
    private int _count;

    /// <summary>Lays one layer over those before. Its own files hide under none of its own whiteouts.</summary>
    public void Add(IReadOnlyList<(string Path, ImageFile File)> layer)
    {
        foreach (var (path, _) in layer)
        {
            var (folder, name) = Split(path);
            if (name == Opaque) At(folder)?.Children.Clear();
            else if (name.StartsWith(Whiteout, StringComparison.Ordinal)) At(folder)?.Children.Remove(name[Whiteout.Length..]);
        }
        foreach (var (path, file) in layer)
        {
            if (Split(path).Name.StartsWith(Whiteout, StringComparison.Ordinal)) continue;
            if (++_count > MostFiles) throw new ImageException(ImageCodes.TooLarge, $"A layer has more than {MostFiles:N0} files.", "Is this an image?");
            Put(path, file);
        }
    }

    /// <summary>The file behind a path and all links on the way to it, with the path that it is found at; null where there is none.</summary>
    public (string Path, ImageFile File)? Find(string path)
    {
        var left = new Stack<string>(Parts(path).Reverse());
        var at = new List<(string Name, Node Node)>();
        for (var links = 0; left.TryPop(out var name);)
        {
            if (name == "..")
            {
                if (at.Count > 0) at.RemoveAt(at.Count - 1);
                continue;
            }
            if (!(at.Count > 0 ? at[^1].Node : _root).Children.TryGetValue(name, out var node)) return null;
            if (!node.File.IsLink)
            {
                at.Add((name, node));
                continue;
            }
            if (++links > MostLinks) return null;
            if (node.File.Link!.StartsWith('/')) at.Clear();
            foreach (var part in Parts(node.File.Link).Reverse()) left.Push(part);
        }
        return ("/" + string.Join('/', at.Select(step => step.Name)), at.Count > 0 ? at[^1].Node.File : _root.File);
    }

    /// <summary>What stands at a path itself, for links of a layer to files of the same image.</summary>
    public ImageFile? Plain(string path) => At(path)?.File;

    private Node? At(string path)
    {
        var node = _root;
        foreach (var name in Parts(path))
            if (!node.Children.TryGetValue(name, out node!)) return null;
        return node;
    }

    private void Put(string path, ImageFile file)
    {
        var (folder, name) = Split(path);
        var node = _root;
        foreach (var part in Parts(folder))
        {
            if (!node.Children.TryGetValue(part, out var next) || !next.File.IsDirectory) node.Children[part] = next = new Node(Implied);
            node = next;
        }
        if (name.Length == 0) _root.File = file;
        else if (file.IsDirectory && node.Children.TryGetValue(name, out var there) && there.File.IsDirectory) there.File = file;
        else node.Children[name] = new Node(file);
    }

    private static IEnumerable<string> Parts(string path) => path.Split('/').Where(part => part.Length > 0 && part != ".");

    private static (string Folder, string Name) Split(string path)
    {
        var clean = path.TrimEnd('/');
        var at = clean.LastIndexOf('/');
        return clean is "" or "." ? ("", "") : at < 0 ? ("", clean) : (clean[..at], clean[(at + 1)..]);
    }

    private sealed class Node(ImageFile file)
    {
        private Dictionary<string, Node>? _children;

        public ImageFile File { get; set; } = file;
        public Dictionary<string, Node> Children => _children ??= new(StringComparer.Ordinal);
    }
}
