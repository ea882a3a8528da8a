namespace Yunpipe.Documents;

/// <summary>A node of a document that a person wrote, with its place.</summary>
public abstract record DocumentNode(Location Where)
{
    /// <summary>True for an empty value, <c>null</c> or <c>~</c>: the key is there and says nothing.</summary>
    public bool IsNull => this is ScalarNode { IsQuoted: false, Text: "" or "~" or "null" or "Null" or "NULL" };

    /// <summary>What a person would call it, for messages: “a map”, “a list”, “a text”.</summary>
    public string Kind => this switch
    {
        MapNode => "a map",
        ListNode => "a list",
        _ when IsNull => "nothing",
        _ => "a text",
    };

    /// <summary>How many nodes there are, itself included; what aliases share counts each time. Readers bound it before they compare names with names.</summary>
    public int Count() => this switch
    {
        MapNode map => 1 + map.Entries.Sum(entry => entry.Value.Count()),
        ListNode list => 1 + list.Items.Sum(item => item.Count()),
        _ => 1,
    };
}

/// <summary>Keys and values in the order written. Keys are unique: the reader reports duplicates and keeps the first.</summary>
public sealed record MapNode(IReadOnlyList<MapEntry> Entries, Location Where) : DocumentNode(Where)
{
    /// <summary>The value of a key, or null where the map has no such key. Looks through all entries: maps here are small.</summary>
    public DocumentNode? this[string key] => Entry(key)?.Value;

    public MapEntry? Entry(string key)
    {
        foreach (var entry in Entries)
            if (entry.Key == key) return entry;
        return null;
    }
}

/// <summary>A key, its own place, and its value.</summary>
public sealed record MapEntry(string Key, Location Where, DocumentNode Value);

public sealed record ListNode(IReadOnlyList<DocumentNode> Items, Location Where) : DocumentNode(Where);

/// <summary>A text as written. Unquoted ones keep their spelling (<c>1.50</c>, <c>true</c>), so that each reader decides by the type it expects.</summary>
/// <param name="IsQuoted">True for quoted and block texts, and for JSON strings: never a number, a flag or null.</param>
public sealed record ScalarNode(string Text, bool IsQuoted, Location Where) : DocumentNode(Where);
