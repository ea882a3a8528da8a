using Yunpipe.Items;
using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Runs;

/// <summary>What a run tells those who watch it. Called from several threads.</summary>
public abstract record RunEvent
{
    public sealed record JobWaits(Job Job, string Why) : RunEvent;
    public sealed record JobStarted(Job Job) : RunEvent;
    public sealed record JobEnded(JobEnd End, bool Earlier) : RunEvent;
    public sealed record JobHeldBack(string Step, string Key, string Why) : RunEvent;
    public sealed record ItemSetAside(ItemProblem Problem) : RunEvent;
    public sealed record ListingEnded(long Items) : RunEvent;
}

/// <summary>Numbers of one step. Written by the run, read by whoever draws it.</summary>
public sealed class StepProgress(string name)
{
    private long _waiting, _running, _ran, _already, _adopted, _setAside, _heldBack, _madeAgain, _retries, _milliseconds;

    private readonly System.Collections.Concurrent.ConcurrentDictionary<RunReason, (long Count, string Why)> _again = new();

    public string Name { get; } = name;
    public long Waiting => Interlocked.Read(ref _waiting);
    public long Running => Interlocked.Read(ref _running);

    /// <summary>Done by this run's own work.</summary>
    public long Ran => Interlocked.Read(ref _ran);

    /// <summary>Done before the run began.</summary>
    public long Already => Interlocked.Read(ref _already);

    /// <summary>Done by adopting outputs of equal content.</summary>
    public long Adopted => Interlocked.Read(ref _adopted);
    public long SetAside => Interlocked.Read(ref _setAside);

    /// <summary>Items that could not come this far because an earlier step set them aside.</summary>
    public long HeldBack => Interlocked.Read(ref _heldBack);

    /// <summary>Of these: groups that wait for members, as their gather says; and what the first of them lacks.</summary>
    public (long Groups, string Why) Waiters { get; private set; }

    /// <summary>Done before, and run again because a later step needs what was released; counted in <see cref="Already"/>.</summary>
    public long MadeAgain => Interlocked.Read(ref _madeAgain);
    public long Retries => Interlocked.Read(ref _retries);
    public long Done => Ran + Already + Adopted;

    /// <summary>Wall time of all processes together.</summary>
    public TimeSpan Worked => TimeSpan.FromMilliseconds(Interlocked.Read(ref _milliseconds));

    /// <summary>Why jobs ran whose items had results before: the reason, how many, and the sentence of the first.</summary>
    public IReadOnlyDictionary<RunReason, (long Count, string Why)> Again => _again;

    internal void Repeat(RunReason reason, string why) => _again.AddOrUpdate(reason, (1, why), static (_, known) => (known.Count + 1, known.Why));

    internal void Wait(int change) => Interlocked.Add(ref _waiting, change);
    internal void Run(int change) => Interlocked.Add(ref _running, change);
    internal void MakeAgain() => Interlocked.Increment(ref _madeAgain);
    internal void HoldBack() => Interlocked.Increment(ref _heldBack);

    internal void WaitForMembers(string why)
    {
        HoldBack();
        lock (_again) Waiters = (Waiters.Groups + 1, Waiters.Groups == 0 ? why : Waiters.Why);
    }

    internal void Count(JobEnd end, bool earlier)
    {
        switch (end)
        {
            case JobEnd.Done { How: DoneHow.Adopted }: Interlocked.Increment(ref _adopted); break;
            case JobEnd.Done done when earlier || done.How == DoneHow.AlreadyDone: Interlocked.Increment(ref _already); break;
            case JobEnd.Done done:
                Interlocked.Increment(ref _ran);
                Interlocked.Add(ref _milliseconds, (long)(done.Manifest.Last.Use?.Wall ?? 0));
                break;
            case JobEnd.SetAside: Interlocked.Increment(ref _setAside); break;
            case JobEnd.Retried: Interlocked.Increment(ref _retries); break;
        }
    }
}

/// <summary>How a run ended.</summary>
/// <param name="Superseded">Jobs whose input changed before they ran; the same command again takes the new version.</param>
public sealed record RunSummary(IReadOnlyList<StepProgress> Steps, long Items, long ItemsSetAside, long Superseded, long ViewConflicts, bool Interrupted, string? GaveUp)
{
    public long SetAside => Steps.Sum(step => step.SetAside) + ItemsSetAside;
    public long Ran => Steps.Sum(step => step.Ran);
    public long Done => Steps.Sum(step => step.Done);
}
