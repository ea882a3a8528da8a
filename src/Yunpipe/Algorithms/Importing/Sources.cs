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

    /// <summary>What keys become may be much longer than they are, and hold keys in turn: longer texts are told, not made.</summary>
    public const int Longest = 1_000_000;

    /// <summary>Every occurrence of any of the keys, longest first, with what <paramref name="insert"/> gives for it; the text between as <paramref name="literal"/> has it.
    /// A text that becomes longer than <see cref="Longest"/> is left there.</summary>
    public static string Replace(string text, KeySet keys, Func<string, string> insert, Func<string, string> literal)
    {
        var result = new StringBuilder();
        var from = 0;
        for (var at = 0; at < text.Length && result.Length <= Longest;)
        {
            if (keys.At(text, at) is not { } found) { at++; continue; }
            result.Append(literal(text[from..at])).Append(insert(found));
            from = at += found.Length;
        }
        return result.Append(literal(text[from..])).ToString();
    }
}
