using System.Text.RegularExpressions;

namespace Yunpipe.Documents;

/// <summary>Regular expressions from documents: always matched in linear time, so that no pattern and no file name can hang a run.
/// Python's <c>(?P&lt;x&gt;…)</c> is read as <c>(?&lt;x&gt;…)</c>.</summary>
public static class LinearPattern
{
    private const int Longest = 1000;

    /// <summary>The pattern, or null and what is wrong with it as the end of a sentence (“the pattern …”).</summary>
    /// <param name="whole">True where the whole text must match.</param>
    public static Regex? TryParse(string pattern, bool whole, out string? flaw)
    {
        flaw = null;
        if (pattern.Length > Longest) { flaw = $"is longer than {Longest} characters"; return null; }
        try
        {
            var text = pattern.Replace("(?P<", "(?<", StringComparison.Ordinal);
            // Parsed alone first: inside the frame “a)(b” would close it.
            var parsed = new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
            return whole ? new Regex($@"\A(?:{text})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)) : parsed;
        }
        catch (RegexParseException error)
        {
            flaw = $"cannot be understood at character {error.Offset + 1}: {Reason(error)}";
        }
        catch (NotSupportedException)
        {
            flaw = "looks ahead, looks behind, refers back, or repeats too much, which cannot be matched in linear time";
        }
        return null;
    }

    private static string Reason(RegexParseException error)
    {
        var text = error.Message;
        var start = text.LastIndexOf(". ", StringComparison.Ordinal);
        return (start > 0 ? text[(start + 2)..] : text).TrimEnd('.');
    }
}
