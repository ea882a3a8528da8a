using System.Text;
using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Scripts;

internal enum ScriptTokenKind { Name, Text, Number, Sign }

/// <param name="Text">Of a string its value; of anything else as written.</param>
/// <param name="IsPlain">False for a string that is computed, such as f"{x}".</param>
internal readonly record struct ScriptToken(ScriptTokenKind Kind, string Text, Location Where, bool IsPlain = true);

/// <summary>Python or R source as tokens: comments and line ends are left out, strings of all kinds are read. Nothing is run, and whatever is no token is a sign,
/// so that any text has some reading.</summary>
internal sealed class ScriptLexer(string text, string file, bool isR)
{
    private int _at, _line = 1, _lineStart;

    public List<ScriptToken> Read()
    {
        var tokens = new List<ScriptToken>();
        while (_at < text.Length)
        {
            var c = text[_at];
            var where = new Location(file, _line, _at - _lineStart + 1);
            if (c == '\n') { _at++; _line++; _lineStart = _at; }
            else if (char.IsWhiteSpace(c) || c == '\\') _at++;
            else if (c == '#') { while (_at < text.Length && text[_at] != '\n') _at++; }
            else if (Quote() is { } prefix) tokens.Add(String(prefix, where));
            else if (char.IsLetter(c) || c == '_' || isR && c == '.') tokens.Add(new ScriptToken(ScriptTokenKind.Name, Take(letter => char.IsLetterOrDigit(letter) || letter == '_' || isR && letter == '.'), where));
            else if (char.IsAsciiDigit(c)) tokens.Add(new ScriptToken(ScriptTokenKind.Number, Take(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_').Replace("_", "", StringComparison.Ordinal), where));
            else { tokens.Add(new ScriptToken(ScriptTokenKind.Sign, c.ToString(), where)); _at++; }
        }
        return tokens;
    }

    private string Take(Func<char, bool> fits)
    {
        var start = _at;
        while (_at < text.Length && fits(text[_at])) _at++;
        return text[start.._at];
    }

    /// <summary>The letters before a string's quote; null where no string starts.</summary>
    private string? Quote()
    {
        for (var length = 0; length <= 2 && _at + length < text.Length; length++)
        {
            if (text[_at + length] is '"' or '\'') return text.Substring(_at, length);
            if (isR || !"rRbBfFuU".Contains(text[_at + length], StringComparison.Ordinal)) return null;
        }
        return null;
    }

    private ScriptToken String(string prefix, Location where)
    {
        _at += prefix.Length;
        var quote = text[_at];
        var triple = !isR && string.CompareOrdinal(text, _at, new string(quote, 3), 0, 3) == 0;
        _at += triple ? 3 : 1;
        var raw = prefix.Contains('r', StringComparison.OrdinalIgnoreCase);
        var value = new StringBuilder();
        for (; _at < text.Length; _at++)
        {
            var c = text[_at];
            if (c == quote && (!triple || string.CompareOrdinal(text, _at, new string(quote, 3), 0, 3) == 0)) { _at += triple ? 3 : 1; break; }
            if (c == '\n')
            {
                // A string that is never closed ends with its line, as an interpreter would tell.
                if (!triple && !isR) break;
                _line++;
                _lineStart = _at + 1;
            }
            if (c != '\\' || _at + 1 == text.Length) { value.Append(c); continue; }
            var next = text[++_at];
            if (next == '\n') { _line++; _lineStart = _at + 1; if (raw) value.Append("\\\n"); }
            else if (raw) value.Append('\\').Append(next);
            else value.Append(next switch { 'n' => "\n", 't' => "\t", 'r' => "\r", '\\' or '\'' or '"' => next.ToString(), _ => "\\" + next });
        }
        return new ScriptToken(ScriptTokenKind.Text, value.ToString(), where, !prefix.Contains('f', StringComparison.OrdinalIgnoreCase));
    }
}
