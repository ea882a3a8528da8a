using System.Globalization;

namespace Yunpipe.Documents;

/// <summary>Walks one map of a document by key and type. Every method reports what is wrong, with its place, and goes on with the
/// fallback, so that one reading tells all problems. A key without a value (<c>key:</c>) counts as absent.
/// Ask for every key that the map may have, then call <see cref="Done"/>: it reports the keys that nobody asked for.</summary>
public sealed class Fields
{
    private readonly MapNode _map;
    private readonly string _what;
    private readonly List<string> _asked = [];

    private Fields(MapNode map, string what, ProblemList problems) => (_map, _what, Problems) = (map, what, problems);

    /// <summary>Fields of a map. Anything but a map is reported and read as an empty map; null as an empty map without a word.</summary>
    /// <param name="what">What the map describes, with its article: “an algorithm”.</param>
    public static Fields Of(DocumentNode node, string what, ProblemList problems)
    {
        if (node is MapNode map) return new Fields(map, what, problems);
        if (!node.IsNull) problems.Add(DocumentCodes.WrongKind, node.Where, $"A map with the keys of {what} is expected, and this is {node.Kind}.");
        return new Fields(new MapNode([], node.Where), what, problems);
    }

    public ProblemList Problems { get; }

    /// <summary>Where the map starts.</summary>
    public Location Where => _map.Where;

    /// <summary>The value of a key, or null where it is absent or empty.</summary>
    public DocumentNode? Node(string key)
    {
        _asked.Add(key);
        return _map[key] is { IsNull: false } node ? node : null;
    }

    public bool Has(string key) => Node(key) is not null;

    /// <summary>The place of a key's value; of the map where the key is absent.</summary>
    public Location Place(string key) => _map[key]?.Where ?? Where;

    /// <summary>Names keys that are allowed here and read elsewhere.</summary>
    public void Ignore(params ReadOnlySpan<string> keys) => _asked.AddRange(keys);

    /// <summary>Reports a key that must be there and is not.</summary>
    public DocumentNode? Required(string key, string? advice = null)
    {
        var node = Node(key);
        if (node is null) Problems.Add(DocumentCodes.MissingKey, _map.Entry(key)?.Where ?? Where, $"The key {Wording.Quote(key)} of {_what} is missing.", advice);
        return node;
    }

    /// <summary>Text as written; numbers and flags are text too here (<c>version: 1.2</c>).</summary>
    public string? Text(string key) => Node(key) is { } node ? TextOf(node, key) : null;

    public string RequiredText(string key, string? advice = null) => Required(key, advice) is { } node ? TextOf(node, key) ?? "" : "";

    private string? TextOf(DocumentNode node, string key)
    {
        if (node is ScalarNode scalar) return scalar.Text;
        Wrong(node, key, "text");
        return null;
    }

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public bool Flag(string key, bool fallback)
    {
        if (Node(key) is not { } node) return fallback;
        if (node is ScalarNode { IsQuoted: false, Text: "true" or "True" or "TRUE" }) return true;
        if (node is ScalarNode { IsQuoted: false, Text: "false" or "False" or "FALSE" }) return false;
        Wrong(node, key, "true or false");
        return fallback;
    }

    public int Integer(string key, int fallback, int minimum = 0, int maximum = int.MaxValue)
    {
        if (Node(key) is not { } node) return fallback;
        if (node is ScalarNode { IsQuoted: false } scalar && int.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= minimum && number <= maximum) return number;
        Wrong(node, key, maximum == int.MaxValue ? $"a whole number from {minimum}" : $"a whole number from {minimum} to {maximum}");
        return fallback;
    }

    public decimal? Number(string key, decimal minimum = decimal.MinValue, decimal maximum = decimal.MaxValue)
    {
        if (Node(key) is not { } node) return null;
        if (node is ScalarNode { IsQuoted: false } scalar && decimal.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number >= minimum && number <= maximum) return number;
        Wrong(node, key, (minimum, maximum) switch
        {
            (decimal.MinValue, decimal.MaxValue) => "a number",
            (_, decimal.MaxValue) => $"a number from {minimum.ToString(CultureInfo.InvariantCulture)}",
            _ => string.Create(CultureInfo.InvariantCulture, $"a number from {minimum} to {maximum}"),
        });
        return null;
    }

