using Yunpipe.Stores;

namespace Yunpipe.Local.Stores;

/// <summary>Finds manifests by job. A run that goes on asks for them in about the order in which they were written: where two that were asked for stand
/// close together, a page of the rows behind them is read at once, and parsed by whoever comes to a row first: another thread, which begins at the page's end,
/// or who asks for it. A manifest never changes, so what was read stays true.</summary>
internal sealed class ManifestsAhead(StateDatabase reading)
{
    /// <summary>Rows that are read at once.</summary>
    private const int Rows = 256;

    /// <summary>Jobs of two slots and of several steps end out of order, by no more rows than this.</summary>
    private const int Near = 64;

    /// <summary>Steps that were added one after the other have their rows in places far apart, and each its own page.</summary>
    private const int Pages = 8;

    private readonly Lock _lock = new();

    /// <summary>The one that was read last is the last.</summary>
    private readonly List<Page> _pages = new(Pages);

    /// <summary>Rows that were asked for last without being on a page; the store's first row follows on the start.</summary>
    private readonly Queue<long> _alone = new([0]);

    /// <summary>Rows of the ids after <paramref name="After"/> up to <paramref name="Last"/>, without those that were asked for.</summary>
    private sealed record Page(long After, long Last, Dictionary<JobId, Lazy<Manifest>> Manifests)
    {
        public bool Covers(long id) => id > After && id <= Last;

        public bool Ends(long id) => id > Last && id - Last <= Near;
    }

    public Manifest? Find(JobId job)
    {
        lock (_lock)
            for (var i = _pages.Count - 1; i >= 0; i--)
                if (_pages[i].Manifests.Remove(job, out var ahead)) return ahead.Value;
        var (id, manifest) = reading.First("select id, json from manifests where job=$1", reader => (reader.GetInt64(0), StateDatabase.ReadManifest(reader, 1)), job.ToBytes());
        if (manifest is not null)
            lock (_lock) Look(id);
        return manifest;
    }

    private void Look(long id)
    {
        // One that was asked for again.
        if (_pages.Exists(page => page.Covers(id))) return;
        var before = _pages.Find(page => page.Ends(id));
        var close = _alone.Any(other => Math.Abs(id - other) <= Near);
        _alone.Enqueue(id);
        if (_alone.Count > Pages) _alone.Dequeue();
        if (before is null && !close) return;
        var next = Read(before?.Last ?? id);
        // A page that is used up makes room first.
        var goes = _pages.FindIndex(page => page.Manifests.Count == 0);
        if (goes >= 0 || _pages.Count == Pages) _pages.RemoveAt(Math.Max(0, goes));
        _pages.Add(next);
    }

    private Page Read(long after)
    {
        var rows = reading.All("select id, job, json from manifests where id > $1 order by id limit $2", reader =>
        {
            var json = StateDatabase.Bytes(reader, 2);
            return (Id: reader.GetInt64(0), Job: JobId.FromHash((byte[])reader.GetValue(1)), Manifest: new Lazy<Manifest>(() => ManifestReader.Read(json)));
        }, after, Rows);
        if (rows.Count == 0) return new Page(after, after, []);
        _ = Task.Run(() =>
        {
            for (var i = rows.Count - 1; i >= 0; i--) _ = rows[i].Manifest.Value;
        });
        return new Page(after, rows[^1].Id, rows.ToDictionary(row => row.Job, row => row.Manifest));
    }
}
