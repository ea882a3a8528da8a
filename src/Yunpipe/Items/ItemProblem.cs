using Yunpipe.Documents;

namespace Yunpipe.Items;

/// <summary>Why a file, a row or a group became no item: one plain sentence; everything else goes on.</summary>
/// <param name="Key">The item's key, or the file's path where it never got one.</param>
/// <param name="Where">The row, for items from a table.</param>
public sealed record ItemProblem(string Code, string Key, string Message, Location? Where = null)
{
    /// <summary>Names of the parts, sidecars or metadata that are absent.</summary>
    public IReadOnlyList<string> Lacks { get; init; } = [];

    public override string ToString() => (Where is { } where ? $"{where}: " : "") + $"{Code}: {Message}";
}

/// <summary>What a source gives: an item or a problem, never both.</summary>
public readonly record struct Found(Item? Item, ItemProblem? Problem)
{
    public static implicit operator Found(Item item) => new(item, null);
    public static implicit operator Found(ItemProblem problem) => new(null, problem);
    public Found ToFound() => this;
}

/// <summary>Stable codes of what can be wrong with an input and its items; listed in docs/reference/problems.md.</summary>
public static class ItemCodes
{
    public const string Template = "YP1201";
    public const string Regex = "YP1202";
    public const string Name = "YP1203";
    public const string Incomplete = "YP1204";
    public const string Duplicate = "YP1205";
    public const string NoValue = "YP1206";
    public const string NoSidecar = "YP1207";
    public const string TableHeader = "YP1208";
    public const string TableRow = "YP1209";
    public const string NoFile = "YP1210";
    public const string UnknownName = "YP1211";
    public const string Kind = "YP1212";
    public const string Unusable = "YP1213";
}
