using System.Text.Json;
using Yunpipe.Stores;

namespace Yunpipe.Local.Stores;

/// <summary>A change that somebody waits for.</summary>
/// <param name="goesOn">True where who waits goes on at once, on the writer's thread: for those that come by the thousand and have little left to do.</param>
internal abstract class AwaitedChange<T>(bool goesOn = false) : Change
{
    private readonly TaskCompletionSource<T> _done = new(goesOn ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Done => _done.Task;

    protected T Answer { get; set; } = default!;

    public override void Finish(StateDatabase database) => _done.TrySetResult(Answer);

    public override void Fail(Exception error) => _done.TrySetException(error);
}

/// <summary>Insert-or-nothing of a manifest: the answer is the manifest that stands.</summary>
internal sealed class CommitChange(Manifest manifest, bool hasFiles, bool clearsFailure) : AwaitedChange<Manifest>(goesOn: true)
{
    private readonly byte[] _job = Keys.Of(manifest.Job);
    private readonly byte[] _json = JsonSerializer.SerializeToUtf8Bytes(manifest, RecordJson.Default.Manifest);

    public override bool HasFiles => hasFiles;

    public override void Write(StateDatabase database)
    {
        var inserted = database.Change("insert or ignore into manifests(job, content, step, key, json) values($1, $2, $3, $4, $5)",
            _job, Keys.Of(manifest.Content), manifest.Step, manifest.Key, _json);
        Answer = inserted == 1 ? manifest
            : database.First("select json from manifests where job=$1", reader => StateDatabase.ReadManifest(reader), _job)!;
        if (!Newer.Stands(database, manifest))
            database.Change("insert into items(step, key, manifest) select step, key, id from manifests where job=$1 on conflict do update set manifest=excluded.manifest, viewed=0", _job);
        if (manifest.Attempts.Count > 1) database.Change("delete from attempts where job=$1", _job);
        if (clearsFailure) database.Change("delete from failures where step=$1 and key=$2", manifest.Step, manifest.Key);
    }
}

/// <summary>Takes the paths of a view for an item, then links them. The answer is the key of another item that holds one of them, or null.</summary>
internal sealed class ViewChange(Manifest manifest, IReadOnlyList<ViewEntry> entries, ViewFolder folder) : AwaitedChange<string?>(goesOn: true)
{
    private Exception? _blocked;
    private bool _hidden;

    public override void Write(StateDatabase database)
    {
        if (_hidden = Newer.Stands(database, manifest)) return;
        foreach (var entry in entries)
            if (database.First("select step, key from views where path=$1", reader => (Step: reader.GetString(0), Key: reader.GetString(1)), entry.Path) is { Key: { } key } holder
                && (key != manifest.Key || holder.Step != manifest.Step))
            {
                Answer = key;
                return;
            }
        var stale = database.All("select path from views where step=$1 and key=$2", reader => reader.GetString(0), manifest.Step, manifest.Key);
        foreach (var entry in entries)
            if (!stale.Remove(entry.Path)) database.Change("insert or replace into views(path, step, key) values($1, $2, $3)", entry.Path, manifest.Step, manifest.Key);
        _blocked = folder.RemoveAll(stale, path => database.Change("delete from views where path=$1", path));
        database.Change("insert into items(step, key, manifest) select step, key, id from manifests where job=$1 on conflict do update set manifest=excluded.manifest, viewed=0",
            Keys.Of(manifest.Job));
    }

    public override void Finish(StateDatabase database)
    {
        if (_blocked is not null) throw _blocked;
        if (Answer is null && !_hidden)
        {
            foreach (var entry in entries) folder.Link(entry, manifest);
            database.Change("update items set viewed=manifest where step=$1 and key=$2", manifest.Step, manifest.Key);
        }
        base.Finish(database);
    }
}

/// <summary>Of two jobs of an item the one whose input came later is shown, whichever ends last.</summary>
internal static class Newer
{
    public static bool Stands(StateDatabase database, Manifest manifest) => manifest.Order > 0
        && database.First("select m.json from items i join manifests m on m.id = i.manifest where i.step=$1 and i.key=$2", reader => StateDatabase.ReadManifest(reader), manifest.Step, manifest.Key) is { } current
        && current.Order > manifest.Order;
}

internal sealed class AttemptChange(byte[] job, AttemptRecord attempt) : AwaitedChange<bool>
{
    public override void Write(StateDatabase database) => database.Change(
        "insert into attempts(job, n, json) values($1, (select coalesce(max(n), 0) + 1 from attempts where job=$1), $2)",
        job, JsonSerializer.SerializeToUtf8Bytes(attempt, RecordJson.Default.AttemptRecord));
}

internal sealed class FailureChange(FailureRecord failure) : AwaitedChange<bool>
{
    public override void Write(StateDatabase database)
    {
        database.Change("delete from failures where step=$1 and key=$2", failure.Step, failure.Key);
        database.Change("insert or replace into failures(job, step, key, json) select $1, $2, $3, $4 where not exists (select 1 from manifests where job=$1)",
            Keys.Of(failure.Job), failure.Step, failure.Key, JsonSerializer.SerializeToUtf8Bytes(failure, RecordJson.Default.FailureRecord));
    }
}

internal sealed class ForgetChange(byte[] job) : AwaitedChange<bool>
{
    public override void Write(StateDatabase database)
    {
        Answer = database.Change("delete from failures where job=$1", job) > 0;
        database.Change("delete from attempts where job=$1", job);
    }
}

internal sealed class DropChange(IReadOnlyList<byte[]> jobs) : AwaitedChange<bool>
{
    public override void Write(StateDatabase database)
    {
        foreach (var job in jobs)
        {
            database.Change("delete from items where manifest=(select id from manifests where job=$1)", job);
            database.Change("delete from manifests where job=$1", job);
        }
    }
}

/// <summary>Takes a step out of the readable tree.</summary>
internal sealed class UnviewChange(string step, ViewFolder folder) : AwaitedChange<bool>
{
    private Exception? _blocked;

    public override void Write(StateDatabase database)
    {
        _blocked = folder.RemoveAll(database.All("select path from views where step=$1", reader => reader.GetString(0), step), path => database.Change("delete from views where path=$1", path));
        database.Change("update items set viewed=0 where step=$1", step);
    }

    public override void Finish(StateDatabase database)
    {
        if (_blocked is not null) throw _blocked;
        base.Finish(database);
    }
}

/// <summary>Takes an item, and all below its key, out of the view.</summary>
internal sealed class RetireChange(string step, string key, ViewFolder folder) : AwaitedChange<bool>
{
    private Exception? _blocked;

    public override void Write(StateDatabase database)
    {
        // "0" follows "/" in ASCII: the range holds everything that begins with the key and a slash.
        var gone = database.All("select path from views where step=$1 and (key=$2 or (key > $3 and key < $4))", reader => reader.GetString(0), step, key, key + "/", key + "0");
        _blocked = folder.RemoveAll(gone, path => database.Change("delete from views where path=$1", path));
        database.Change("delete from items where step=$1 and (key=$2 or (key > $3 and key < $4))", step, key, key + "/", key + "0");
    }

    public override void Finish(StateDatabase database)
    {
        if (_blocked is not null) throw _blocked;
        base.Finish(database);
    }
}

internal static class Keys
{
    public static byte[] Of(string job) => JobId.TryParse(job, out var id) ? id.ToBytes() : throw new InvalidDataException($"“{job}” is not a job id.");
}
