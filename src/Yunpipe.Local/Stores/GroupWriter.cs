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

/// <summary>The one owner of the writing connection, on a thread of its own. Everything that waits is written as one group: one flush of the file
/// system where outputs came with it, one transaction, then the answers. While a group is written the next one gathers.</summary>
internal sealed class GroupWriter : IAsyncDisposable
{
    /// <summary>With so many waiting, waiting for more gains nothing.</summary>
    private const int Enough = 250;

    /// <summary>A short wait that lets a group grow: a transaction for every single job would cost more than the job.</summary>
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(5);

    private readonly object _gate = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StateDatabase _database;
    private readonly Action _flush;
    private List<Change> _waiting = [];
    private bool _idle, _closed;

    public GroupWriter(StateDatabase database, Action flush)
    {
        (_database, _flush) = (database, flush);
        new Thread(Loop) { IsBackground = true, Name = "store" }.Start();
    }

    public void Write(Change change)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            _waiting.Add(change);
            if (_idle) Monitor.Pulse(_gate);
        }
    }

    /// <summary>Writes what waits, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.Pulse(_gate);
        }
        await _ended.Task;
    }

    private void Loop()
    {
        var group = new List<Change>();
        while (Gather(ref group))
        {
            WriteGroup(group);
            group.Clear();
        }
        _ended.SetResult();
    }

    /// <summary>Takes what has come together; false at the end.</summary>
    private bool Gather(ref List<Change> group)
    {
        lock (_gate)
        {
            _idle = true;
            while (_waiting.Count == 0 && !_closed) Monitor.Wait(_gate);
            _idle = false;
            if (_waiting.Count < Enough && !_closed) Monitor.Wait(_gate, Linger);
            (group, _waiting) = (_waiting, group);
        }
        return group.Count > 0;
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
