using System.Runtime.CompilerServices;
using Yunpipe.Documents;
using Yunpipe.Workflows;

namespace Yunpipe.Items;

/// <summary>How many files, or rows of a table, were looked at, and what became of them. <paramref name="Unmatched"/> fit no pattern and no part; the first of them is kept as an example.</summary>
public sealed record ItemCounts(long Files, long Ignored, long Unmatched, long Items, long Problems, string? FirstUnmatched, bool FromTable = false);

/// <summary>
/// Turns listed files, or the rows of a table, into items (model.md, "Items"). Lazy: an item of one part leaves at once, a group when its last part comes;
/// what a group lacks is told at the end. One bad name is one problem, and everything else goes on. For one reader at a time.
/// </summary>
public sealed partial class ItemSource
{
    private readonly InputSpec _spec;
    private readonly PathPattern? _pattern;
    private readonly FileFilter _filter;
    private readonly Sidecars _sidecars;
    private readonly Func<string, SourceFile?> _stat;
    private readonly Func<TextReader>? _table;
    private ItemGroups? _groups;
    private SeenKeys? _seen;
    private long _files, _ignored, _unmatched, _items, _problems;
    private string? _firstUnmatched;

    private ItemSource(InputSpec spec, PathPattern? pattern, Func<string, SourceFile?> stat, Func<TextReader>? table)
    {
        (_spec, _pattern, _stat, _table) = (spec, pattern, stat, table);
        _filter = new FileFilter(spec, pattern);
        _sidecars = new Sidecars(spec, stat);
    }

    /// <summary>Checks the input's pattern and makes a source.</summary>
    /// <param name="stat">The file at a path below the input's location, or null; needed for a table and for sidecars.</param>
    /// <param name="table">Opens the input's table, where it has one.</param>
    public static Reading<ItemSource> Open(InputSpec spec, Func<string, SourceFile?>? stat = null, Func<TextReader>? table = null)
    {
        var pattern = spec.Pattern is null ? null : PathPattern.Parse(spec.Pattern, spec.Source);
        if (pattern is { Ok: false }) return new(null, pattern.Problems);
        if (spec.Table is not null && table is null) throw new ArgumentNullException(nameof(table), "The input has a table, and nothing to open it with.");
        if ((spec.Table is not null || spec.Sidecars.Count > 0) && stat is null) throw new ArgumentNullException(nameof(stat), "Tables and sidecars need a way to look for a file.");
        return new(new ItemSource(spec, pattern?.Value, stat ?? (_ => null), spec.Table is null ? null : table), []);
    }

    /// <summary>Of the reading that was begun last; final when it has ended.</summary>
    public ItemCounts Counts => new(_files, _ignored, _unmatched, _items, _problems, _firstUnmatched, _table is not null);

    /// <summary>True where a directory is itself part of an item (<c>kind: directory</c>): a lister gives it and does not look inside.</summary>
    public bool StopsAt(string directory) => _filter.StopsAt(directory);

    /// <summary>False for a directory below which nothing can be an item, such as a hidden one.</summary>
    public bool Enters(string directory) => _filter.Enters(directory);

    /// <summary>Items and problems of the files; of the table instead, where the input has one (the files are not listed then).</summary>
    public IEnumerable<Found> Read(IEnumerable<SourceFile> files)
    {
        Begin();
        foreach (var found in _table is null ? files.Select(file => Take(file)).Where(found => found is not null).Select(found => found!.Value) : Rows()) yield return Count(found);
        foreach (var found in Finish()) yield return Count(found);
    }

    public async IAsyncEnumerable<Found> Read(IAsyncEnumerable<SourceFile> files, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        Begin();
        if (_table is not null)
            foreach (var found in Rows()) yield return Count(found);
        else
            await foreach (var file in files.WithCancellation(cancel))
                if (Take(file) is { } found) yield return Count(found);
        foreach (var found in Finish()) yield return Count(found);
    }

    private void Begin()
    {
        (_files, _ignored, _unmatched, _items, _problems, _firstUnmatched) = (0, 0, 0, 0, 0, null);
        _groups = _spec.Item is { Parts.Count: > 0 } grouping ? new ItemGroups(grouping) : null;
        _seen = _table is null ? null : new SeenKeys();
    }

    private IEnumerable<Found> Finish() => _groups?.Finish() ?? [];

    private Found Count(Found found)
    {
        if (found.Item is not null) _items++;
        else _problems++;
        return found;
    }

    private Found? Take(SourceFile file)
    {
        _files++;
        if (file.Flaw is { } unusable && (file.IsDirectory ? _filter.Enters(file.Path) : _filter.Takes(file) && _pattern?.Match(file.Path) is not null == _pattern is not null))
            return new ItemProblem(ItemCodes.Unusable, file.Path, $"{Wording.Quote(file.Path)} {unusable}.");
        if (!_filter.Takes(file)) { _ignored++; return null; }
        if (ItemKey.Flaw(file.Path) is { } flaw) return new ItemProblem(ItemCodes.Name, file.Path, $"{Wording.Quote(file.Path)} {flaw}.");
        var meta = _pattern is null ? Nothing : _pattern.Match(file.Path);
        if (meta is null) return Unmatched(file.Path);
        return Join(file, file.Path, meta, null);
    }

    private Found? Join(SourceFile file, string key, IReadOnlyDictionary<string, string> meta, Location? where)
    {
        if (_sidecars.Of(Input(file), meta, out var problem) is not { } part) return problem! with { Where = where };
        if (_groups is null) return new Item(key, key, new Dictionary<string, Part>(1) { [Item.DefaultPart] = part }, meta);
        var found = _groups.Add(part, meta, out var taken, where);
        return taken ? found : Unmatched(file.Path);
    }

    private Found? Unmatched(string path)
    {
        _unmatched++;
        _firstUnmatched ??= path;
        return null;
    }

    private static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();

    private static ItemFile Input(SourceFile file) => new(Place.Input, file.Path, file.Version, file.Size, file.IsDirectory);
}
