using Yunpipe.Queues;
using Yunpipe.Work;

namespace Yunpipe.Runs;

/// <summary>Hands queued jobs to the worker: the deepest step first, so that intermediates stay few, and never more at once than the capacity allows.
/// One loop owns the free capacity; everything else reaches it through <see cref="Wake"/>.
/// <para>Who found the disk full goes when nothing else can, and nothing starts beside it: whoever finds no room then has taken it all alone.</para></summary>
internal sealed class Scheduler : IDisposable
{
    private readonly IReadOnlyList<StepProgram> _deepestFirst;
    private readonly Dictionary<string, MemoryQueue> _queues;
    private readonly MemoryQueue _needRoom;
    private readonly Worker _worker;
    private readonly FreeCapacity _free;
    private readonly Func<StepProgram, JobEnd, ValueTask> _ended;
    private readonly Action<StepProgram, IReadOnlyList<Lease>> _started;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly List<(StepProgram Step, Lease Lease)> _parked = [];
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open;

    /// <summary>Processes that run, and manifests on their way to the disk after them.</summary>
    private int _working;
    private bool _closed, _feeding;

    /// <summary>True while a job that needs room runs.</summary>
    private bool _alone;
    private CancellationToken _finish = new(canceled: true), _stop;

    public Scheduler(IReadOnlyList<StepProgram> steps, Worker worker, Capacity capacity, TimeProvider time, TimeSpan leaseLength,
        Action<StepProgram, IReadOnlyList<Lease>> started, Func<StepProgram, JobEnd, ValueTask> ended)
    {
        _deepestFirst = [.. steps.OrderByDescending(step => step.Plan.Depth).ThenByDescending(step => step.Plan.Index)];
        _needRoom = new MemoryQueue(time, leaseLength);
        _queues = steps.ToDictionary(step => step.Name, _ => new MemoryQueue(time, leaseLength) { RetriesGoTo = job => job.NeedsRoom ? _needRoom : null });
        (_worker, _free, _started, _ended) = (worker, new FreeCapacity(capacity), started, ended);
    }

    /// <summary>Jobs that are queued, parked or running.</summary>
    public int Open => Volatile.Read(ref _open);

    public async ValueTask Enqueue(Job job)
    {
        Interlocked.Increment(ref _open);
        await _queues[job.Step].Enqueue(job, CancellationToken.None);
        StartAll();
    }

    /// <summary>While items are listed, a batch may wait for company; after that it goes as it is.</summary>
    public void Feed(bool on)
    {
        Volatile.Write(ref _feeding, on);
        Wake();
    }

    /// <summary>No more jobs will come from outside.</summary>
    public void Close()
    {
        Volatile.Write(ref _closed, true);
        Wake();
    }

    /// <summary>Runs until closed and empty, or until <paramref name="finish"/> and nothing runs any more.</summary>
    public async Task Run(CancellationToken finish, CancellationToken stop)
    {
        using var waking = finish.UnsafeRegister(static state => ((Scheduler)state!).Wake(), this);
        (_finish, _stop) = (finish, stop);
        while (true)
        {
            StartAll();
            if (Volatile.Read(ref _working) == 0)
            {
                if (_failed.Task.IsFaulted) await _failed.Task;
                if (finish.IsCancellationRequested || (Volatile.Read(ref _closed) && Open <= 0)) return;
            }
            await _wake.WaitAsync(NextLook(), CancellationToken.None);
        }
    }

    public void Dispose() => _wake.Dispose();

    private TimeSpan NextLook()
    {
        var next = TimeSpan.FromSeconds(30);
        foreach (var queue in _queues.Values.Append(_needRoom))
            if (queue.NextChange() is var change && change < next) next = change;
        return next;
    }

    /// <summary>Starts whatever can be. Called by the loop, and straight from where a process has just ended, which saves waking another thread.</summary>
    private void StartAll()
    {
        while (!_finish.IsCancellationRequested && !_failed.Task.IsFaulted && TryStart(_stop)) { }
    }

