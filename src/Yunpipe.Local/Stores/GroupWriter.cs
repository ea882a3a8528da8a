using System.Threading.Channels;

namespace Yunpipe.Local.Stores;

/// <summary>A change of the state database, in two halves: rows inside the group's transaction, then what may only follow its commit.</summary>
internal abstract class Change
{
    /// <summary>True where files must be on disk before the rows are.</summary>
    public virtual bool HasFiles => false;

    public abstract void Write(StateDatabase database);

    /// <summary>After the commit: links, and the answer to who waits.</summary>
    public abstract void Finish(StateDatabase database);

    public abstract void Fail(Exception error);
}

/// <summary>The one owner of the writing connection. Everything that waits is written as one group: one flush of the file system where outputs
/// came with it, one transaction, then the answers. While a group is written the next one gathers, so nobody waits for a timer.</summary>
internal sealed class GroupWriter : IAsyncDisposable
{
    private const int Most = 1000;

    /// <summary>A short wait that lets a group grow: a transaction for every single job would cost more than the job.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(5);

    private readonly Channel<Change> _changes = Channel.CreateBounded<Change>(new BoundedChannelOptions(8192) { SingleReader = true });
    private readonly StateDatabase _database;
    private readonly Action _flush;
    private readonly Task _loop;

    public GroupWriter(StateDatabase database, Action flush, TimeProvider time)
    {
        (_database, _flush) = (database, flush);
        _loop = Task.Run(() => Loop(time));
    }

    public ValueTask Write(Change change) => _changes.Writer.WriteAsync(change);

    public async ValueTask DisposeAsync()
    {
        _changes.Writer.TryComplete();
        await _loop;
    }

    private async Task Loop(TimeProvider time)
    {
        var group = new List<Change>(Most);
        while (await _changes.Reader.WaitToReadAsync())
        {
            if (_changes.Reader.Count < Most / 4 && !_changes.Reader.Completion.IsCompleted) await Task.Delay(Linger, time);
            while (group.Count < Most && _changes.Reader.TryRead(out var change)) group.Add(change);
            WriteGroup(group);
            group.Clear();
        }
    }

    private void WriteGroup(List<Change> group)
    {
        try
        {
            if (group.Exists(change => change.HasFiles)) _flush();
            Transact(group);
        }
        catch (Exception error)
        {
            // Whatever it was, somebody waits for the answer.
            foreach (var change in group) change.Fail(error);
            return;
        }
        foreach (var change in group)
        {
            try
            {
                change.Finish(_database);
            }
            catch (Exception error)
            {
                change.Fail(error);
            }
        }
    }

    private void Transact(List<Change> group)
    {
        _database.Execute("begin immediate");
        try
        {
            foreach (var change in group) change.Write(_database);
            _database.Execute("commit");
        }
        catch
        {
            RollBack();
            throw;
        }
    }

    private void RollBack()
    {
        try
        {
            _database.Execute("rollback");
        }
        catch (IOException)
        {
            // SQLite has rolled back by itself, as it does where the disk is full; what made it do so is told.
        }
    }
}
