using System.Text;

namespace Yunpipe.Algorithms.Importing;

/// <summary>Pieces of template sources.</summary>
internal static class Sources
{
    /// <summary>Text that inserts nothing.</summary>
    public static string Literal(string text) => text.Replace("$", "$$", StringComparison.Ordinal);

    public static string Name(string name) => $"${{{name}}}";

    public static bool IsEnvironmentName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') && !name.StartsWith("YUNPIPE_", StringComparison.Ordinal);

    /// <summary>Every occurrence of any of the keys, longest first, with what <paramref name="insert"/> gives for it; the text between as <paramref name="literal"/> has it.</summary>
    public static string Replace(string text, IReadOnlyList<string> keys, Func<string, string> insert, Func<string, string> literal)
    {
        var result = new StringBuilder();
        var from = 0;
        for (var at = 0; at < text.Length;)
        {
            string? found = null;
            foreach (var key in keys)
                if (key.Length > (found?.Length ?? 0) && string.CompareOrdinal(text, at, key, 0, key.Length) == 0) found = key;
            if (found is null) { at++; continue; }
            result.Append(literal(text[from..at])).Append(insert(found));
            from = at += found.Length;
        }
        return result.Append(literal(text[from..])).ToString();
    }
}
