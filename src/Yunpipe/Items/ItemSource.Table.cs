using Yunpipe.Documents;

namespace Yunpipe.Items;

// The rows of a table as items: one file a row (column “path”), which may be grouped like listed files, or one column a part.
public sealed partial class ItemSource
{
    private IEnumerable<Found> Rows()
    {
        using var text = _table!();
        if (ItemTable.Open(_spec, text, out var header) is not { } table) { yield return header!; yield break; }
        if (!table.IsByPath) _groups = null;
        foreach (var (row, problem) in table.Rows())
        {
            _files++;
            if (problem is not null) yield return problem;
            else if (FromRow(row!, table.IsByPath) is { } found) yield return found;
        }
    }

    private Found? FromRow(TableRow row, bool byPath)
    {
        var parts = new Dictionary<string, Part>(row.Paths.Count);
        var caught = new Dictionary<string, string?>();
        foreach (var (column, path) in row.Paths)
        {
            if (Unusable(path, out var file) is var (code, message)) return new ItemProblem(code, path, message, row.Where);
            if (Clash(row, path, caught) is { } clash) return new ItemProblem(ItemCodes.TableRow, path, clash, row.Where);
            var meta = Merged(row, caught);
            if (byPath && _groups is not null) return Join(file, path, meta, row.Where);
            if (_sidecars.Of(Input(file), meta, out var problem) is not { } part) return problem! with { Where = row.Where };
            parts.Add(byPath ? Item.DefaultPart : column, part);
        }
        return FromParts(row, byPath, parts, Merged(row, caught));
    }

    private Found FromParts(TableRow row, bool byPath, Dictionary<string, Part> parts, IReadOnlyDictionary<string, string> meta)
    {
        List<string> wanted = byPath ? [Item.DefaultPart] : [.. _spec.Item!.Parts.Where(part => part.Required).Select(part => part.Name)];
        var lacks = wanted.Where(part => !parts.ContainsKey(part)).ToList();
        var key = row.Key;
        if (key is null && !byPath && _spec.Item!.Key is { Source.Length: > 0 } template) key = MetaValue.Expand(template, meta);
        else if (key is null && row.Paths.Count > 0) key = row.Paths[0].Value;
        ItemProblem Wrong(string code, string message) => new(code, key ?? $"{row.Where}", message, row.Where);
        if (lacks.Count > 0) return Wrong(ItemCodes.Incomplete, $"The row names no file for {Naming.And(lacks)}.") with { Lacks = lacks };
        if (key is null) return Wrong(ItemCodes.NoValue, "The row lacks a value of which its item's key is made.");
        if (ItemKey.Flaw(key) is { } wrong) return Wrong(ItemCodes.Name, $"The item key {Wording.Quote(key)} {wrong}.");
        if (!_seen!.Add(key)) return Wrong(ItemCodes.Duplicate, $"The item {Wording.Quote(key)} is in the table twice; the first row is taken.");
        return new Item(key, key, parts, meta);
    }

    private (string Code, string Message)? Unusable(string path, out SourceFile file)
    {
        file = default;
        if (ItemKey.Flaw(path) is { } flaw) return (ItemCodes.Name, $"{Wording.Quote(path)} {flaw}.");
        if (_stat(path) is not { } found) return (ItemCodes.NoFile, $"The table names {Wording.Quote(path)}, which is not in the input.");
        file = found;
        if (found.IsDirectory == _spec.Directories) return null;
        return (ItemCodes.Kind, $"{Wording.Quote(path)} is a {(found.IsDirectory ? "directory; say “kind: directory” to take it as one" : "file, but the input takes directories")}.");
    }

    /// <summary>Adds what a path says. It must agree with the row; what differs between the parts of one row (the channel) belongs to none and becomes null.</summary>
    private string? Clash(TableRow row, string path, Dictionary<string, string?> caught)
    {
        if (_pattern is null) return null;
        if (_pattern.Match(path) is not { } match) return $"{Wording.Quote(path)} does not match the input's pattern.";
        foreach (var (name, value) in match)
        {
            if (row.Meta.TryGetValue(name, out var said) && !MetaValue.Same(said, value))
                return $"The row says that “{name}” is {Wording.Quote(said)}, but {Wording.Quote(path)} says {Wording.Quote(value)}.";
            if (!caught.TryAdd(name, value) && caught[name] != value) caught[name] = null;
        }
        return null;
    }

    private static Dictionary<string, string> Merged(TableRow row, Dictionary<string, string?> caught)
    {
        var meta = new Dictionary<string, string>(row.Meta);
        foreach (var (name, value) in caught)
            if (value is not null) meta.TryAdd(name, value);
        return meta;
    }
}
