using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Yunpipe.Stores;

namespace Yunpipe.Local.Stores;

/// <summary>A manifest, and whether it is that of its item's current job.</summary>
public readonly record struct StoredManifest(Manifest Manifest, bool Current);

// What people ask of a store: which job do they mean, and what is current.
public sealed partial class FolderStore
{
    private const string OfItem = "select m.job from items i join manifests m on m.id = i.manifest where ";

    /// <summary>The jobs that a text can mean: an id, the first letters of one, <c>step/item-key</c>, a path of the view, or an item's key.
    /// The first of these that means something counts; several jobs only where it does not tell them apart.</summary>
    public IReadOnlyList<KnownJob> Named(string text)
    {
        if (JobId.TryParse(text, out var id)) return Known([id.ToBytes()]);
        if (Prefix(text) is var (low, high) && Jobs("job between $1 and $2", "job between $1 and $2", low, high) is { Count: > 0 } prefixed) return Known(prefixed);
        var slash = text.IndexOf('/');
        if (slash > 0 && Latest(text[..slash], text[(slash + 1)..]) is { } job) return [job];
        if (Viewed(text) is { } viewed) return [viewed];
        return Known(Jobs("i.key=$1", "key=$1", text, null));
    }

    /// <summary>Manifests with a word on which are current, oldest first.</summary>
    public IAsyncEnumerable<StoredManifest> Stored(CancellationToken cancel) => Pages(
        """
        select m.id, m.json, coalesce(i.manifest = m.id, 0) from manifests m left join items i on i.step = m.step and i.key = m.key
        where m.id > $1 and ($2 is null or m.step = $2) order by m.id limit 500
        """, null, reader => new StoredManifest(StateDatabase.ReadManifest(reader, 1), reader.GetInt64(2) != 0), cancel);

    /// <summary>The folder of a job's outputs, which other jobs of equal content may share.</summary>
    public string PlaceOf(Manifest manifest) => Path.Combine(_jobs, manifest.Step, manifest.HeldBy);

    private static (byte[] Low, byte[] High)? Prefix(string text) =>
        text.Length >= KnownJob.ShortestPrefix && JobId.TryParse(text.PadRight(32, 'a'), out var low) && JobId.TryParse(text.PadRight(32, '7'), out var high)
            ? (low.ToBytes(), high.ToBytes()) : null;

    /// <summary>An item's job at a step: the failed one where it failed after it was last done.</summary>
    private KnownJob? Latest(string step, string key) =>
        Known(Jobs("i.step=$1 and i.key=$2", "step=$1 and key=$2", step, key)).MaxBy(job => job.Attempts.Count == 0 ? 0 : job.Attempts[^1].Ended);

    /// <summary>By a path as it stands in the readable tree, relative to it or to the current folder; a path inside a directory-style output too.</summary>
    private KnownJob? Viewed(string text)
    {
        foreach (var full in (ReadOnlySpan<string>)[Path.GetFullPath(text, _layout.Root), Path.GetFullPath(text)])
        {
            if (!full.StartsWith(_layout.Root + "/", StringComparison.Ordinal)) continue;
            for (var path = full[(_layout.Root.Length + 1)..]; path.Length > 0; path = Path.GetDirectoryName(path) ?? "")
                if (_reading.First("select step, key from views where path=$1", reader => (Step: reader.GetString(0), Key: reader.GetString(1)), path) is { Key: not null } item)
                    return Latest(item.Step, item.Key);
        }
        return null;
    }

    private List<byte[]> Jobs(string done, string failed, object first, object? second)
    {
        // By id the manifests are asked alone: a superseded job has one too.
        var asked = done.StartsWith("job", StringComparison.Ordinal) ? $"select job from manifests where {done}" : OfItem + done;
        return _reading.All($"{asked} union select job from failures where {failed} limit 50", reader => (byte[])reader.GetValue(0), second is null ? [first] : [first, second]);
    }

    private List<KnownJob> Known(IReadOnlyList<byte[]> jobs)
    {
        var known = new List<KnownJob>();
        foreach (var job in jobs)
        {
            var manifest = _reading.First("select json from manifests where job=$1", reader => StateDatabase.ReadManifest(reader), job);
            var failure = _reading.First("select json from failures where job=$1", reader => StateDatabase.ReadFailure(reader), job);
            if ((manifest?.Job ?? failure?.Job) is { } text && JobId.TryParse(text, out var id))
                known.Add(new KnownJob(id, manifest?.Step ?? failure!.Step, manifest?.Key ?? failure!.Key, manifest, failure));
        }
        return known;
    }
}
