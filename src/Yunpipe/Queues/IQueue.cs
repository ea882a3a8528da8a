using Yunpipe.Work;

namespace Yunpipe.Queues;

/// <summary>Jobs waiting for one step, handed out under a lease (design.md §2). A job may come twice; a lost one can be derived again.</summary>
public interface IQueue : IAsyncDisposable
{
    ValueTask Enqueue(Job job, CancellationToken cancel);

    /// <summary>Up to <paramref name="most"/> leases, at once those that are ready; waits for the first until <paramref name="wait"/> is over.</summary>
    ValueTask<IReadOnlyList<Lease>> Lease(int most, TimeSpan wait, CancellationToken cancel);
}

/// <summary>One job in somebody's hands. Ends by exactly one of Complete, GiveBack or Retry; when it lapses, the job is handed out again.</summary>
public abstract class Lease(Job job)
{
    public Job Job { get; } = job;

    /// <summary>How long it holds from now or the last renewal; it is renewed at a third of that.</summary>
    public abstract TimeSpan Length { get; }

    /// <summary>False where it has lapsed and somebody else may hold the job.</summary>
    public abstract ValueTask<bool> Renew(CancellationToken cancel);

    public abstract ValueTask Complete(CancellationToken cancel);

    /// <summary>Returns the job to the queue, to be handed out after <paramref name="delay"/>.</summary>
    public abstract ValueTask GiveBack(TimeSpan delay, CancellationToken cancel);

    /// <summary>Puts the job, as it is to be tried next, in the place of this one, to be handed out after <paramref name="delay"/>. It is never in neither place.</summary>
    public abstract ValueTask Retry(Job changed, TimeSpan delay, CancellationToken cancel);
}