    /// <summary>A number of bytes with its unit: <c>2 GiB</c>. At least 1 unless a lower minimum is given.</summary>
    public ByteSize Size(string key, ByteSize fallback, ByteSize minimum = default)
    {
        if (Node(key) is not { } node) return fallback;
        if (node is not ScalarNode scalar || !ByteSize.TryParse(scalar.Text, out var size))
        {
            Wrong(node, key, "a size such as 512 MiB or 2 GiB");
            return fallback;
        }
        if (size >= minimum) return size;
        Problems.Add(DocumentCodes.BadValue, node.Where, $"{Wording.Quote(key)} is {size}, and at least {minimum} makes sense.", "Write the unit: 2 GiB.");
        return fallback;
    }

    /// <summary>A duration with its unit: <c>10 min</c>.</summary>
    public TimeSpan Duration(string key, TimeSpan fallback)
    {
        if (Node(key) is not { } node) return fallback;
        if (node is ScalarNode scalar && Documents.Duration.TryParse(scalar.Text, out var duration)) return duration;
        Wrong(node, key, "a duration with its unit, such as 30 s, 10 min or 1 h 30 min");
        return fallback;
    }

    /// <summary>One of some words; a wrong one is reported with the nearest right one.</summary>
    public T Word<T>(string key, T fallback, params ReadOnlySpan<(string Word, T Value)> words)
    {
        if (Node(key) is not { } node) return fallback;
        var known = new List<string>();
        foreach (var (word, value) in words)
        {
            if (node is ScalarNode scalar && scalar.Text == word) return value;
            known.Add(word);
        }
        if (node is not ScalarNode wrong) Wrong(node, key, Wording.AnyOf(known));
        else
            Problems.Add(DocumentCodes.UnknownWord, node.Where, $"{Wording.Quote(wrong.Text)} is not a value of {Wording.Quote(key)}.",
                Wording.DidYouMean(wrong.Text, known) ?? $"It can be {Wording.AnyOf(known)}.");
        return fallback;
    }

    /// <summary>The members of a list; what is not a list counts as a list of one.</summary>
    public IReadOnlyList<DocumentNode> List(string key) => Node(key) switch
    {
        null => [],
        ListNode list => list.Items,
        var single => [single],
    };

    /// <summary>A list of texts, or a single text.</summary>
    public IReadOnlyList<string> Texts(string key)
    {
        var texts = new List<string>();
        foreach (var item in List(key))
        {
            if (item is ScalarNode { IsNull: false } scalar) texts.Add(scalar.Text);
            else Wrong(item, key, "a list of texts");
        }
        return texts;
    }

    /// <summary>The map under a key; null where it is absent.</summary>
    public Fields? Map(string key, string what) => Node(key) is { } node ? Of(node, what, Problems) : null;

    /// <summary>Names and values of the map under a key, whose names are the writer's own (inputs, variables).</summary>
    public IReadOnlyList<MapEntry> Entries(string key)
    {
        if (Node(key) is not { } node) return [];
        if (node is MapNode map) return map.Entries;
        Wrong(node, key, "a map");
        return [];
    }

    /// <summary>Reports every key that was never asked for, with the nearest one that was.</summary>
    public void Done()
    {
        foreach (var entry in _map.Entries)
        {
            if (_asked.Contains(entry.Key)) continue;
            // {help: Smoothing, in pixels} is YAML for two keys; the second is prose without a value.
            var afterComma = entry.Value.IsNull && entry.Key.Contains(' ', StringComparison.Ordinal);
            Problems.Add(DocumentCodes.UnknownKey, entry.Where, $"{Wording.Quote(entry.Key)} is not a key of {_what}.",
                afterComma ? "Does it belong to the text before the comma? Put that text into quotes." : Wording.DidYouMean(entry.Key, _asked) ?? $"It can have {Wording.AnyOf(_asked.Distinct().Order(StringComparer.Ordinal))}.");
        }
    }

    private void Wrong(DocumentNode node, string key, string expected) =>
        Problems.Add(node is ScalarNode ? DocumentCodes.BadValue : DocumentCodes.WrongKind, node.Where,
            $"{Wording.Quote(key)} wants {expected}, and this is {(node is ScalarNode { IsNull: false } scalar ? Wording.Quote(scalar.Text) : node.Kind)}.");
}
