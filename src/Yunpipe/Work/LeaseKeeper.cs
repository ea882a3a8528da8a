using System.Collections.Concurrent;
using Yunpipe.Queues;

namespace Yunpipe.Work;

/// <summary>Renews the leases of running jobs at a third of their length, in one loop (design.md §3.4).</summary>
public sealed class LeaseKeeper : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Lease, CancellationTokenSource> _held = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _loop;

    public LeaseKeeper(TimeProvider time, TimeSpan length) => _loop = Renew(time, length / 3);

    /// <summary>Holds a lease until the result is disposed; the token is cancelled when it was lost to somebody else.</summary>
    public Holding Hold(Lease lease, CancellationToken stop)
    {
        var lost = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _held[lease] = lost;
        return new Holding(this, lease, lost);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
    }

    private async Task Renew(TimeProvider time, TimeSpan every)
    {
        using var timer = new PeriodicTimer(every, time);
        while (await timer.WaitForNextTickAsync(_ending.Token))
            foreach (var (lease, lost) in _held) await Renew(lease, lost);
    }

    /// <summary>One lease that cannot be renewed now must not cost the others theirs: it is tried again, and lapses if that does not help.</summary>
    private async Task Renew(Lease lease, CancellationTokenSource lost)
    {
        try
        {
            if (!await lease.Renew(_ending.Token)) await lost.CancelAsync();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or TimeoutException or ObjectDisposedException)
        {
            // A network that is away for a moment; or the job has ended while this loop was at it.
        }
    }

    /// <summary>A lease in the keeper's care.</summary>
    public readonly struct Holding(LeaseKeeper keeper, Lease lease, CancellationTokenSource lost) : IDisposable
    {
        public CancellationToken Lost => lost.Token;

        public void Dispose()
        {
            keeper._held.TryRemove(lease, out _);
            lost.Dispose();
        }
    }
}
