using System.Buffers;
using System.Globalization;
using System.Text;

namespace Yunpipe.Documents;

/// <summary>JSON as RFC 8259 has it, with places. Written by hand because the readers of the class library tell places in bytes,
/// and only of the first error; comments and trailing commas get a sentence of their own.</summary>
internal sealed class JsonReader
{
    private static readonly SearchValues<char> EndsText = SearchValues.Create([.. Enumerable.Range(0, 32).Select(code => (char)code), '"', '\\']);
    private readonly string _text;
    private readonly string _file;
    private readonly ProblemList _problems;
    private int _at;
    private int _line = 1;
    private int _lineStart;
    private readonly bool _lenient;
    private int _count;

    private JsonReader(string text, string file, ProblemList problems, bool lenient) => (_text, _file, _problems, _lenient) = (text, file, problems, lenient);

    /// <param name="lenient">Comments (//, /* */, #) and trailing commas are passed over.</param>
    public static DocumentNode? Read(string text, string file, ProblemList problems, bool lenient = false)
    {
        var reader = new JsonReader(text, file, problems, lenient);
        try
        {
            var node = reader.Node(0);
            if (reader.Peek() != '\0' || reader._at < text.Length) throw reader.Bad($"After the end of the document there is {reader.Here()}.");
            return node;
        }
        catch (UnreadableDocument error)
        {
            problems.Add(error.Problem);
            return null;
        }
    }

    private DocumentNode Node(int depth)
    {
        var first = Peek();
        if (depth > DocumentReader.MaxDepth) throw Refuse(DocumentCodes.TooDeep, $"The document nests deeper than {DocumentReader.MaxDepth} levels.");
        if (++_count > DocumentReader.MaxNodes) throw Refuse(DocumentCodes.TooLarge, $"The document has more than {DocumentReader.MaxNodes:N0} entries.");
        return first switch
        {
            '{' => Map(depth),
            '[' => List(depth),
            '"' => Quoted(),
            '\'' => throw Bad("JSON wants double quotes."),
            _ => Plain(),
        };
    }

    private MapNode Map(int depth)
    {
        var where = Place();
        var entries = new List<MapEntry>();
        var seen = new Dictionary<string, Location>(StringComparer.Ordinal);
        _at++;
        if (Peek() == '}') { _at++; return new MapNode(entries, where); }
        while (true)
        {
            if (_lenient && Peek() == '}') { _at++; return new MapNode(entries, where); }
            if (Peek() != '"') throw Bad(Peek() == '}' ? "A comma stands before the closing brace; JSON does not allow it." : $"A key in double quotes is expected, and there is {Here()}.");
            var key = Quoted();
            if (Peek() != ':') throw Bad($"A colon is expected after the key {Wording.Quote(key.Text)}, and there is {Here()}.");
            _at++;
            var value = Node(depth + 1);
            if (seen.TryAdd(key.Text, key.Where)) entries.Add(new MapEntry(key.Text, key.Where, value));
            else _problems.Add(DocumentCodes.DuplicateKey, key.Where, $"The key {Wording.Quote(key.Text)} stands here twice.", $"The first is in line {seen[key.Text].Line}.");
            var next = Peek();
            if (next is not (',' or '}')) throw Bad($"A comma or a closing brace is expected, and there is {Here()}.");
            _at++;
            if (next == '}') return new MapNode(entries, where);
        }
    }

    private ListNode List(int depth)
    {
        var where = Place();
        var items = new List<DocumentNode>();
        _at++;
        if (Peek() == ']') { _at++; return new ListNode(items, where); }
        while (true)
        {
            if (_lenient && Peek() == ']') { _at++; return new ListNode(items, where); }
            if (Peek() == ']') throw Bad("A comma stands before the closing bracket; JSON does not allow it.");
            items.Add(Node(depth + 1));
            var next = Peek();
            if (next is not (',' or ']')) throw Bad($"A comma or a closing bracket is expected, and there is {Here()}.");
            _at++;
            if (next == ']') return new ListNode(items, where);
        }
    }

