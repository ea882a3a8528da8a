using System.Text;

namespace Yunpipe.Algorithms;

/// <summary>Splits a command that is written as one text into its arguments, by the quoting rules of the POSIX shell (2.2), and runs nothing.
/// What a shell would act on, and Yunpipe will not, is refused where it is not quoted: pipes, redirections, <c>;</c>, <c>&amp;</c>, backquotes, <c>$(…)</c>.
/// <c>${name}</c> is Yunpipe's own insertion, inside every kind of quotes, and never splits.</summary>
internal static class CommandSplitter
{
    /// <summary>The arguments; or null, and what is wrong as a sentence.</summary>
    public static IReadOnlyList<string>? Split(string text, out string? flaw)
    {
        flaw = null;
        var words = new List<string>();
        var word = new StringBuilder();
        var inWord = false;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            switch (c)
            {
                case ' ' or '\t' or '\n' or '\r':
                    if (inWord) words.Add(word.ToString());
                    word.Clear();
                    inWord = false;
                    continue;
                case '\'':
                    var end = text.IndexOf('\'', i + 1);
                    if (end < 0) { flaw = "A single quote is opened and never closed."; return null; }
                    word.Append(text, i + 1, end - i - 1);
                    i = end;
                    break;
                case '"':
                    i = DoubleQuoted(text, i + 1, word);
                    if (i < 0) { flaw = "A double quote is opened and never closed."; return null; }
                    break;
                case '\\':
                    if (++i == text.Length) { flaw = "A backslash at the end quotes nothing."; return null; }
                    if (text[i] == '\n') continue;
                    word.Append(text[i] == '$' ? "$$" : text[i].ToString());
                    break;
                case '$' when i + 1 < text.Length && text[i + 1] == '{':
                    var close = text.IndexOf('}', i);
                    word.Append(text, i, (close < 0 ? text.Length : close + 1) - i);
                    i = close < 0 ? text.Length : close;
                    break;
                case '$' when i + 1 < text.Length && text[i + 1] == '(':
                case '|' or '&' or ';' or '<' or '>' or '(' or ')' or '`':
                    flaw = $"“{(c == '$' ? "$(" : c)}” means something to a shell, and no shell runs this.";
                    return null;
                case '#' when !inWord:
                    flaw = "“#” starts a comment in a shell, and no shell runs this.";
                    return null;
                default:
                    word.Append(c);
                    break;
            }
            inWord = true;
        }
        if (inWord) words.Add(word.ToString());
        return words;
    }

    /// <summary>Copies up to the closing quote and returns its index; -1 where there is none.</summary>
    private static int DoubleQuoted(string text, int i, StringBuilder word)
    {
        for (; i < text.Length; i++)
        {
            if (text[i] == '"') return i;
            if (text[i] == '\\' && i + 1 < text.Length && (text[i + 1] is '"' or '\\' or '`' or '$' or '\n'))
            {
                // A shell's \$ is a plain dollar; a plain dollar is written $$ in a template.
                if (text[++i] == '$') word.Append("$$");
                else if (text[i] != '\n') word.Append(text[i]);
            }
            else word.Append(text[i]);
        }
        return -1;
    }
}
