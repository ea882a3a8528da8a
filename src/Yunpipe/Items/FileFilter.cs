using Yunpipe.Algorithms;
using Yunpipe.Workflows;

namespace Yunpipe.Items;

/// <summary>Which listed files are the workflow's input, and how deep a lister goes.</summary>
internal sealed class FileFilter
{
    private static readonly string[] IgnoredEndings = [".tmp", ".part"];
    private readonly IReadOnlyList<Glob> _ignore, _include, _sidecars;
    private readonly PathPattern? _pattern;
    private readonly InputSpec _spec;

    public FileFilter(InputSpec spec, PathPattern? pattern)
    {
        (_spec, _pattern) = (spec, pattern);
        _ignore = Glob.All(spec.Ignore);
        _include = Glob.All(spec.Include);
        _sidecars = Glob.All(spec.Sidecars.Select(sidecar => AsGlob(sidecar.Path)).OfType<string>());
    }

    /// <summary>False for what is ignored by default or by the workflow, and for companions of other files.</summary>
    public bool Takes(in SourceFile file) =>
        file.IsDirectory == _spec.Directories && !IgnoredByDefault(file.Path) && !Glob.Any(_ignore, file.Path) &&
        (_include.Count == 0 || Glob.Any(_include, file.Path)) && !Glob.Any(_sidecars, file.Path);

    /// <summary>True where a directory is itself an item's part, so that its members are not listed.</summary>
    public bool StopsAt(string directory) =>
        _spec.Directories && Takes(new SourceFile(directory, 0, "", IsDirectory: true)) &&
        (_pattern is not null ? _pattern.Match(directory) is not null : _include.Count > 0 || IsDirectoryImage(directory));

    /// <summary>True where the name may be that of another file's companion.</summary>
    public bool IsSidecar(string path) => Glob.Any(_sidecars, path);

    public bool Enters(string directory) => !IgnoredByDefault(directory) && !Glob.Any(_ignore, directory);

    private bool IsDirectoryImage(string directory) =>
        directory.EndsWith(".zarr", StringComparison.OrdinalIgnoreCase) ||
        _spec.Extensions.Any(extension => directory.EndsWith(extension, StringComparison.OrdinalIgnoreCase));

    /// <summary>Hidden names, half-written files, what file browsers leave behind, and Yunpipe's own folder.</summary>
    private static bool IgnoredByDefault(string path)
    {
        if (IsHidden(path)) return true;
        foreach (var ending in IgnoredEndings)
            if (path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) return true;
        var name = path.AsSpan(path.LastIndexOf('/') + 1);
        return name.Equals("Thumbs.db", StringComparison.OrdinalIgnoreCase) || path == "_yunpipe" || path.StartsWith("_yunpipe/", StringComparison.Ordinal);
    }

    /// <summary>“.” and “..” are no hidden names but flaws (a bucket may hold such keys), and are reported as such.</summary>
    private static bool IsHidden(string path)
    {
        if (!path.StartsWith('.') && !path.Contains("/.", StringComparison.Ordinal)) return false;
        foreach (var range in path.AsSpan().Split('/'))
            if (path.AsSpan(range) is ['.', ..] and not ("." or "..")) return true;
        return false;
    }

    /// <summary>The files that a sidecar template may name; null where it may name any, so that nothing can be told from it.</summary>
    private static string? AsGlob(Template template)
    {
        var text = string.Concat(template.Pieces.Select(piece => piece.IsName ? "*" : piece.Text));
        if (text.All(c => c is '*' or '/' or '.')) return null;
        return text.StartsWith('/') || !text.Contains('/') ? text : "**/" + text;
    }
}