    private ScalarNode Quoted()
    {
        var where = Place();
        var text = new StringBuilder();
        _at++;
        while (true)
        {
            var end = _text.AsSpan(_at).IndexOfAny(EndsText);
            if (end < 0 || _text[_at + end] is '\n' or '\r')
                throw new UnreadableDocument(new Problem(DocumentCodes.Syntax, "This text is not closed in its line.", where, "Close it with a double quote."));
            if (_text[_at + end] < ' ') throw new UnreadableDocument(new Problem(DocumentCodes.Syntax, "This text holds a control character.", where, "Write it as \\u00xx, a tab as \\t."));
            text.Append(_text, _at, end);
            _at += end + 1;
            if (_text[_at - 1] == '"') break;
            text.Append(Escape());
        }
        var value = text.ToString();
        if (YamlReader.Flaw(value) is { } flaw) throw new UnreadableDocument(new Problem(DocumentCodes.NotText, $"The text {flaw}.", where));
        return new ScalarNode(value, true, where);
    }

    private char Escape()
    {
        var kind = _at < _text.Length ? _text[_at++] : '\0';
        if (kind == 'u' && _at + 4 <= _text.Length && ushort.TryParse(_text.AsSpan(_at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
        {
            _at += 4;
            return (char)code;
        }
        var index = "\"\\/bfnrt".IndexOf(kind, StringComparison.Ordinal);
        if (index < 0 || kind == '\0') { _at--; throw Bad($"{Wording.Quote("\\" + kind)} is not an escape of JSON.", "Write a backslash as \\\\."); }
        return "\"\\/\b\f\n\r\t"[index];
    }

    private ScalarNode Plain()
    {
        var where = Place();
        var start = _at;
        while (_at < _text.Length && (char.IsLetterOrDigit(_text[_at]) || _text[_at] is '+' or '-' or '.' or '_')) _at++;
        var word = _text[start.._at];
        if (word is "true" or "false" or "null" || IsNumber(word)) return new ScalarNode(word, false, where);
        _at = start;
        throw Bad(word.Length > 0 ? $"{Wording.Quote(word)} is not a value of JSON." : $"A value is expected, and there is {Here()}.", word.Length > 0 ? "Put text in double quotes." : null);
    }

    private static bool IsNumber(string word)
    {
        var digits = word.AsSpan(word.StartsWith('-') ? 1 : 0);
        return digits.Length > 0 && char.IsAsciiDigit(digits[0]) && (digits[0] != '0' || digits.Length == 1 || digits[1] is '.' or 'e' or 'E') && char.IsAsciiDigit(digits[^1])
            && double.TryParse(word, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out _)
            && !word.Contains(".e", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The next character after white space; zero at the end.</summary>
    private char Peek()
    {
        for (; _at < _text.Length; _at++)
        {
            var c = _text[_at];
            if (c == '\n') { _line++; _lineStart = _at + 1; }
            else if (_lenient && c is '/' or '#') Comment(c);
            else if (c is '/' or '#') throw Bad("JSON has no comments.", "Leave it out, or save the document as YAML.");
            else if (c is not (' ' or '\t' or '\r')) return c;
        }
        return '\0';
    }

    /// <summary>Leaves the comment's last character current.</summary>
    private void Comment(char first)
    {
        if (first == '/' && _at + 1 < _text.Length && _text[_at + 1] == '*')
        {
            var end = _text.IndexOf("*/", _at + 2, StringComparison.Ordinal);
            if (end < 0) throw Bad("A comment is opened and never closed.");
            for (; _at < end; _at++)
                if (_text[_at] == '\n') { _line++; _lineStart = _at + 1; }
            _at++;
        }
        else if (first == '#' || _at + 1 < _text.Length && _text[_at + 1] == '/')
        {
            // The line's end stays for the caller, who counts it.
            while (_at + 1 < _text.Length && _text[_at + 1] != '\n') _at++;
        }
        else throw Bad($"A comment is expected, and there is {Here()}.");
    }

    private string Here() => _at < _text.Length ? Wording.Quote(_text[_at].ToString()) : "the end of the file";

    private Location Place() => new(_file, _line, _at - _lineStart + 1);

    private UnreadableDocument Bad(string message, string? advice = null) => Refuse(DocumentCodes.Syntax, message, advice);

    private UnreadableDocument Refuse(string code, string message, string? advice = null) => new(new Problem(code, message, Place(), advice));
}
