namespace Yunpipe.Images.Files;

/// <summary>Names within an archive.</summary>
internal static class SafePath
{
    /// <summary>A path within the archive, relative to one of its folders, in its shortest form; null where it is absolute or leads out.</summary>
    public static string? Resolve(string folder, string path)
    {
        if (path.Length == 0 || path[0] == '/' || path.Contains('\0')) return null;
        var names = new List<string>(folder.Split('/', StringSplitOptions.RemoveEmptyEntries));
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == ".") continue;
            if (part != "..") names.Add(part);
            else if (names.Count == 0) return null;
            else names.RemoveAt(names.Count - 1);
        }
        return string.Join('/', names);
    }
}
