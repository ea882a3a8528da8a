using Yunpipe.Queues;
using Yunpipe.Stores;

namespace Yunpipe.Work;

/// <summary>How a queue is worked off.</summary>
/// <param name="Jobs">Processes side by side. The step's launcher holds them to that (<see cref="SlotLauncher"/>).</param>
/// <param name="Idle">Ends after having nothing to do for so long; null waits for ever.</param>
public sealed record DrainOptions(int Jobs, TimeSpan? Idle)
{
    /// <summary>Jobs whose inputs are brought while others run, beyond those that run.</summary>
    public int Ahead { get; init; } = 1;

    /// <summary>Jobs whose outputs are on their way, after their process.</summary>
    public int Behind { get; init; } = 2;

    /// <summary>Ends after one process, as <c>isolation: job</c> asks for.</summary>
    public bool Once { get; init; }

    /// <summary>False for a job that is not for this worker, such as one that needs more memory: it goes back to the queue with a pause.</summary>
    public Func<Job, bool> Takes { get; init; } = _ => true;

    /// <summary>Asked when a job comes that was made for another algorithm than this worker's: true where the worker's is the one that stands. Such a job is
    /// one of before then, and is dropped: whoever changed the step has its work sent anew. Otherwise the worker is one of before: it gives the job back and ends.
    /// Null trusts every job.</summary>
    public Func<CancellationToken, Task<bool>>? IsCurrent { get; init; }
}

/// <summary>What is told of a drain.</summary>
public abstract record DrainEvent
{
    public sealed record Started(IReadOnlyList<Job> Jobs) : DrainEvent;

    public sealed record Ended(JobEnd End) : DrainEvent;

    /// <summary>Something that may pass: the network, a service. It is tried again.</summary>
    public sealed record Trouble(string Sentence) : DrainEvent;
}

/// <summary>Works off one step's queue: while a process runs, the next job's inputs are brought and the last one's outputs are sent.
/// <code>
/// lease ──► bring inputs ──► wait for a slot ──► process ──► send outputs, manifest, view ──► complete
///           ├──── Jobs + Ahead of these at once ──────────┤   ├──── Behind more of these ────────────┤
/// finish    leases nothing more; what was leased comes to its end
/// stop      ends the processes and gives their jobs back at once; what is being sent is sent
/// </code></summary>
public sealed class Drain(StepProgram step, IQueue queue, Worker worker, DrainOptions options, TimeProvider time, Action<DrainEvent> observe) : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20), AfterTrouble = TimeSpan.FromSeconds(2), NotForUs = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _before = new(options.Jobs + options.Ahead), _all = new(options.Jobs + options.Ahead + options.Behind);
    private readonly List<Task> _underWay = [];
    private long _quietSince = time.GetTimestamp();
    private int _open;
    private bool _outdated;

    public void Dispose()
    {
        _before.Dispose();
        _all.Dispose();
    }

    /// <summary>Returns when it was idle for long enough, when it was asked to end and everything has ended, or throws what no second try can mend.</summary>
    public async Task Run(CancellationToken finish, CancellationToken stop)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(finish, stop);
        try
        {
            while (!ending.IsCancellationRequested && !IsIdle() && !_outdated)
            {
                await _all.WaitAsync(ending.Token);
                await _before.WaitAsync(ending.Token);
                var batch = await Lease(ending.Token);
                if (batch.Count == 0)
                {
                    _before.Release();
                    _all.Release();
                    continue;
                }
                Interlocked.Increment(ref _open);
                _underWay.RemoveAll(task => task.IsCompletedSuccessfully);
                if (_underWay.Find(task => task.IsFaulted) is { } failed) await failed;
                // Who found the disk full goes alone: nothing beside it, before or after.
                var alone = batch[0].Job.NeedsRoom;
                if (alone) await Task.WhenAll(_underWay);
                _underWay.Add(Task.Run(() => Work(batch, stop), CancellationToken.None));
                if (alone) await Task.WhenAll(_underWay);
                if (options.Once) break;
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // Asked to end: what is under way is waited for below.
        }
        await Task.WhenAll(_underWay);
    }

    private bool IsIdle() => options.Idle is { } idle && Volatile.Read(ref _open) == 0 && time.GetElapsedTime(Volatile.Read(ref _quietSince)) >= idle;

    /// <summary>Jobs that may go in one process; none when there were none, or only such as are not for us.</summary>
    private async Task<IReadOnlyList<Lease>> Lease(CancellationToken cancel)
    {
        var together = new List<Lease>();
        try
        {
            var wait = options.Idle is { } idle && idle < LongestWait ? idle : LongestWait;
            foreach (var lease in await queue.Lease(step.Plan.Step.Batch, wait, cancel)) await Sort(lease, together);
        }
        catch (IOException error)
        {
            // What was leased and not told of comes again when its lease is over.
            observe(new DrainEvent.Trouble(error.Message));
            await Task.Delay(AfterTrouble, time, cancel);
        }
        return together;
    }

    private async ValueTask Sort(Lease lease, List<Lease> together)
    {
        if (options.IsCurrent is { } isCurrent && !IsOurs(lease.Job)) await Foreign(lease, isCurrent);
        else if (_outdated) await lease.GiveBack(TimeSpan.Zero, CancellationToken.None);
        else if (!options.Takes(lease.Job)) await lease.Retry(lease.Job, NotForUs, CancellationToken.None);
        else if (together.Count == 0 || !IsAlone(together[0].Job) && !IsAlone(lease.Job) && step.SharedInputs(together[0].Job) == step.SharedInputs(lease.Job)) together.Add(lease);
        else await lease.GiveBack(TimeSpan.Zero, CancellationToken.None);
    }

    /// <summary>The algorithm is part of a job's id.</summary>
    private bool IsOurs(Job job) => JobIdentity.OfJob(step.Name, step.Identity, job.Variables, job.Inputs) == job.Id;

    private async ValueTask Foreign(Lease lease, Func<CancellationToken, Task<bool>> isCurrent)
    {
        if (_outdated || !await isCurrent(CancellationToken.None))
        {
            if (!_outdated) observe(new DrainEvent.Trouble($"“{step.Name}” was changed: this worker gives its jobs back and ends."));
            _outdated = true;
            await lease.GiveBack(TimeSpan.Zero, CancellationToken.None);
            return;
        }
        observe(new DrainEvent.Trouble($"Job {lease.Job.Id} was made before “{step.Name}” was changed: it is dropped."));
        await lease.Complete(CancellationToken.None);
    }

    private static bool IsAlone(Job job) => job.Alone || job.NeedsRoom;

    private async Task Work(IReadOnlyList<Lease> batch, CancellationToken stop)
    {
        var released = 0;
        void Release()
        {
            if (Interlocked.Exchange(ref released, 1) == 0) _before.Release();
        }
        try
        {
            observe(new DrainEvent.Started([.. batch.Select(lease => lease.Job)]));
            foreach (var end in await worker.Run(step, batch, step.LimitsOf(batch[0].Job), Release, stop)) observe(new DrainEvent.Ended(end));
        }
        catch (IOException error)
        {
            // The store or the queue was away for longer than was tried: the lease lapses, and the job comes again.
            observe(new DrainEvent.Trouble($"Job {batch[0].Job.Id}: {error.Message}"));
            await Task.Delay(AfterTrouble, time, CancellationToken.None);
        }
        finally
        {
            Release();
            _all.Release();
            Volatile.Write(ref _quietSince, time.GetTimestamp());
            Interlocked.Decrement(ref _open);
        }
    }
}
