using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Importing.Cwl;

internal enum CwlKind { Text, Whole, Number, Flag, Word, File, Directory, Record, Stream, Other }

/// <summary>What a parameter is.</summary>
/// <param name="Items">The binding of an array's members, where they have one of their own.</param>
/// <param name="Symbols">The words of an enum.</param>
/// <param name="Fields">The fields of a record.</param>
internal sealed record CwlType(CwlKind Kind, bool IsOptional = false, bool IsArray = false)
{
    public MapNode? Items { get; init; }
    public IReadOnlyList<string> Symbols { get; init; } = [];
    public IReadOnlyList<MapEntry> Fields { get; init; } = [];

    /// <summary>The word that was not understood, or that names a stream.</summary>
    public string Word { get; init; } = "";

    public bool IsFile => Kind is CwlKind.File or CwlKind.Directory;
}

/// <summary>Reads types in their short and long forms; named types of a SchemaDefRequirement are looked up, at most <see cref="Deepest"/> within each other.</summary>
internal sealed class CwlTypes(ImportNotes notes)
{
    private const int Deepest = 20;
    private readonly Dictionary<string, DocumentNode> _named = new(StringComparer.Ordinal);

    public void Define(string name, DocumentNode type) => _named.TryAdd(name, type);

    public CwlType Read(DocumentNode node, int depth = 0)
    {
        if (depth > Deepest)
        {
            notes.Wrong(node.Where, "A type is made of itself.");
            return new CwlType(CwlKind.Other);
        }
        switch (node)
        {
            case ScalarNode text: return Word(text, depth);
            case ListNode list:
                var some = list.Items.Where(item => item is not ScalarNode { Text: "null" }).ToList();
                if (some.Count == 0) return new CwlType(CwlKind.Other) { Word = "null" };
                if (some.Count > 1) notes.NotCarried(list.Where, "a choice of types: the first is taken.");
                var first = Read(some[0], depth + 1);
                return first with { IsOptional = first.IsOptional || some.Count < list.Items.Count };
            default: return Map((MapNode)node, depth);
        }
    }

    private CwlType Word(ScalarNode node, int depth)
    {
        var text = node.Text;
        if (text.EndsWith('?')) return Read(node with { Text = text[..^1] }, depth + 1) with { IsOptional = true };
        if (text.EndsWith("[]", StringComparison.Ordinal)) return Array(Read(node with { Text = text[..^2] }, depth + 1), null, node.Where);
        var kind = text switch
        {
            "string" => CwlKind.Text,
            "int" or "long" => CwlKind.Whole,
            "float" or "double" => CwlKind.Number,
            "boolean" => CwlKind.Flag,
            "File" => CwlKind.File,
            "Directory" => CwlKind.Directory,
            "stdin" or "stdout" or "stderr" => CwlKind.Stream,
            _ => CwlKind.Other,
        };
        if (kind == CwlKind.Other && _named.TryGetValue(CwlNames.Short(text), out var named)) return Read(named, depth + 1);
        return new CwlType(kind) { Word = text };
    }

    private CwlType Map(MapNode map, int depth)
    {
        if (map["$import"] is not null || map["$include"] is not null)
        {
            notes.Problems.Add(ImportCodes.Unsupported, map.Where, "A part of this stands in another file, and one file is read.", "cwltool --pack makes one of them.");
            return new CwlType(CwlKind.Other);
        }
        switch ((map["type"] as ScalarNode)?.Text)
        {
            case "array" when map["items"] is { } items: return Array(Read(items, depth + 1), map["inputBinding"] as MapNode, map.Where);
            case "enum":
                return new CwlType(CwlKind.Word) { Symbols = [.. ((map["symbols"] as ListNode)?.Items ?? []).OfType<ScalarNode>().Select(symbol => CwlNames.Short(symbol.Text)).Distinct()] };
            case "record": return new CwlType(CwlKind.Record) { Fields = CwlNames.Entries(map["fields"], "name") };
            default:
                if (map["type"] is { } inner and not ScalarNode { Text: "array" }) return Read(inner, depth + 1);
                return new CwlType(CwlKind.Other) { Word = "?" };
        }
    }

    private CwlType Array(CwlType item, MapNode? binding, Location where)
    {
        if (item.Kind == CwlKind.Other) return item;
        if (!item.IsArray && item.Kind is not (CwlKind.Record or CwlKind.Flag or CwlKind.Other)) return item with { IsArray = true, IsOptional = false, Items = binding };
        notes.NotCarried(where, "an array of arrays, records or flags.");
        return new CwlType(CwlKind.Other) { Word = "array" };
    }
}

/// <summary>Identifiers, and the two ways to write a map of things.</summary>
internal static class CwlNames
{
    /// <summary><c>#main/reads</c> is <c>reads</c>.</summary>
    public static string Short(string id) => id[(id.LastIndexOfAny(['#', '/']) + 1)..];

    /// <summary>A map from names to things, or a list of things with their names inside.</summary>
    public static IReadOnlyList<MapEntry> Entries(DocumentNode? node, string key) => node switch
    {
        MapNode map => map.Entries,
        ListNode list => [.. list.Items.OfType<MapNode>().Where(item => item[key] is ScalarNode).Select(item => new MapEntry(Short(((ScalarNode)item[key]!).Text), item.Where, item))],
        _ => [],
    };
}
