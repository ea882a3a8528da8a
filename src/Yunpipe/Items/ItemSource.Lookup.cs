namespace Yunpipe.Items;

// From one path to the item it belongs to, for whoever hears of files one by one and does not list them all.
public sealed partial class ItemSource
{
    /// <summary>The key of the item that a listed file or directory-style image is part of; null where it is part of none.</summary>
    public string? KeyOf(string path, bool isDirectory = false)
    {
        if (!_filter.Takes(new SourceFile(path, 0, "", isDirectory)) || ItemKey.Flaw(path) is not null) return null;
        if ((_pattern is null ? Nothing : _pattern.Match(path)) is not { } meta) return null;
        if (_spec.Item is not { Parts.Count: > 0 } grouping) return path;
        return new ItemGroups(grouping).KeyOf(meta) is { } key && ItemKey.Flaw(key) is null ? key : null;
    }

    /// <summary>The metadata that a path holds; null where it does not match.</summary>
    public IReadOnlyDictionary<string, string>? MetaOf(string path) => _pattern is null ? Nothing : _pattern.Match(path);

    /// <summary>True where the name may be that of another file's companion.</summary>
    public bool IsSidecar(string path) => _filter.IsSidecar(path);

    /// <summary>The directory-style image that a file is inside of; null where it is in none.</summary>
    public string? DirectoryOf(string path)
    {
        if (!_spec.Directories) return null;
        for (var slash = path.IndexOf('/'); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            var directory = path[..slash];
            if (_filter.StopsAt(directory)) return directory;
            if (!_filter.Enters(directory)) return null;
        }
        return null;
    }
}
