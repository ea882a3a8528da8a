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

    private readonly Lock _lock = new();
    private Page _page = Page.Empty, _before = Page.Empty;

    /// <summary>The row that was found last, or the last one of the page that was read last.</summary>
    private long _last;

    /// <summary>Rows of the ids after <paramref name="After"/> up to <paramref name="Last"/>, without those that were asked for.</summary>
    private sealed record Page(long After, long Last, Dictionary<JobId, Lazy<Manifest>> Manifests)
    {
        public static Page Empty { get; } = new(0, 0, []);

        public bool Covers(long id) => id > After && id <= Last;
    }

    public Manifest? Find(JobId job)
    {
        lock (_lock)
            if (_page.Manifests.Remove(job, out var ahead) || _before.Manifests.Remove(job, out ahead)) return ahead.Value;
        var (id, manifest) = reading.First("select id, json from manifests where job=$1", reader => (reader.GetInt64(0), StateDatabase.ReadManifest(reader, 1)), job.ToBytes());
        if (manifest is not null)
            lock (_lock) Look(id);
        return manifest;
    }

    private void Look(long id)
    {
        // One that was asked for again.
        if (_page.Covers(id) || _before.Covers(id)) return;
        var close = Math.Abs(id - _last) <= Near;
        _last = id;
        if (!close) return;
        (_before, _page) = (_page, Read(id > _page.Last && id - _page.Last <= Near ? _page.Last : id));
        _last = _page.Last;
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
