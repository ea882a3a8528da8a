using System.Globalization;

namespace Yunpipe.Documents;

/// <summary>Builds nodes from values, for documents that a program writes. Values that say nothing can be left out.</summary>
internal sealed class NodeBuilder
{
    private readonly List<MapEntry> _entries = [];

    public NodeBuilder Add(string key, DocumentNode? value)
    {
        if (value is not null) _entries.Add(new MapEntry(key, default, value));
        return this;
    }

    public NodeBuilder Text(string key, string? value) => Add(key, string.IsNullOrEmpty(value) ? null : Text(value));

    public NodeBuilder Flag(string key, bool value, bool unless) => Add(key, value == unless ? null : Flag(value));

    public NodeBuilder Texts(string key, IReadOnlyList<string> values) => Add(key, values.Count == 0 ? null : Texts(values));

    public MapNode Build() => new(_entries, default);

    /// <summary>Null where nothing was added.</summary>
    public MapNode? BuildOrNothing() => _entries.Count == 0 ? null : Build();

    public static ScalarNode Text(string value) => new(value, true, default);

    public static ScalarNode Plain(string value) => new(value, false, default);

    public static ScalarNode Flag(bool value) => Plain(value ? "true" : "false");

    public static ScalarNode Number(int value) => Plain(value.ToString(CultureInfo.InvariantCulture));

    public static ListNode Texts(IEnumerable<string> values) => List(values.Select(Text));

    public static ListNode List(IEnumerable<DocumentNode> items) => new([.. items], default);

    public static MapNode Map<T>(IEnumerable<T> items, Func<T, string> key, Func<T, DocumentNode> value) =>
        new([.. items.Select(item => new MapEntry(key(item), default, value(item)))], default);
}
