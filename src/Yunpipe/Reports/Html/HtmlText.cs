using System.Globalization;
using System.Text;

namespace Yunpipe.Reports.Html;

/// <summary>Text that comes from users (names, sentences, output of programs) as HTML, for elements and for quoted attributes. Nothing of it can act:
/// markup is escaped, and characters that would reorder or hide what stands around them are spelled out.</summary>
internal static class HtmlText
{
    /// <summary>One line: a newline in a file name is shown as <c>\n</c>.</summary>
    public static string Of(string text) => Escape(text, lines: false);

    /// <summary>Lines as they are; colours and other terminal sequences are left out.</summary>
    public static string OfLog(string text) => Escape(WithoutTerminalSequences(text), lines: true);

    private static string Escape(string text, bool lines)
    {
        var html = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
            switch (rune.Value)
            {
                case '&': html.Append("&amp;"); break;
                case '<': html.Append("&lt;"); break;
                case '>': html.Append("&gt;"); break;
                case '"': html.Append("&quot;"); break;
                case '\'': html.Append("&#39;"); break;
                case '\n' when lines: html.Append('\n'); break;
                case '\t' when lines: html.Append('\t'); break;
                case '\r' when lines: break;
                case '\n': html.Append("\\n"); break;
                case '\t': html.Append("\\t"); break;
                default:
                    if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                        html.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}");
                    else html.Append(rune.ToString());
                    break;
            }
        return html.ToString();
    }

    /// <summary>Leaves out what begins with an escape: <c>ESC [ … letter</c>, <c>ESC ] … BEL</c>, or two characters.</summary>
    private static string WithoutTerminalSequences(string text)
    {
        if (!text.Contains('\u001b', StringComparison.Ordinal)) return text;
        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\u001b') { plain.Append(text[i]); continue; }
            if (++i >= text.Length) break;
            if (text[i] == '[') for (i++; i < text.Length && text[i] is < '@' or > '~'; i++) continue;
            else if (text[i] == ']') for (i++; i < text.Length && text[i] is not ('\a' or '\u001b' or '\n'); i++) continue;
        }
        return plain.ToString();
    }
}