    private bool TryStart(CancellationToken stop)
    {
        lock (_lock)
        {
            if (_alone) return false;
            // Who has waited here for longer than a lease holds is in the queue again.
            _parked.RemoveAll(parked => !_queues[parked.Step.Name].Keep(parked.Lease));
            for (var i = 0; i < _parked.Count; i++)
            {
                var (step, lease) = _parked[i];
                if (_free.Take(step.LimitsOf(lease.Job)) is not { } taken) continue;
                _parked.RemoveAt(i);
                Start(step, [lease], taken, stop);
                return true;
            }
            // A job that waits for much memory must not starve behind small ones.
            if (_parked.Count > 0) return false;
            foreach (var step in _deepestFirst)
            {
                var queue = _queues[step.Name];
                var ready = queue.Ready;
                if (ready == 0 || (step.Plan.Step.Batch > ready && _free.Running > 0 && Volatile.Read(ref _feeding))) continue;
                if (_free.Take(step.Limits) is not { } taken) continue;
                if (Take(step, queue) is { Count: > 0 } leases)
                {
                    Start(step, leases, taken, stop);
                    return true;
                }
                _free.Return(taken);
                if (_parked.Count > 0) return true;
            }
            return TryStartAlone(stop);
        }
    }

    private bool TryStartAlone(CancellationToken stop)
    {
        if (Volatile.Read(ref _working) > 0 || _needRoom.LeaseNow(1) is not [var lease]) return false;
        var step = _deepestFirst.First(step => step.Name == lease.Job.Step);
        if (_free.Take(step.LimitsOf(lease.Job)) is not { } taken)
        {
            _needRoom.PutBack(lease, TimeSpan.Zero);
            return false;
        }
        _alone = true;
        Start(step, [lease], taken, stop);
        return true;
    }

    /// <summary>Leases of one step for one process. Those that must go alone, or need more memory than usual, are parked for a turn of their own.</summary>
    private List<Lease> Take(StepProgram step, MemoryQueue queue)
    {
        var together = new List<Lease>();
        var company = new BatchCompany(step);
        foreach (var lease in queue.LeaseNow(step.Plan.Step.Batch))
            if (lease.Job.Alone || lease.Job.Memory > step.Limits.Memory) _parked.Add((step, lease));
            else if (company.Admit(lease.Job)) together.Add(lease);
            else queue.PutBack(lease, TimeSpan.Zero);
        return together;
    }

    private void Start(StepProgram step, IReadOnlyList<Lease> leases, SlotLimits limits, CancellationToken stop)
    {
        Interlocked.Increment(ref _working);
        _started(step, leases);
        Succession.Start(() => Work(step, leases, limits, stop));
    }

    private async Task Work(StepProgram step, IReadOnlyList<Lease> leases, SlotLimits limits, CancellationToken stop)
    {
        try
        {
            var ends = await _worker.Run(step, leases, limits, () => Free(step, limits), stop);
            foreach (var end in ends)
            {
                if (end is JobEnd.Retried) Look();
                await _ended(step, end);
                if (end is not (JobEnd.Retried or JobEnd.GivenBack)) Interlocked.Decrement(ref _open);
            }
        }
        catch (Exception error)
        {
            // A bug, or a store that cannot be written: the run ends with it, once all that runs has ended, instead of waiting for ever.
            _failed.TrySetException(error);
        }
        if (leases[0].Job.NeedsRoom)
            lock (_lock) _alone = false;
        // The loop has to see the end of all, failures and pauses; in between the workers find their next job by themselves.
        if (Interlocked.Decrement(ref _working) == 0 || _failed.Task.IsFaulted) Wake();
    }

    /// <summary>A retry is in its queue again: it may run now, or has a pause that the loop must know of.</summary>
    private void Look()
    {
        StartAll();
        Wake();
    }

    private void Free(StepProgram step, SlotLimits limits)
    {
        lock (_lock) _free.Return(limits);
        // Where no outputs are to be read and hashed first, this thread is free for the next job.
        if (step.Algorithm.Outputs.Count == 0) Succession.Follow(StartAll);
        else StartAll();
    }

    private void Wake()
    {
        try
        {
            if (_wake.CurrentCount == 0) _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Somebody else has woken the loop between the two lines.
        }
    }
}
