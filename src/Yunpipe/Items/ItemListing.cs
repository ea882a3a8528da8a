using System.Text;
using Yunpipe.Documents;

namespace Yunpipe.Items;

/// <summary>One line of <c>yunpipe items</c>: an item with its parts and metadata, or what could not become one and why.</summary>
public sealed record ItemRow(
    string Key, IReadOnlyList<KeyValuePair<string, string>> Parts, IReadOnlyDictionary<string, string> Meta, IReadOnlyList<string> Lacks, ItemProblem? Problem)
{
    public static ItemRow Of(Found found) => found switch
    {
        { Item: { } item } => new(item.Key, [.. item.Parts.Select(part => new KeyValuePair<string, string>(part.Key, part.Value.File.Path))], item.Meta, [], null),
        { Problem: { } problem } => new(problem.Key, [], new Dictionary<string, string>(), problem.Lacks, problem),
        _ => throw new ArgumentException("There is neither an item nor a problem.", nameof(found)),
    };
}

/// <summary>How names parse, before anything runs: the first rows, all counts, and the first problems.</summary>
public sealed record ItemListing(IReadOnlyList<ItemRow> Rows, IReadOnlyList<ItemProblem> Problems, ItemCounts Counts)
{
    private const int WidestCell = 48;

    /// <summary>Reads everything and keeps the first rows of each sort, so that a million items can be listed too.</summary>
    public static ItemListing Read(ItemSource source, IEnumerable<SourceFile> files, int keep = 20)
    {
        var rows = new List<ItemRow>();
        var problems = new List<ItemProblem>();
        foreach (var found in source.Read(files))
        {
            if (found.Problem is { } problem && problems.Count < keep) problems.Add(problem);
            else if (found.Item is not null && rows.Count < keep) rows.Add(ItemRow.Of(found));
        }
        return new ItemListing(rows, problems, source.Counts);
    }

    /// <summary>A table for people: key, metadata and parts in columns, then the problems and a count of everything.</summary>
    public string ToText()
    {
        var names = Rows.SelectMany(row => row.Meta.Keys).Distinct().ToList();
        var parts = Rows.SelectMany(row => row.Parts).Select(part => part.Key).Distinct().ToList();
        var keyIsPath = parts is [Item.DefaultPart] && Rows.All(row => row.Parts is [var part] && part.Value == row.Key);
        if (keyIsPath) parts = [];
        var lines = new List<string[]> { (string[])["KEY", .. names, .. parts.Select(part => $"part {part}")] };
        lines.AddRange(Rows.Select(row => (string[])[
            Cell(row.Key), .. names.Select(name => Cell(row.Meta.GetValueOrDefault(name) ?? "–")),
            .. parts.Select(part => Cell(row.Parts.FirstOrDefault(own => own.Key == part).Value ?? "–"))]));
        var text = new StringBuilder();
        if (Rows.Count > 0)
            foreach (var line in lines)
                text.AppendLine(string.Join("  ", line.Select((cell, i) => i == line.Length - 1 ? cell : cell.PadRight(lines.Max(other => other[i].Length)))));
        if (Counts.Items > Rows.Count) text.AppendLine($"… and {Counts.Items - Rows.Count} more");
        foreach (var problem in Problems) text.AppendLine(problem.ToString());
        if (Counts.Problems > Problems.Count) text.AppendLine($"… and {Counts.Problems - Problems.Count} more problems");
        text.Append($"{Number(Counts.Items, "item")} from {Number(Counts.Files, Counts.FromTable ? "row" : "file")}; {Number(Counts.Problems, "problem")}, {Counts.Ignored} ignored, {Counts.Unmatched} matched nothing");
        return text.Append(Counts.FirstUnmatched is { } first ? $" (such as {Wording.Quote(first)})" : "").AppendLine(".").ToString().Replace("\r", "", StringComparison.Ordinal);
    }

    private static string Number(long count, string thing) => count == 1 ? $"1 {thing}" : $"{count} {thing}s";

    /// <summary>The end of a long path tells more than its start.</summary>
    private static string Cell(string text)
    {
        var quoted = Wording.Quote(text)[1..^1];
        return text.Length > WidestCell ? "…" + string.Concat(text[^(WidestCell - 1)..].Select(c => char.IsControl(c) ? '·' : c)) : quoted;
    }
}
