using System.Collections.Concurrent;
using System.Text;
using Yunpipe.Items;
using Yunpipe.Stores;
using Yunpipe.Workflows;

namespace Yunpipe.Dispatch;

/// <summary>What a changed path means: an item by its key, or a directory-style image that may still be growing.</summary>
internal readonly record struct Touched(string Key, bool IsDirectory);

/// <summary>An item as it is now. <paramref name="Order"/> is when its newest file came, in milliseconds.</summary>
/// <param name="Lacks">True where parts that it may do without are not there, and could still come.</param>
internal sealed record FoundItem(Item Item, long Order, bool Lacks);

/// <summary>
/// From a path to its item, without listing the input. Files that are parts of one item are known by an index, which is derived from the names of
/// files alone: <c>_yunpipe/dispatch/parts/&lt;item&gt;/&lt;file&gt;</c>, each note holding a path.
/// <code>
/// the workflow's input           a path touches                          the item is made of
/// files, one each                the item of that name                   the file
/// files grouped by metadata      the item of the expanded key            what the index names and is there
/// sidecars                       the items whose sidecar it is           the file and what its templates name
/// directory-style images         the directory that holds it             the directory as one entry
/// a table                        the items whose rows name it            what the rows name, all there
/// </code></summary>
internal sealed class ItemFinder
{
    private const string Index = "_yunpipe/dispatch/parts/";
    private readonly InputSpec _spec;
    private readonly InputListing _input;
    private readonly Notes _notes;
    private readonly ItemSource _names;
    private readonly Dictionary<string, Item>? _rows;
    private readonly ILookup<string, string>? _rowsOf;

    /// <summary>Index notes that were written already, in this process.</summary>
    private readonly ConcurrentDictionary<string, string> _noted = new(StringComparer.Ordinal);
    private const int MostNoted = 100_000;

    public ItemFinder(InputSpec spec, InputListing input, Notes notes, Func<TextReader>? table)
    {
        (_spec, _input, _notes) = (spec, input, notes);
        _names = Open(_ => null, null);
        Ends = new ImageEnds(spec, input);
        if (table is null) return;
        // What the rows say, whether or not the files are there yet.
        _rows = Open(path => new SourceFile(path, 0, "", spec.Directories), table).Read([]).Where(found => found.Item is not null).ToDictionary(found => found.Item!.Key, found => found.Item!, StringComparer.Ordinal);
        _rowsOf = _rows.Values.SelectMany(item => FilesOf(item).Select(file => (file.Path, item.Key))).ToLookup(entry => entry.Path, entry => entry.Key, StringComparer.Ordinal);
    }

    /// <summary>When images of many files are whole.</summary>
    public ImageEnds Ends { get; }

    /// <summary>Items that a path can change; none for what is ignored or matches nothing.</summary>
    public async ValueTask<IReadOnlyList<Touched>> Of(string path, CancellationToken cancel)
    {
        if (_rowsOf is not null) return [.. _rowsOf[Ends.ClosedBy(path) ?? _names.DirectoryOf(path) ?? path].Select(key => new Touched(key, _spec.Directories))];
        if ((Ends.ClosedBy(path) ?? _names.DirectoryOf(path)) is { } directory)
        {
            if (_names.KeyOf(directory, isDirectory: true) is not { } inside) return [];
            await Note(inside, directory, cancel);
            return [new Touched(inside, true)];
        }
        if (_names.IsSidecar(path)) return await OfSidecar(path, cancel);
        if (_names.KeyOf(path) is not { } key) return [];
        await Note(key, path, cancel);
        return [new Touched(key, false)];
    }

    /// <summary>The item of a key as it is now; null while something that it needs is not there.</summary>
    /// <param name="known">Files that were just listed or told of; the others are looked up.</param>
    public async ValueTask<FoundItem?> Find(string key, IReadOnlyDictionary<string, InputFile> known, CancellationToken cancel)
    {
        if (_rows is not null) return _rows.TryGetValue(key, out var row) ? await FromRow(row, known, cancel) : null;
        var files = new List<InputFile>();
        foreach (var path in await Paths(key, cancel))
            if (await Stat(path, known, cancel) is { } file) files.Add(file);
        if (files.Count == 0) return null;
        var newest = files.Max(file => file.Time);
        // Sidecars are named by the files beside them, one question each.
        var source = Open(path =>
        {
            if (Stat(path, known, cancel).AsTask().GetAwaiter().GetResult() is not { } sidecar) return null;
            newest = Math.Max(newest, sidecar.Time);
            return sidecar.File;
        }, null);
        var item = source.Read(files.OrderBy(file => file.File.Path, StringComparer.Ordinal).Select(file => file.File)).Select(found => found.Item).FirstOrDefault(found => found?.Key == key);
        return item is null ? null : new FoundItem(item, newest, _spec.Item is { } grouping && grouping.Parts.Any(part => !item.Parts.ContainsKey(part.Name)));
    }

