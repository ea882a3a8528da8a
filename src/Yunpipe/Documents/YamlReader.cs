using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Yunpipe.Documents;

/// <summary>YAML through the event parser of YamlDotNet: no reflection, and places as exact as the parser's marks.
/// An alias shares its anchor's node; its size is counted as if it were copied, so that nested aliases stay bounded.</summary>
internal sealed class YamlReader
{
    private readonly Parser _parser;
    private readonly string _file;
    private readonly ProblemList _problems;
    private readonly Dictionary<string, (DocumentNode Node, int Size)> _anchors = [];
    private readonly HashSet<string> _open = [];
    private int _count;

    private YamlReader(string text, string file, ProblemList problems) =>
        (_parser, _file, _problems) = (new Parser(new StringReader(text)), file, problems);

    public static DocumentNode? Read(string text, string file, ProblemList problems)
    {
        var reader = new YamlReader(text, file, problems);
        try
        {
            return reader.Document();
        }
        catch (UnreadableDocument error)
        {
            problems.Add(error.Problem);
        }
        catch (YamlException error)
        {
            if (Tab(text, (int)error.Start.Line) is { } tab) problems.Add(DocumentCodes.Syntax, new Location(file, tab.Line, tab.Column), "A tab cannot indent YAML.", "Use spaces.");
            else problems.Add(DocumentCodes.Syntax, new Location(file, (int)error.Start.Line, (int)error.Start.Column), $"This is not valid YAML: {Sentence(error.Message)}");
        }
        return null;
    }

    private DocumentNode? Document()
    {
        Next();
        if (Next() is not DocumentStart)
        {
            _problems.Add(DocumentCodes.Empty, new Location(_file), "The file holds nothing but comments.");
            return null;
        }
        Next();
        var root = Node(0);
        Next();
        if (Next() is DocumentStart second) throw Refuse(DocumentCodes.Unsupported, second, "A second document starts here.", "Keep one document per file.");
        return root;
    }

    /// <summary>Reads the node whose first event is current, and leaves its last event current.</summary>
    private DocumentNode Node(int depth)
    {
        var start = _parser.Current!;
        if (depth > DocumentReader.MaxDepth) throw Refuse(DocumentCodes.TooDeep, start, $"The document nests deeper than {DocumentReader.MaxDepth} levels.");
        Spend(1, start);
        if (start is AnchorAlias alias) return Aliased(alias);
        var anchor = start is NodeEvent { Anchor.IsEmpty: false } named ? named.Anchor.Value : null;
        if (start is NodeEvent { Tag: { IsEmpty: false, IsNonSpecific: false } tag } && !tag.Value.StartsWith("tag:yaml.org,2002:", StringComparison.Ordinal))
            throw Refuse(DocumentCodes.Unsupported, start, $"The tag {Wording.Quote(tag.Value)} has no meaning here.", "Leave it out.");
        var before = _count - 1;
        if (anchor is not null) _open.Add(anchor);
        DocumentNode node = start switch
        {
            Scalar scalar => Text(scalar),
            SequenceStart => List(depth),
            MappingStart => Map(depth),
            _ => throw Refuse(DocumentCodes.Syntax, start, "This is not valid YAML here."),
        };
        if (anchor is not null)
        {
            _open.Remove(anchor);
            _anchors[anchor] = (node, _count - before);
        }
        return node;
    }

    private DocumentNode Aliased(AnchorAlias alias)
    {
        var name = alias.Value.Value;
        if (_open.Contains(name)) throw Refuse(DocumentCodes.Alias, alias, $"The alias *{name} stands inside what it names.");
        if (!_anchors.TryGetValue(name, out var target)) throw Refuse(DocumentCodes.Alias, alias, $"The alias *{name} names no anchor before it.", $"Mark the thing with &{name}.");
        Spend(target.Size, alias);
        return target.Node;
    }

    private ListNode List(int depth)
    {
        var where = Place(_parser.Current!);
        var items = new List<DocumentNode>();
        while (Next() is not SequenceEnd) items.Add(Node(depth + 1));
        return new ListNode(items, where);
    }

