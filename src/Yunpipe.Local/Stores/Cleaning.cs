using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Local.Stores;

/// <summary>What is to be cleaned away.</summary>
/// <param name="Released">Steps whose outputs go while their manifests stay.</param>
public sealed record CleanRequest(bool Superseded, IReadOnlyList<string> Released, bool Attempts)
{
    public static CleanRequest Everything { get; } = new(true, [], true);

    public bool IsEmpty => !Superseded && Released.Count == 0 && !Attempts;
}

/// <summary>One kind of thing that goes.</summary>
public sealed record CleanPart(string What, long Count, long Bytes);

/// <summary>What a cleaning would delete, found out first. Memory holds what is deleted, which is why huge stores are cleaned step by step.</summary>
public sealed class Cleaning
{
    private readonly List<Manifest> _superseded = [];
    private readonly Dictionary<string, List<Manifest>> _released = [];
    private readonly List<string> _folders = [];
    private readonly List<CleanPart> _parts = [];
    private HashSet<string> _shared = [];

    public IReadOnlyList<CleanPart> Parts => _parts;

    public long Bytes => _parts.Sum(part => part.Bytes);

    public long Count => _parts.Sum(part => part.Count);

    public static async Task<Cleaning> Plan(FolderStore store, StoreLayout layout, CleanRequest request, CancellationToken cancel)
    {
        var cleaning = new Cleaning { _shared = await StoreTotals.SharedByCurrent(store, cancel) };
        await foreach (var (manifest, current) in store.Stored(cancel)) cleaning.Sort(manifest, current, request);
        foreach (var step in cleaning._superseded.GroupBy(manifest => manifest.Step))
            cleaning.Tell($"superseded jobs of “{step.Key}”", step.Count(), step.Where(manifest => !cleaning.KeepsOutputs(store, manifest)).Sum(manifest => SizeOf(store.PlaceOf(manifest))));
        foreach (var (step, manifests) in cleaning._released)
        {
            var folders = manifests.Select(store.PlaceOf).Distinct().Where(Directory.Exists).ToList();
            cleaning.Tell($"outputs of “{step}”", folders.Count, folders.Sum(SizeOf));
        }
        if (request.Superseded) cleaning.Folders("outputs without a record, from a crash", store.Forgotten().Where(folder => !cleaning._shared.Contains(folder)));
        if (request.Attempts && Directory.Exists(layout.Attempts)) cleaning.Folders("folders of failed attempts", Directory.EnumerateDirectories(layout.Attempts));
        return cleaning;
    }

    /// <summary>Deletes it. The store is open for writing, and its output held.</summary>
    public async Task Do(FolderStore store)
    {
        await store.Drop(_superseded, manifest => KeepsOutputs(store, manifest));
        foreach (var (step, manifests) in _released) await store.Release(step, manifests);
        foreach (var folder in _folders) AttemptFolders.Delete(folder);
    }

    private void Sort(Manifest manifest, bool current, CleanRequest request)
    {
        // Without outputs there is nothing to give back, and an item's current job is not told apart by a view.
        if (manifest.Outputs.Count == 0) return;
        if (!current && request.Superseded) _superseded.Add(manifest);
        else if (request.Released.Contains(manifest.Step))
        {
            if (!_released.TryGetValue(manifest.Step, out var manifests)) _released[manifest.Step] = manifests = [];
            manifests.Add(manifest);
        }
    }

    private bool KeepsOutputs(FolderStore store, Manifest manifest) => _shared.Contains(store.PlaceOf(manifest)) || manifest.OutputsOf is not null;

    private void Folders(string what, IEnumerable<string> folders)
    {
        var found = folders.ToList();
        _folders.AddRange(found);
        Tell(what, found.Count, found.Sum(SizeOf));
    }

    private void Tell(string what, long count, long bytes)
    {
        if (count > 0) _parts.Add(new CleanPart(what, count, bytes));
    }

    /// <summary>Links count nothing: what they lead to stays.</summary>
    private static long SizeOf(string folder) => !Directory.Exists(folder) ? 0 : new DirectoryInfo(folder)
        .EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint }).Sum(file => file.Length);
}