    /// <summary>Why a file can be no item whatever comes beside it, such as a name that leaves its folder; null where it can, or is of no concern.</summary>
    public ItemProblem? ProblemOf(SourceFile file) => _rows is not null || _spec.Directories || ItemKey.Flaw(file.Path) is null && file.Flaw is null ? null
        : Open(_ => null, null).Read([file]).Select(found => found.Problem).FirstOrDefault(problem => problem is not null);

    public string? DirectoryOf(string path) => _names.DirectoryOf(path);

    /// <summary>True where all images of an item are whole by what is there now.</summary>
    public async ValueTask<bool> IsWhole(string key, CancellationToken cancel) =>
        await Ends.AreWhole(_rows is null ? await Paths(key, cancel) : _rows.TryGetValue(key, out var row) ? row.Parts.Values.Select(part => part.File.Path) : [], cancel);

    /// <summary>Metadata of an item, from the names of its files alone: also of one that is gone.</summary>
    public async ValueTask<IReadOnlyDictionary<string, string>?> MetaOf(string key, CancellationToken cancel)
    {
        if (_rows is not null) return _rows.GetValueOrDefault(key)?.Meta;
        foreach (var path in await Paths(key, cancel))
            if (_names.MetaOf(path) is { } meta) return meta;
        return null;
    }

    private async ValueTask<IReadOnlyList<string>> Paths(string key, CancellationToken cancel)
    {
        if (_spec.Item is not { Parts.Count: > 0 }) return [key];
        var paths = new List<string>();
        await foreach (var name in _notes.List($"{Index}{Notes.NameOf(key)}/", null, cancel))
            if (_noted.TryGetValue(name, out var path)) paths.Add(path);
            else if (await _notes.Read(name, cancel) is { } note) paths.Add(Remember(name, Encoding.UTF8.GetString(note.Content)));
        return paths;
    }

    private async ValueTask Note(string key, string path, CancellationToken cancel)
    {
        if (_spec.Item is not { Parts.Count: > 0 }) return;
        var name = $"{Index}{Notes.NameOf(key)}/{Notes.NameOf(path)}";
        if (_noted.ContainsKey(name)) return;
        await _notes.Put(name, Encoding.UTF8.GetBytes(path), cancel);
        Remember(name, path);
    }

    private string Remember(string name, string path)
    {
        if (_noted.Count > MostNoted) _noted.Clear();
        return _noted[name] = path;
    }

    private async ValueTask<FoundItem?> FromRow(Item row, IReadOnlyDictionary<string, InputFile> known, CancellationToken cancel)
    {
        var newest = 0L;
        var parts = new Dictionary<string, Part>(row.Parts.Count);
        foreach (var (name, part) in row.Parts)
        {
            if (await Now(part.File) is not { } file) return null;
            var sidecars = new List<ItemFile>();
            foreach (var sidecar in part.Sidecars)
                if (await Now(sidecar) is { } companion) sidecars.Add(companion);
                else if (_spec.Sidecars.Any(own => own.Required)) return null;
            parts.Add(name, new Part(file, sidecars));
        }
        return new FoundItem(row with { Parts = parts }, newest, false);

        async ValueTask<ItemFile?> Now(ItemFile file)
        {
            if (await Stat(file.Path, known, cancel) is not { } found) return null;
            newest = Math.Max(newest, found.Time);
            return file with { Version = found.File.Version, Size = found.File.Size };
        }
    }

    /// <summary>Main files beside a sidecar: those that would have it. One that is named from the input's root may belong to any item, and reconciling finds those.</summary>
    private async ValueTask<IReadOnlyList<Touched>> OfSidecar(string path, CancellationToken cancel)
    {
        var folder = path[..(path.LastIndexOf('/') + 1)];
        var name = path[folder.Length..];
        var touched = new HashSet<Touched>();
        foreach (var sidecar in _spec.Sidecars)
        {
            if (sidecar.Path.Source.Contains('/', StringComparison.Ordinal)) continue;
            // The part of the name before what a template adds is how its main file's name begins.
            var tail = sidecar.Path.Pieces[^1] is { IsName: false, Text: var text } ? text : "";
            if (!name.EndsWith(tail, StringComparison.Ordinal)) continue;
            var start = sidecar.Path.Pieces[0].IsName && sidecar.Path.Pieces.Count <= 2 ? name[..^tail.Length] : "";
            await foreach (var file in _input.List(folder + start, null, cancel))
                if (file.File.Path.LastIndexOf('/') + 1 == folder.Length && _names.KeyOf(file.File.Path) is { } key)
                {
                    await Note(key, file.File.Path, cancel);
                    touched.Add(new Touched(key, false));
                }
        }
        return [.. touched];
    }

    private async ValueTask<InputFile?> Stat(string path, IReadOnlyDictionary<string, InputFile> known, CancellationToken cancel) =>
        known.TryGetValue(path, out var file) ? file : await _input.Stat(path, _spec.Directories, cancel);

    private ItemSource Open(Func<string, SourceFile?> stat, Func<TextReader>? table) =>
        ItemSource.Open(table is null ? _spec with { Table = null } : _spec, stat, table).OrThrow();

    private static IEnumerable<ItemFile> FilesOf(Item item) => item.Parts.Values.SelectMany(part => part.Sidecars.Prepend(part.File));
}
