using System.Globalization;
using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Importing;

/// <summary>Walks one map of a foreign document. What has the wrong type is a problem; what nobody asked for is told as not carried over.</summary>
internal sealed class ForeignMap
{
    private readonly MapNode _map;
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    private ForeignMap(MapNode map, string what, ImportNotes notes) => (_map, What, Notes) = (map, what, notes);

    /// <summary>A map; anything else is a problem and read as an empty one.</summary>
    /// <param name="what">What it describes, with its article.</param>
    public static ForeignMap Of(DocumentNode node, string what, ImportNotes notes)
    {
        if (node is MapNode map) return new ForeignMap(map, what, notes);
        notes.Wrong(node.Where, $"{Capital(what)} is a map, and this is {node.Kind}.");
        return new ForeignMap(new MapNode([], node.Where), what, notes);
    }

    public string What { get; }
    public ImportNotes Notes { get; }
    public Location Where => _map.Where;
    public MapNode Source => _map;

    /// <summary>Null where the key is absent or says nothing.</summary>
    public DocumentNode? Node(string key)
    {
        _asked.Add(key);
        return _map[key] is { IsNull: false } node ? node : null;
    }

    public bool Has(string key) => Node(key) is not null;

    public Location Place(string key) => _map[key]?.Where ?? Where;

    public string? Text(string key)
    {
        if (Node(key) is not { } node) return null;
        if (node is ScalarNode scalar) return scalar.Text;
        Wrong(key, node, "a text");
        return null;
    }

    public string RequiredText(string key)
    {
        if (Text(key) is { Length: > 0 } text) return text;
        if (!Has(key)) Notes.Wrong(Where, $"{Capital(What)} has no {Wording.Quote(key)}.");
        return "";
    }

    public bool Flag(string key) => Node(key) is { } node && FlagOf(key, node);

    public bool? MaybeFlag(string key) => Node(key) is { } node ? FlagOf(key, node) : null;

    public decimal? Number(string key)
    {
        if (Node(key) is not { } node) return null;
        if (node is ScalarNode { IsQuoted: false } scalar && decimal.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) return number;
        Wrong(key, node, "a number");
        return null;
    }

    public IReadOnlyList<DocumentNode> List(string key)
    {
        if (Node(key) is not { } node) return [];
        if (node is ListNode list) return list.Items;
        Wrong(key, node, "a list");
        return [];
    }

    /// <summary>A list of texts; a number in it is text too.</summary>
    public IReadOnlyList<string> Texts(string key)
    {
        var texts = new List<string>();
        foreach (var item in List(key))
            if (item is ScalarNode { IsNull: false } scalar) texts.Add(scalar.Text);
            else Wrong(key, item, "a list of texts");
        return texts;
    }

    public IReadOnlyList<MapEntry> Entries(string key)
    {
        if (Node(key) is not { } node) return [];
        if (node is MapNode map) return map.Entries;
        Wrong(key, node, "a map");
        return [];
    }

    /// <summary>Keys whose values only people read.</summary>
    public void Prose(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
            if (Has(key)) Notes.Prose(key);
    }

    /// <summary>Keys that a run does not need.</summary>
    public void LeaveOut(string why, params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
            if (Has(key)) Notes.LeftOut(Place(key), $"{Wording.Quote(key)}, {why}.");
    }

    public void NotCarried(string key, string why, string? advice = null)
    {
        if (Has(key)) Notes.NotCarried(Place(key), $"{Wording.Quote(key)} of {What}, {why}.", advice);
    }

    /// <summary>Tells every key that nobody asked for.</summary>
    public void Rest()
    {
        foreach (var entry in _map.Entries.Where(entry => !_asked.Contains(entry.Key)))
            Notes.NotCarried(entry.Where, $"{Wording.Quote(entry.Key)} of {What}, which is not known here.");
    }

    public void Wrong(string key, DocumentNode node, string expected) =>
        Notes.Wrong(node.Where, $"{Wording.Quote(key)} of {What} wants {expected}, and this is {(node is ScalarNode { IsNull: false } scalar ? Wording.Quote(scalar.Text) : node.Kind)}.");

    private bool FlagOf(string key, DocumentNode node)
    {
        if (node is ScalarNode { IsQuoted: false, Text: "true" or "false" or "True" or "False" } flag) return flag.Text[0] is 't' or 'T';
        Wrong(key, node, "true or false");
        return false;
    }

    internal static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
