using System.Globalization;
using System.Text;

namespace Yunpipe.Documents;

/// <summary>How messages quote and enumerate, and the nearest right spelling of a word.</summary>
public static class Wording
{
    private const int LongestQuote = 60;

    /// <summary>Text in quotation marks: control characters are spelled out, long text is cut, so that a message stays one line.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("“");
        var count = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (count++ == LongestQuote) { quoted.Append('…'); break; }
            if (rune.Value == '\n') quoted.Append("\\n");
            else if (rune.Value == '\t') quoted.Append("\\t");
            else if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
            else quoted.Append(rune.ToString());
        }
        return quoted.Append('”').ToString();
    }

    /// <summary><c>“a”, “b” or “c”</c>; after twelve words the rest is counted.</summary>
    public static string AnyOf(IEnumerable<string> words) => Join(words, "or");

    /// <summary><c>“a”, “b” and “c”</c>.</summary>
    public static string AllOf(IEnumerable<string> words) => Join(words, "and");

    private static string Join(IEnumerable<string> words, string last)
    {
        var all = words.ToList();
        var shown = all.Take(12).Select(Quote).ToList();
        if (all.Count > shown.Count) return $"{string.Join(", ", shown)} {last} {all.Count - shown.Count} more";
        return shown.Count < 2 ? string.Concat(shown) : $"{string.Join(", ", shown.SkipLast(1))} {last} {shown[^1]}";
    }

    /// <summary><c>Did you mean “command”?</c>, or null where no known word is near.</summary>
    public static string? DidYouMean(string word, IEnumerable<string> known) =>
        Nearest(word, known) is { } near ? $"Did you mean {Quote(near)}?" : null;

    /// <summary>The known word with the fewest single-letter edits (a swap of neighbours is one), at most a third of its length; null if none is near.</summary>
    public static string? Nearest(string word, IEnumerable<string> known)
    {
        if (word.Length is 0 or > 64) return null;
        string? best = null;
        var least = int.MaxValue;
        foreach (var candidate in known)
        {
            if (candidate.Length > 64 || Math.Abs(candidate.Length - word.Length) >= least) continue;
            var edits = Edits(word.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (edits < least && edits <= Math.Max(1, Math.Min(candidate.Length, word.Length) / 3) && edits < candidate.Length) (best, least) = (candidate, edits);
        }
        return best;
    }

    private static int Edits(string a, string b)
    {
        var twoBack = new int[b.Length + 1];
        var back = new int[b.Length + 1];
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++) back[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(back[j] + 1, row[j - 1] + 1), back[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = Math.Min(row[j], twoBack[j - 2] + 1);
            }
            (twoBack, back, row) = (back, row, twoBack);
        }
        return back[b.Length];
    }
}
