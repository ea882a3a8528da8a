using System.Globalization;
using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Describing;

/// <summary>The few answers that hold several things in one line.</summary>
internal static class Pairs
{
    /// <summary><c>name=value name=value</c>.</summary>
    public static IReadOnlyList<(string Name, string Value)> Of(string text) =>
        [.. Words(text).Select(pair => pair.IndexOf('=') is > 0 and var at ? (pair[..at], pair[(at + 1)..]) : (pair, ""))];

    /// <summary>Words with spaces between; one that holds a space itself stands in double quotes, as <c>name="a b.tif"</c> does.</summary>
    public static IReadOnlyList<string> Words(string text)
    {
        var words = new List<string>();
        var word = new System.Text.StringBuilder();
        var (inWord, quoted) = (false, false);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] is '"' or '\\') word.Append(text[++i]);
            else if (text[i] == '"') quoted = !quoted;
            else if (quoted || text[i] != ' ') word.Append(text[i]);
            else
            {
                if (inWord) words.Add(word.ToString());
                word.Clear();
                inWord = false;
                continue;
            }
            inWord = true;
        }
        if (inWord) words.Add(word.ToString());
        return words;
    }

    /// <summary>As <see cref="Words"/> reads it.</summary>
    public static string Word(string text)
    {
        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
        return text.Contains(' ') || text.Length == 0 ? $"\"{escaped}\"" : escaped;
    }

    public static string? Flaw(string text, string example)
    {
        foreach (var (name, value) in Of(text))
            if (value.Length == 0) return $"“{name}” says no file. Write it as {example}.";
            else if (NameRule.Flaw(name) is { } flaw) return $"“{name}” cannot be a name. {flaw}";
        return null;
    }

    /// <summary><c>3=sentence; 4=sentence</c>: a transient one may help when tried again, <c>5 transient=sentence</c>.</summary>
    public static IReadOnlyList<(string Code, string Kind, string Says)> Exits(string text) => [.. text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(entry =>
    {
        var at = entry.IndexOf('=');
        var left = (at < 0 ? entry : entry[..at]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (left.Length > 0 ? left[0] : "", left.Length > 1 ? left[1] : "", at < 0 ? "" : entry[(at + 1)..].Trim());
    })];

    public static string? ExitsFlaw(string text)
    {
        foreach (var (code, kind, says) in Exits(text))
            if (!int.TryParse(code, CultureInfo.InvariantCulture, out var number) || number is < 0 or > 255) return $"“{code}” is not an exit code: they go from 0 to 255.";
            else if (kind is not ("" or "permanent" or "transient" or "success")) return $"“{kind}” is neither permanent, transient nor success.";
            else if (says.Length == 0) return $"What does {code} mean? Write {code}=a sentence.";
        return null;
    }

    /// <summary><c>0..10</c>, either end may be open.</summary>
    public static (string Least, string Most) Range(string text) => text.IndexOf("..", StringComparison.Ordinal) is >= 0 and var at ? (text[..at].Trim(), text[(at + 2)..].Trim()) : ("", "");

    public static string? RangeFlaw(string text)
    {
        if (text.Length == 0) return null;
        var (least, most) = Range(text);
        static bool Bad(string end) => end.Length > 0 && !double.TryParse(end, CultureInfo.InvariantCulture, out _);
        return !text.Contains("..", StringComparison.Ordinal) || Bad(least) || Bad(most) ? "Write it as 0..10, 0.. or ..1." : null;
    }

    /// <summary>Least and usual memory; the first is empty where one size is given.</summary>
    public static (string Least, string Usual) Memory(string text) => text.Contains("..", StringComparison.Ordinal) ? Range(text) : ("", text.Trim());

    public static string? MemoryFlaw(string text)
    {
        var (least, usual) = Memory(text);
        return text.Length == 0 || ByteSize.TryParse(usual, out var most) && (least.Length == 0 || ByteSize.TryParse(least, out var minimum) && minimum <= most) ? null : "A size such as 2 GiB is wanted, or two such as 1 GiB..2 GiB.";
    }
}
