using System.Text;

namespace Yunpipe.Items;

/// <summary>Rules for keys and names: a file name is data, but it may not leave its root (design.md §3.5, model.md "Steps").</summary>
public static class ItemKey
{
    /// <summary>Longest name of one file, in bytes of UTF-8.</summary>
    public const int MaxName = 255;

    /// <summary>Longest key, in bytes of UTF-8.</summary>
    public const int MaxKey = 1024;

    /// <summary>Null when the path is a usable relative key; otherwise what is wrong with it, as the end of a sentence.</summary>
    public static string? Flaw(string path)
    {
        if (path.Length == 0) return "is empty";
        if (path[0] == '/') return "starts with a slash";
        if (path.Contains('\0')) return "holds a zero byte";
        if (path.Contains('\uFFFD')) return "is not valid UTF-8";
        if (path.Length * 3 > MaxKey && Encoding.UTF8.GetByteCount(path) > MaxKey) return $"is longer than {MaxKey} bytes";
        var start = 0;
        while (start <= path.Length)
        {
            var end = path.IndexOf('/', start);
            if (end < 0) end = path.Length;
            var segment = path.AsSpan(start, end - start);
            if (segment.Length == 0) return "has an empty part between slashes";
            if (segment is "." or "..") return "has a part that is “.” or “..”";
            if (segment.Length * 3 > MaxName && Encoding.UTF8.GetByteCount(segment) > MaxName) return $"has a name longer than {MaxName} bytes";
            start = end + 1;
        }
        return null;
    }
}
