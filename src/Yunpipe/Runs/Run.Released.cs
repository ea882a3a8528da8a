using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Runs;

// Jobs that need released outputs wait until the jobs that made them have run again.
public sealed partial class Run
{
    private readonly Lock _waitingGate = new();

    /// <summary>By the job that runs again: who waits for it.</summary>
    private readonly Dictionary<JobId, List<Waiting>> _waiting = [];

    private sealed record Waiting(StepProgram Step, Job Job)
    {
        /// <summary>Jobs that it still waits for.</summary>
        public int Open { get; set; }
        public bool Over { get; set; }
    }

    /// <summary>Queues a job, after those that have to make its released inputs again.</summary>
    private async ValueTask Queue(Flow flow, StepProgram step, Job job)
    {
        var needed = _released.NeededBy(flow, job);
        if (needed.Count == 0)
        {
            await _scheduler.Enqueue(job);
            return;
        }
        var waiting = new Waiting(step, job) { Open = needed.Count };
        foreach (var maker in needed)
        {
            bool first;
            lock (_waitingGate)
            {
                first = !_waiting.TryGetValue(maker.Job.Id, out var others);
                if (first) _waiting[maker.Job.Id] = others = [];
                others!.Add(waiting);
            }
            if (!first) continue;
            // It holds the flow of who needs it: its own may be over long ago.
            _underWay[maker.Job.Id] = (flow, maker.Step, [], null);
            lock (flow.Gate) flow.Pending++;
            _progress[maker.Step.Name].Wait(1);
            await Queue(flow, maker.Step, maker.Job with { Again = true });
        }
    }

    /// <summary>Lets those go on who waited for a job; or ends them with it.</summary>
    private async ValueTask Release(Flow flow, JobEnd end)
    {
        List<Waiting>? waiters;
        lock (_waitingGate) _waiting.Remove(end.Job.Id, out waiters);
        if (end is JobEnd.Done done) _released.Restored(flow, done.Manifest);
        foreach (var waiter in waiters ?? [])
        {
            bool goes, ends;
            lock (_waitingGate)
            {
                goes = --waiter.Open == 0 && !waiter.Over;
                ends = end is not JobEnd.Done && !waiter.Over;
                waiter.Over |= ends || goes;
            }
            if (ends) await GiveUp(waiter, end);
            else if (goes) await _scheduler.Enqueue(waiter.Job);
        }
    }

    private async ValueTask GiveUp(Waiting waiter, JobEnd end)
    {
        _progress[waiter.Step.Name].Wait(-1);
        if (!_underWay.TryRemove(waiter.Job.Id, out var place)) return;
        JobEnd own = end;
        if (end is JobEnd.SetAside { Failure: var cause })
        {
            var failure = new FailureRecord
            {
                Job = waiter.Job.Id.ToString(), Step = waiter.Job.Step, Key = waiter.Job.Key, Origin = waiter.Job.Origin, Meta = waiter.Job.Meta, Cause = cause.Cause, Attempts = [], Tail = cause.Tail,
                Sentence = $"“{cause.Step}” had to run again, since its output was released and is needed here, and failed: {cause.Sentence}",
            };
            own = new JobEnd.SetAside(waiter.Job, failure);
            if (!waiter.Job.Again)
            {
                await _store.SetAside(failure, CancellationToken.None);
                Count(waiter.Step, own, earlier: false);
                Fail(waiter.Step, waiter.Job);
            }
        }
        if (waiter.Job.Again) await Release(place.Flow, own is JobEnd.SetAside ? own : new JobEnd.Superseded(waiter.Job, waiter.Job.Key));
        Leave(place.Flow);
    }
}
