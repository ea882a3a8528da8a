using Yunpipe.Work;

namespace Yunpipe.Queues;

/// <summary>The queue of local runs. What it holds is derived again from inputs and records after a crash, so memory is enough.</summary>
public sealed class MemoryQueue(TimeProvider time, TimeSpan leaseLength) : IQueue
{
    private readonly Lock _lock = new();
    private readonly Queue<Job> _ready = new();
    private readonly PriorityQueue<Job, long> _delayed = new();
    private readonly Dictionary<MemoryLease, long> _leased = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Another queue for jobs that are to be tried again under other conditions; null keeps them in this one.</summary>
    public Func<Job, MemoryQueue?> RetriesGoTo { get; init; } = _ => null;

    /// <summary>Jobs that could be leased now.</summary>
    public int Ready
    {
        get
        {
            lock (_lock)
            {
                Ripen();
                return _ready.Count;
            }
        }
    }

    /// <summary>Jobs waiting, delayed and leased together.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _ready.Count + _delayed.Count + _leased.Count;
        }
    }

    public ValueTask Enqueue(Job job, CancellationToken cancel)
    {
        lock (_lock)
        {
            _ready.Enqueue(job);
            Announce();
        }
        return ValueTask.CompletedTask;
    }

    public async ValueTask<IReadOnlyList<Lease>> Lease(int most, TimeSpan wait, CancellationToken cancel)
    {
        var until = In(wait);
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (TakeReady(most) is { Count: > 0 } leases) return leases;
                changed = _changed.Task;
            }
            var left = TimeSpan.FromSeconds((until - time.GetTimestamp()) / (double)time.TimestampFrequency);
            if (left <= TimeSpan.Zero) return [];
            await Task.WhenAny(changed, Task.Delay(Min(left, NextChange()), time, cancel));
            cancel.ThrowIfCancellationRequested();
        }
    }

    /// <summary>What is ready now, without waiting: for a scheduler that looks at several queues.</summary>
    public IReadOnlyList<Lease> LeaseNow(int most)
    {
        lock (_lock) return TakeReady(most);
    }

    /// <summary>Returns a leased job; nothing where the lease has lapsed.</summary>
    public void PutBack(Lease lease, TimeSpan delay) => PutBack(lease, lease.Job, delay);

    private void PutBack(Lease lease, Job job, TimeSpan delay)
    {
        lock (_lock)
            if (lease is MemoryLease own && _leased.Remove(own)) Add(job, delay);
    }

    private void Retry(MemoryLease lease, Job job, TimeSpan delay)
    {
        if (RetriesGoTo(job) is not { } other || other == this)
        {
            PutBack(lease, job, delay);
            return;
        }
        lock (_lock)
            if (!_leased.Remove(lease)) return;
        lock (other._lock) other.Add(job, delay);
    }

    /// <summary>Inside the lock.</summary>
    private void Add(Job job, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero) _ready.Enqueue(job);
        else _delayed.Enqueue(job, In(delay));
        Announce();
    }

    /// <summary>Renews a lease that nobody else keeps; false where it has lapsed and the job is handed out again.</summary>
    public bool Keep(Lease lease)
    {
        lock (_lock)
        {
            if (lease is not MemoryLease own || !_leased.ContainsKey(own)) return false;
            _leased[own] = Lapses();
            return true;
        }
    }

    /// <summary>Time until a delayed job or a lapsing lease changes what is ready; a long time where nothing will.</summary>
    public TimeSpan NextChange()
    {
        lock (_lock)
        {
            var next = long.MaxValue;
            if (_delayed.TryPeek(out _, out var due)) next = due;
            foreach (var lapses in _leased.Values) next = Math.Min(next, lapses);
            if (next == long.MaxValue) return TimeSpan.FromHours(1);
            return Max(TimeSpan.FromSeconds((next - time.GetTimestamp()) / (double)time.TimestampFrequency), TimeSpan.FromMilliseconds(1));
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private List<Lease> TakeReady(int most)
    {
        Ripen();
        var leases = new List<Lease>(Math.Min(most, _ready.Count));
        while (leases.Count < most && _ready.TryDequeue(out var job))
        {
            var lease = new MemoryLease(this, job);
            _leased[lease] = Lapses();
            leases.Add(lease);
        }
        return leases;
    }

    private void Ripen()
    {
        var now = time.GetTimestamp();
        while (_delayed.TryPeek(out var job, out var due) && due <= now)
        {
            _delayed.Dequeue();
            _ready.Enqueue(job);
        }
        if (_leased.Count == 0) return;
        List<MemoryLease>? lapsed = null;
        foreach (var (lease, lapses) in _leased)
            if (lapses <= now) (lapsed ??= []).Add(lease);
        foreach (var lease in lapsed ?? [])
        {
            _leased.Remove(lease);
            _ready.Enqueue(lease.Job);
        }
    }

    private long Lapses() => In(leaseLength);

    private long In(TimeSpan delay) => time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency);

    private void Announce()
    {
        var changed = _changed;
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.TrySetResult();
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private sealed class MemoryLease(MemoryQueue queue, Job job) : Lease(job)
    {
        public override TimeSpan Length => queue.LeaseLength;

        public override ValueTask<bool> Renew(CancellationToken cancel) => ValueTask.FromResult(queue.Keep(this));

        public override ValueTask Complete(CancellationToken cancel)
        {
            lock (queue._lock) queue._leased.Remove(this);
            return ValueTask.CompletedTask;
        }

        public override ValueTask GiveBack(TimeSpan delay, CancellationToken cancel)
        {
            queue.PutBack(this, delay);
            return ValueTask.CompletedTask;
        }

        public override ValueTask Retry(Job changed, TimeSpan delay, CancellationToken cancel)
        {
            queue.Retry(this, changed, delay);
            return ValueTask.CompletedTask;
        }
    }

    private TimeSpan LeaseLength => leaseLength;
}
