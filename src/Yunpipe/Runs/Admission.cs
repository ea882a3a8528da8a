namespace Yunpipe.Runs;

/// <summary>How many items are under way at once. The listing waits where there are enough, and goes on when half of them are through: to wake it for
/// each one would cost as much as a small job.</summary>
internal sealed class Admission(int most)
{
    private readonly Lock _lock = new();
    private int _under, _until;
    private TaskCompletionSource? _waiter;

    /// <summary>Admits one more item; called by one listing at a time.</summary>
    public async ValueTask Enter(CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (Volatile.Read(ref _under) >= most) await Until(most / 2, cancel);
        Interlocked.Increment(ref _under);
    }

    public void Leave()
    {
        TaskCompletionSource? waiter = null;
        lock (_lock)
            if (Interlocked.Decrement(ref _under) <= _until) (waiter, _waiter) = (_waiter, null);
        waiter?.TrySetResult();
    }

    /// <summary>Waits until every item has left.</summary>
    public Task Empty(CancellationToken cancel) => Until(0, cancel);

    private async Task Until(int count, CancellationToken cancel)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_under <= count) return;
            (_until, _waiter) = (count, waiter);
        }
        using var cancelling = cancel.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetCanceled(), waiter);
        await waiter.Task;
    }
}