    private MapNode Map(int depth)
    {
        var where = Place(_parser.Current!);
        var entries = new List<MapEntry>();
        var seen = new Dictionary<string, Location>(StringComparer.Ordinal);
        while (Next() is not MappingEnd)
        {
            var start = _parser.Current!;
            if (Node(depth + 1) is not ScalarNode key) throw Refuse(DocumentCodes.Unsupported, start, "A key must be a text.");
            Next();
            var value = Node(depth + 1);
            if (seen.TryAdd(key.Text, key.Where)) entries.Add(new MapEntry(key.Text, key.Where, value));
            else _problems.Add(DocumentCodes.DuplicateKey, key.Where, $"The key {Wording.Quote(key.Text)} stands here twice.", $"The first is in line {seen[key.Text].Line}.");
        }
        return new MapNode(entries, where);
    }

    private ScalarNode Text(Scalar scalar)
    {
        if (Flaw(scalar.Value) is { } flaw) throw Refuse(DocumentCodes.NotText, scalar, $"The text {flaw}.");
        var quoted = scalar.Style is not (ScalarStyle.Plain or ScalarStyle.Any) || scalar.Tag is { IsEmpty: false, IsNonSpecific: false, Value: "tag:yaml.org,2002:str" };
        return new ScalarNode(scalar.Value, quoted, Place(scalar));
    }

    /// <summary>What no file name, argument or stored text can hold.</summary>
    internal static string? Flaw(string text)
    {
        if (text.Contains('\0')) return "holds a zero character";
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return "holds half a character (a lone surrogate)";
            i++;
        }
        return null;
    }

    private void Spend(int nodes, ParsingEvent at)
    {
        _count += nodes;
        if (_count > DocumentReader.MaxNodes)
            throw Refuse(at is AnchorAlias ? DocumentCodes.Alias : DocumentCodes.TooLarge, at, $"The document has more than {DocumentReader.MaxNodes:N0} entries, aliases counted.");
    }

    private ParsingEvent Next()
    {
        var last = _parser.Current;
        try
        {
            if (_parser.MoveNext()) return _parser.Current!;
        }
        catch (Exception error) when (error is not (YamlException or OutOfMemoryException))
        {
            // The parser works on text in memory only, so whatever else it throws is about the text, without a place. Fuzzing found
            // InvalidOperationException on “é:\n[é,{< >#`{$|” and ArgumentException on “!![”.
            throw new UnreadableDocument(new Problem(DocumentCodes.Syntax, "This is not valid YAML after this point.",
                last is null ? new Location(_file) : new Location(_file, (int)last.End.Line, (int)last.End.Column), "Is a bracket, a brace or a quote left open?"));
        }
        throw new UnreadableDocument(new Problem(DocumentCodes.Syntax, "The document ends too early.", new Location(_file)));
    }

    private Location Place(ParsingEvent at) => new(_file, (int)at.Start.Line, (int)at.Start.Column);

    private UnreadableDocument Refuse(string code, ParsingEvent at, string message, string? advice = null) => new(new Problem(code, message, Place(at), advice));

    /// <summary>The first tab that indents, from the line on in which the parser gave up; it names the start of the surrounding map, not the tab.</summary>
    private static (int Line, int Column)? Tab(string text, int from)
    {
        var line = 0;
        foreach (var content in text.AsSpan().EnumerateLines())
        {
            if (++line < from) continue;
            var indent = content.Length - content.TrimStart(" \t").Length;
            var column = content[..indent].IndexOf('\t') + 1;
            if (column > 0 && indent < content.Length) return (line, column);
            if (line > from + 100) break;
        }
        return null;
    }

    private static string Sentence(string message)
    {
        // The parser prefixes some messages with its own place, which the problem already gives.
        var start = message.StartsWith('(') ? message.IndexOf("): ", StringComparison.Ordinal) + 3 : 0;
        var text = message[Math.Max(start, 0)..].Replace('\n', ' ').Trim();
        if (text.Length == 0) return "it cannot be understood.";
        text = char.ToLowerInvariant(text[0]) + text[1..];
        return text.EndsWith('.') ? text : text + ".";
    }
}
