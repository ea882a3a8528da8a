using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Yunpipe.Items;
using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Local.Stores;

/// <summary>A store in a folder: outputs below <c>_yunpipe/jobs</c>, records in <c>_yunpipe/state.db</c>, the view around them.
/// Crash order: outputs renamed into place → file system flushed → manifest row → view links → view row (model.md, "Commit").</summary>
public sealed partial class FolderStore : IStore
{
    private readonly StateDatabase? _writing;
    private readonly StateDatabase _reading;
    private readonly ManifestsAhead _ahead;
    private readonly GroupWriter? _writer;
    private readonly ViewFolder _view;
    private readonly FileStream? _flushed;
    private readonly StoreLayout _layout;
    private readonly string _jobs;
    private readonly bool _wasEmpty;

    /// <summary>What was committed since the store was opened empty.</summary>
    private readonly JobFilter? _made;
    private readonly ConcurrentDictionary<string, Task> _committing = new(StringComparer.Ordinal);

    /// <summary>False while the store is known to hold none, which saves a question for every job.</summary>
    private volatile bool _hasAttempts, _hasFailures;

    private FolderStore(StoreLayout layout, StateDatabase? writing, StateDatabase reading, bool durable)
    {
        (_layout, _writing, _reading, _jobs) = (layout, writing, reading, layout.Jobs);
        _ahead = new ManifestsAhead(reading);
        _view = new ViewFolder(layout.Root, layout.Jobs);
        _wasEmpty = !Any("manifests");
        // Only who writes knows of every change.
        if (_wasEmpty && writing is not null) _made = new JobFilter();
        _hasAttempts = Any("attempts");
        _hasFailures = Any("failures");
        if (writing is null) return;
        if (durable) _flushed = new FileStream(Path.Combine(layout.Jobs, ".flush"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        _writer = new GroupWriter(writing, () =>
        {
            if (_flushed is not null) Posix.SyncFileSystem((int)_flushed.SafeFileHandle.DangerousGetHandle());
        });
    }

    /// <summary>Opens the store of an output folder, which is made where it is absent.</summary>
    /// <param name="durable">False leaves it to the system when bytes reach the disk: a crash of Yunpipe loses nothing, a power cut may.</param>
    /// <param name="shared">Whether the records lie on a network file system; null finds out.</param>
    public static FolderStore Open(StoreLayout layout, bool durable = true, bool? shared = null)
    {
        Directory.CreateDirectory(layout.Jobs);
        Directory.CreateDirectory(Path.GetDirectoryName(layout.State)!);
        var wal = !(shared ?? NetworkFolder.Holds(Path.GetDirectoryName(layout.State)!));
        var writing = new StateDatabase(layout.State, write: true, wal);
        return new FolderStore(layout, writing, new StateDatabase(layout.State, write: false, wal), durable);
    }

    /// <summary>Opens the store to look at it, without its lock and without a trace; null where there is none. Changes throw.</summary>
    public static FolderStore? OpenToRead(StoreLayout layout) =>
        StateDatabase.OpenToRead(layout.State) is { } reading ? new FolderStore(layout, null, reading, false) : null;

    private GroupWriter Writer => _writer ?? throw new InvalidOperationException("The store was opened to be looked at.");

    public ValueTask<string?> Fetch(ItemFile file, string folder, CancellationToken cancel)
    {
        var path = Path.Combine(_jobs, file.Path);
        return ValueTask.FromResult(Path.Exists(path) ? path : null);
    }

    public ValueTask<Manifest?> Find(string step, JobId job, CancellationToken cancel) => ValueTask.FromResult(_made?.MayHold(job) == false ? null : _ahead.Find(job));

    public ValueTask<Manifest?> FindContent(string step, string content, CancellationToken cancel)
    {
        // In a fresh output nothing can be adopted but what this run made, and that is found by its job id.
        if (_wasEmpty) return ValueTask.FromResult<Manifest?>(null);
        var found = _reading.First("select json from manifests where content=$1 order by id desc limit 1", reader => StateDatabase.ReadManifest(reader), Keys.Of(content));
        return ValueTask.FromResult(found is not null && Kept(found) ? found : null);
    }

    public ValueTask<Manifest?> FindItem(string step, string key, CancellationToken cancel) => ValueTask.FromResult(
        _reading.First("select m.json from items i join manifests m on m.id = i.manifest where i.step=$1 and i.key=$2", reader => StateDatabase.ReadManifest(reader), step, key));

    public ValueTask<bool> HasOutputs(Manifest manifest, CancellationToken cancel) => ValueTask.FromResult(Kept(manifest));

    public async Task<Manifest> Commit(Manifest manifest, string? outputs, CancellationToken cancel)
    {
        // Between rename and row a job's outputs look like those of a crash: two workers of one job take turns, and the second finds the first's manifest.
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        while (_committing.GetOrAdd(manifest.Job, turn.Task) is var holder && holder != turn.Task) await holder;
        try
        {
            if (outputs is not null && Move(manifest, outputs) is { } standing) return standing;
            if (_made is not null && JobId.TryParse(manifest.Job, out var job)) _made.Add(job);
            var change = new CommitChange(manifest, outputs is not null, _hasFailures);
            Writer.Write(change);
            return await change.Done;
        }
        catch (IOException) when (outputs is not null)
        {
            // On a full disk the job needs the room of its own outputs to try again.
            if (_reading.Scalar("select 1 from manifests where job=$1", Keys.Of(manifest.Job)) is null) AttemptFolders.Delete(Path.Combine(_jobs, manifest.Step, manifest.Job));
            throw;
        }
        finally
        {
            _committing.TryRemove(manifest.Job, out _);
            turn.SetResult();
        }
    }

    public async Task<string?> MakeView(Manifest manifest, IReadOnlyList<ViewEntry> entries, CancellationToken cancel)
    {
        if (entries.Count == 0 && manifest.Outputs.Count == 0) return null;
        var change = new ViewChange(manifest, entries, _view);
        Writer.Write(change);
        return await change.Done;
    }

    public ValueTask<bool> HasView(Manifest manifest, IReadOnlyList<ViewEntry> entries, CancellationToken cancel)
    {
        if (entries.Count == 0) return ValueTask.FromResult(true);
        var viewed = _reading.Scalar("select 1 from items i join manifests m on m.id = i.viewed where i.step=$1 and i.key=$2 and m.job=$3", manifest.Step, manifest.Key, Keys.Of(manifest.Job));
        return ValueTask.FromResult(viewed is not null ? entries.All(entry => _view.Has(entry.Path)) : Newer.Stands(_reading, manifest));
    }

    public async ValueTask Retire(string step, string key, CancellationToken cancel)
    {
        var change = new RetireChange(step, key, _view);
        Writer.Write(change);
        await change.Done;
    }

    public async ValueTask AddAttempt(string step, JobId job, AttemptRecord attempt, CancellationToken cancel)
    {
        var change = new AttemptChange(job.ToBytes(), attempt);
        _hasAttempts = true;
        Writer.Write(change);
        await change.Done;
    }

    public ValueTask<IReadOnlyList<AttemptRecord>> Attempts(string step, JobId job, CancellationToken cancel) => ValueTask.FromResult<IReadOnlyList<AttemptRecord>>(
        !_hasAttempts ? [] : _reading.All("select json from attempts where job=$1 order by n", reader => StateDatabase.ReadAttempt(reader), job.ToBytes()));

    public async Task SetAside(FailureRecord failure, CancellationToken cancel)
    {
        var change = new FailureChange(failure);
        _hasFailures = true;
        Writer.Write(change);
        await change.Done;
    }

    public ValueTask<FailureRecord?> FindFailure(string step, JobId job, CancellationToken cancel) => ValueTask.FromResult(
        !_hasFailures ? null : _reading.First("select json from failures where job=$1", reader => StateDatabase.ReadFailure(reader), job.ToBytes()));

    public async ValueTask<bool> ForgetFailure(string step, JobId job, CancellationToken cancel)
    {
        var change = new ForgetChange(job.ToBytes());
        Writer.Write(change);
        return await change.Done;
    }

    public IAsyncEnumerable<Manifest> Manifests(string? step, CancellationToken cancel) => Pages(
        "select id, json from manifests where id > $1 and ($2 is null or step = $2) order by id limit 500", step, reader => StateDatabase.ReadManifest(reader, 1), cancel);

    public async IAsyncEnumerable<FailureRecord> Failures(string? step, [EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.CompletedTask;
        foreach (var failure in _reading.All("select json from failures where $1 is null or step = $1 order by step, key", reader => StateDatabase.ReadFailure(reader), step))
            yield return failure;
    }

    public async ValueTask DisposeAsync()
    {
        if (_writer is not null) await _writer.DisposeAsync();
        _reading.Dispose();
        _writing?.Dispose();
        if (_flushed is not null) await _flushed.DisposeAsync();
    }

    private async IAsyncEnumerable<T> Pages<T>(string sql, string? step, Func<Microsoft.Data.Sqlite.SqliteDataReader, T> read, [EnumeratorCancellation] CancellationToken cancel)
    {
        // The next page is read and parsed while the reader is at this one.
        Task<List<(long Id, T Value)>> Next(long after) => Task.Run(() => _reading.All(sql, reader => (Id: reader.GetInt64(0), Value: read(reader)), after, step), cancel);
        var next = Next(0);
        try
        {
            while (await next is { Count: > 0 } page)
            {
                next = Next(page[^1].Id);
                foreach (var (_, value) in page) yield return value;
                cancel.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private bool Any(string table) => _reading.Scalar($"select 1 from {table} limit 1") is not null;

    private bool Kept(Manifest manifest) =>
        manifest.Outputs.Count == 0 || Path.Exists(Path.Combine(_jobs, manifest.Step, manifest.HeldBy, manifest.Outputs[0].Path));

    /// <summary>Moves outputs to their job's place, or to where a standing manifest says they were before they were released.
    /// Returns the manifest of whoever was there first; what stands there without one is of a crash, and goes.</summary>
    private Manifest? Move(Manifest manifest, string outputs)
    {
        var place = Path.Combine(_jobs, manifest.Step, manifest.Job);
        if (!_wasEmpty || Directory.Exists(place))
        {
            var standing = _reading.First("select json from manifests where job=$1", reader => StateDatabase.ReadManifest(reader), Keys.Of(manifest.Job));
            if (standing is not null && Kept(standing)) return standing;
            if (standing is not null) place = Path.Combine(_jobs, standing.Step, standing.HeldBy);
            AttemptFolders.Delete(place);
        }
        Directory.CreateDirectory(Path.Combine(_jobs, manifest.Step));
        Directory.Move(outputs, place);
        return null;
    }
}
