using System.Text;

namespace Yunpipe.Algorithms.Importing;

/// <summary>Text, or a key that a value is put in place of.</summary>
internal readonly record struct ShellPiece(string Text, bool IsKey);

/// <summary>A word of a shell command, without its quotes.</summary>
internal sealed record ShellWord(IReadOnlyList<ShellPiece> Pieces);

/// <param name="Redirections">Those at the end, by “&lt;”, “&gt;” and “2”; null where anything else needs a shell.</param>
/// <param name="NeedsShell">What a shell would act on, in words; null for plain words.</param>
/// <param name="Flaw">Why it cannot be read at all, as a sentence.</param>
internal sealed record ShellWords(IReadOnlyList<ShellWord> Words, IReadOnlyList<(char Kind, ShellWord Word)>? Redirections, string? NeedsShell, string? Flaw);

/// <summary>Reads a command line that was written for a shell, in which keys stand for values that come quoted. Nothing is ever run.</summary>
internal static class ShellText
{
    /// <summary>The pieces of the text with the quote that each stands in; quotes themselves are text.</summary>
    public static IEnumerable<(ShellPiece Piece, char Quote)> Pieces(string text, KeySet keys)
    {
        var quote = '\0';
        var plain = new StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            if (keys.At(text, at) is { } key)
            {
                if (plain.Length > 0) yield return (new ShellPiece(plain.ToString(), false), quote);
                plain.Clear();
                yield return (new ShellPiece(key, true), quote);
                at += key.Length;
                continue;
            }
            var c = text[at];
            if (c == '\\' && quote != '\'' && at + 1 < text.Length) plain.Append(text[at++]);
            else if (c == quote) quote = '\0';
            else if (c is '\'' or '"' && quote == '\0') quote = c;
            plain.Append(text[at++]);
        }
        if (plain.Length > 0) yield return (new ShellPiece(plain.ToString(), false), quote);
    }

    public static ShellWords Split(string text, KeySet keys)
    {
        var words = new List<ShellWord>();
        var redirections = new List<(char, ShellWord)>();
        var pieces = new List<ShellPiece>();
        var plain = new StringBuilder();
        var inWord = false;
        char? into = null;
        string? needs = null, other = null;
        for (var at = 0; at < text.Length;)
        {
            if (keys.At(text, at) is { } key)
            {
                Flush();
                pieces.Add(new ShellPiece(key, true));
                inWord = true;
                at += key.Length;
                continue;
            }
            var c = text[at++];
            switch (c)
            {
                case ' ' or '\t' or '\n' or '\r':
                    if (c == '\n' && text[at..].Trim().Length > 0 && (inWord || words.Count > 0)) other ??= "several lines";
                    End();
                    continue;
                case '\'':
                    var end = text.IndexOf('\'', at);
                    if (end < 0) return Bad("A single quote is opened and never closed.");
                    // A key in quotes is still replaced, and its own quotes end these: such a line only a shell can make sense of.
                    for (var inside = at; inside < end; inside++)
                        if (keys.At(text, inside) is not null) other ??= "quotes around a value";
                    plain.Append(text, at, end - at);
                    at = end + 1;
                    break;
                case '"':
                    for (; at < text.Length && text[at] != '"'; at++)
                    {
                        if (keys.At(text, at) is not null) other ??= "quotes around a value";
                        if (text[at] is '$' or '`') other ??= "“$”";
                        if (text[at] == '\\' && at + 1 < text.Length && text[at + 1] is '"' or '\\' or '$' or '`') at++;
                        plain.Append(text[at]);
                    }
                    if (at >= text.Length) return Bad("A double quote is opened and never closed.");
                    at++;
                    break;
                case '\\':
                    if (at == text.Length) return Bad("A backslash at the end quotes nothing.");
                    if (text[at] == '\n') { at++; continue; }
                    plain.Append(text[at++]);
                    break;
                case '<' or '>':
                    needs ??= $"“{c}”";
                    var second = c == '>' && plain.ToString() is "2" or "1" && pieces.Count == 0 ? plain[0] : '\0';
                    if (second != '\0') { plain.Clear(); inWord = false; }
                    End();
                    if (into is not null || at < text.Length && text[at] is '<' or '>' or '&' or '(') other ??= $"“{c}{(at < text.Length ? text[at] : "")}”";
                    into = second == '2' ? '2' : c;
                    continue;
                case '|' or '&' or ';' or '(' or ')' or '`' or '$' or '*' or '?' or '~' or '{' or '}' or '#' or '!' when c is not ('~' or '#' or '!' or '{' or '}') || !inWord:
                    other ??= $"“{c}”";
                    plain.Append(c);
                    break;
                case '=' when words.Count == 0 && pieces.Count == 0 && into is null && Sources.IsEnvironmentName(plain.ToString()):
                    other ??= "an assignment";
                    plain.Append(c);
                    break;
                default:
                    plain.Append(c);
                    break;
            }
            inWord = true;
        }
        End();
        if (into is not null) return Bad($"After “{(into == '2' ? "2>" : into)}” the name of a file is missing.");
        if (redirections.GroupBy(entry => entry.Item1).Any(group => group.Count() > 1)) other ??= "two redirections of one stream";
        return new ShellWords(words, other is null ? redirections : null, other ?? needs, null);

        void Flush()
        {
            if (plain.Length > 0) pieces.Add(new ShellPiece(plain.ToString(), false));
            plain.Clear();
        }

        void End()
        {
            Flush();
            if (!inWord) return;
            var word = new ShellWord([.. pieces]);
            pieces.Clear();
            inWord = false;
            if (into is { } kind) { redirections.Add((kind, word)); into = null; }
            // A word behind a redirection would be an argument too; such lines are left to a shell.
            else { if (redirections.Count > 0) other ??= "words behind a redirection"; words.Add(word); }
        }

        static ShellWords Bad(string flaw) => new([], null, null, flaw);
    }
}
