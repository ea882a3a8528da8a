using System.Collections.Concurrent;
using Yunpipe.Items;
using Yunpipe.Queues;
using Yunpipe.Stores;
using Yunpipe.Work;
using Yunpipe.Workflows;

namespace Yunpipe.Runs;

/// <summary>One execution of a workflow over a set of items. Each pass lists the items anew and takes each as far as it can go;
/// then the gathers of that pass run. What is done is found by its manifest, so a second pass, or a second run, does nothing twice.
/// <code>
/// for every pass:   list items → flow of each: instance → done? → queue → worker → result → further instances
///                   end of listing → groups of the pass's gathers, step by step
/// </code></summary>
public sealed partial class Run : IDisposable
{
    private const int MostWithoutRoom = 3;

    /// <summary>Items that are listed before a job of theirs is thought of.</summary>
    private const int MostAhead = 256;

    /// <summary>What failures of items that no step could take are filed under.</summary>
    public const string InputStep = "input";

    private readonly Plan _plan;
    private readonly IReadOnlyList<StepProgram> _steps;
    private readonly IStore _store;
    private readonly Func<IAsyncEnumerable<Found>> _items;
    private readonly RunOptions _options;
    private readonly Action<RunEvent> _observe;
    private readonly Scheduler _scheduler;
    private readonly ItemFlows _flows;
    private readonly Gathering _gathering;
    private readonly ReleasedOutputs _released;
    private readonly ScatterShrink _shrink;
    private readonly ConcurrentDictionary<JobId, (Flow Flow, StepProgram Step, IReadOnlyList<KeyValuePair<string, string>> Axes, (RunReason Reason, string Why)? Again)> _underWay = new();
    private readonly Dictionary<string, StepProgress> _progress;
    private readonly Admission _admitted;
    private readonly CancellationTokenSource _giveUp = new();
    private int _pass, _foundNoRoom;

    /// <summary>True where earlier runs left results, so that it can be said why something is made again.</summary>
    private bool _resumes;
    private long _itemCount, _itemsSetAside, _superseded, _viewConflicts;
    private string? _gaveUp;

    /// <param name="items">Lists the workflow's items; called once a pass.</param>
    /// <param name="observe">Hears everything; called from several threads.</param>
    public Run(Plan plan, IReadOnlyList<StepProgram> steps, IStore store, Worker worker, Func<IAsyncEnumerable<Found>> items, RunOptions options,
        TimeProvider time, Action<RunEvent> observe)
    {
        (_plan, _steps, _store, _items, _options, _observe) = (plan, steps, store, items, options, observe);
        _gathering = new Gathering(steps);
        _flows = new ItemFlows(steps, _gathering);
        _released = new ReleasedOutputs(steps, store);
        _shrink = new ScatterShrink(steps, store);
        _progress = steps.ToDictionary(step => step.Name, step => new StepProgress(step.Name));
        _admitted = new Admission(Math.Max(64, options.Capacity.Jobs * 8 * steps.Max(step => step.Plan.Step.Batch)));
        _scheduler = new Scheduler(steps, worker, options.Capacity, time, options.LeaseLength, Started, Ended);
    }

    public IReadOnlyList<StepProgress> Progress => [.. _steps.Select(step => _progress[step.Name])];

    /// <summary>Runs to the end, until <paramref name="finish"/> lets what runs come to its end, or until <paramref name="stop"/>.</summary>
    public async Task<RunSummary> Execute(CancellationToken finish, CancellationToken stop)
    {
        await foreach (var _ in _store.Manifests(null, stop))
        {
            _resumes = true;
            break;
        }
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(finish, stop, _giveUp.Token);
        var scheduling = Task.Run(() => _scheduler.Run(ending.Token, stop), CancellationToken.None);
        try
        {
            for (_pass = 0; _pass < _plan.Passes && !ending.IsCancellationRequested; _pass++)
            {
                await Guard(ItemPass(ending.Token), scheduling);
                // A part of the items makes no whole group: its result would take the place of the true one.
                if (_options.Only.Count > 0) continue;
                foreach (var step in _steps.Where(step => step.Plan.Grouped is not null && step.Plan.Pass == _pass))
                    if (!ending.IsCancellationRequested) await Guard(GroupWave(step, ending.Token), scheduling);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // Asked to end: what runs is waited for below.
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            GiveUp(error);
        }
        _scheduler.Close();
        try
        {
            await scheduling;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            GiveUp(error);
        }
        return new RunSummary(Progress, _itemCount, _itemsSetAside, _superseded, _viewConflicts, finish.IsCancellationRequested || stop.IsCancellationRequested, _gaveUp);
    }

    public void Dispose()
    {
        _giveUp.Dispose();
        _scheduler.Dispose();
    }

    /// <summary>Waits for a pass, but not past the death of the scheduler.</summary>
    private async Task Guard(Task pass, Task scheduling)
    {
        if (await Task.WhenAny(pass, scheduling) != pass && scheduling.IsFaulted)
        {
            await _giveUp.CancelAsync();
            await pass.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await scheduling;
        }
        await pass;
    }

    /// <summary>Without input or records nothing can go on: what runs comes to its end, and the same command again does the rest.</summary>
    private void GiveUp(Exception error)
    {
        _gaveUp ??= Failure.From(error).Sentence;
        _giveUp.Cancel();
    }

    private async Task ItemPass(CancellationToken cancel)
    {
        var active = _steps.Where(step => step.Plan.Grouped is null && step.Plan.Pass <= _pass).ToList();
        _scheduler.Feed(true);
        // What was wrong with names last time may have been mended: the listing tells it anew.
        if (_pass == 0)
            await foreach (var flaw in _store.Failures(InputStep, cancel))
                if (JobId.TryParse(flaw.Job, out var id)) await _store.ForgetFailure(InputStep, id, cancel);
        await foreach (var found in new ReadAhead<Found>(MostAhead).Of(_items(), cancel))
        {
            if (found.Problem is { } problem)
            {
                if (_pass == 0) await SetAsideItem(problem);
                continue;
            }
            var item = found.Item!;
            if (!_options.Takes(item.Key)) continue;
            if (_pass == 0) Interlocked.Increment(ref _itemCount);
            await _admitted.Enter(cancel);
            var flow = new Flow(item.Key, isItem: true) { Pending = 1 };
            flow.Add(-1, null, new StepResult(item, []));
            if (_pass == 0) _gathering.Add(-1, null, item);
            await Advance(flow, active);
            Leave(flow);
        }
        _scheduler.Feed(false);
        _observe(new RunEvent.ListingEnded(Interlocked.Read(ref _itemCount)));
        await _admitted.Empty(cancel);
    }

    private async Task GroupWave(StepProgram step, CancellationToken cancel)
    {
        var wave = new List<Flow>();
        if (step.Plan.Step.Gather is { } gather)
            foreach (var group in _gathering.Of(step))
            {
                var flow = _flows.GroupFlow(step.Plan, group.Key);
                var lacks = Gathering.Lacks(gather, group);
                if (lacks.Count > 0 && gather.Missing != MissingPolicy.Skip)
                {
                    await HoldBackGroup(step, group, lacks, gather.Missing);
                    continue;
                }
                wave.Add(flow);
                await Dispatch(flow, _flows.ReadyGroup(flow, step, group, lacks));
            }
        else
            foreach (var flow in _flows.GroupFlows(step.Plan))
            {
                wave.Add(flow);
                List<ItemFlows.Instance> ready;
                lock (flow.Gate) ready = [.. _flows.Ready(flow, step)];
                await Dispatch(flow, ready);
            }
        while (wave.Exists(flow => { lock (flow.Gate) return flow.Pending > 0; })) await Task.Delay(TimeSpan.FromMilliseconds(5), cancel);
    }

    private async ValueTask Advance(Flow flow, IReadOnlyList<StepProgram> active)
    {
        foreach (var step in active)
        {
            List<ItemFlows.Instance>? ready = null;
            lock (flow.Gate)
                foreach (var instance in _flows.Ready(flow, step)) (ready ??= []).Add(instance);
            if (ready is not null) await Dispatch(flow, ready);
        }
    }

    private async ValueTask Dispatch(Flow flow, IEnumerable<ItemFlows.Instance> instances)
    {
        foreach (var instance in instances)
            if (instance.Job is { } job) await Consider(flow, instance.Step, instance.Axes, job);
            else HoldBack(instance.Step, instance.Key, instance.Flaw!);
    }

    /// <summary>Done and set-aside jobs settle at once; the others are queued.</summary>
    private async ValueTask Consider(Flow flow, StepProgram step, IReadOnlyList<KeyValuePair<string, string>> axes, Job job)
    {
        await _shrink.Note(step, job);
        if (await _store.Find(step.Name, job.Id, CancellationToken.None) is { } manifest)
        {
            if (await IsPresent(step, manifest))
            {
                Count(step, new JobEnd.Done(job, manifest, DoneHow.AlreadyDone), earlier: true);
                await _released.Look(flow, step, job, manifest);
                Result(flow, step, axes, manifest);
                await _shrink.Settle(step, manifest);
                return;
            }
            job = job with { Again = true };
        }
        else if (await _store.FindFailure(step.Name, job.Id, CancellationToken.None) is { } failure)
        {
            // A disk that was full says nothing about the item: the next run tries again by itself.
            if ((_options.RetrySetAside || failure.Cause == Cause.DiskFull) && step.Plan.Pass == _pass)
            {
                await _store.ForgetFailure(step.Name, job.Id, CancellationToken.None);
                await Admit(flow, step, axes, job);
                return;
            }
            Count(step, new JobEnd.SetAside(job, failure), earlier: true);
            Fail(step, job);
            return;
        }
        await Admit(flow, step, axes, job);
    }

    private async ValueTask Admit(Flow flow, StepProgram step, IReadOnlyList<KeyValuePair<string, string>> axes, Job job)
    {
        (RunReason, string)? again = _resumes && !job.Again && await _store.FindItem(step.Name, job.Key, CancellationToken.None) is { } last ? WhyAgain.Of(step, job, last) : null;
        if (!_underWay.TryAdd(job.Id, (flow, step, axes, again))) return;
        lock (flow.Gate) flow.Pending++;
        _progress[step.Name].Wait(1);
        await Queue(flow, step, job);
    }

    /// <summary>Brings the view of a finished job up to date. False where its outputs were released though they are results, which nothing else can bring back.</summary>
    private async ValueTask<bool> IsPresent(StepProgram step, Manifest manifest)
    {
        var entries = ViewPath.Of(manifest, step.Plan, _plan.Workflow.Output.Layout);
        if (await _store.HasView(manifest, entries, CancellationToken.None)) return true;
        if (await _store.HasOutputs(manifest, CancellationToken.None)) await _store.MakeView(manifest, entries, CancellationToken.None);
        else if (step.Plan.Readers.Count == 0) return false;
        // What stands there is of another job, and this one's is gone.
        else if ((await _store.FindItem(manifest.Step, manifest.Key, CancellationToken.None))?.Job != manifest.Job) await _store.MakeView(manifest, [], CancellationToken.None);
        return true;
    }

    private void Started(StepProgram step, IReadOnlyList<Lease> leases)
    {
        var progress = _progress[step.Name];
        progress.Wait(-leases.Count);
        progress.Run(leases.Count);
        foreach (var lease in leases) _observe(new RunEvent.JobStarted(lease.Job));
    }

    private async ValueTask Ended(StepProgram step, JobEnd end)
    {
        var progress = _progress[step.Name];
        progress.Run(-1);
        var madeAgain = end.Job.Again && step.Plan.Readers.Count > 0;
        Notice(end);
        if (end is JobEnd.Retried or JobEnd.GivenBack)
        {
            progress.Wait(1);
            if (!madeAgain) Count(step, end, earlier: false);
            return;
        }
        // A job that was handed out twice, since its lease had lapsed, counts once.
        if (!_underWay.TryRemove(end.Job.Id, out var place)) return;
        if (!madeAgain) Count(step, end, earlier: false);
        if (madeAgain)
        {
            if (end is JobEnd.Done) progress.MakeAgain();
            await Release(place.Flow, end);
            Leave(place.Flow);
            return;
        }
        switch (end)
        {
            case JobEnd.Done done:
                if (place.Again is { } again && done.How == DoneHow.Ran) progress.Repeat(again.Reason, again.Why);
                if (done.HidesBehind is not null) Interlocked.Increment(ref _viewConflicts);
                lock (place.Flow.Gate) Result(place.Flow, step, place.Axes, done.Manifest);
                await _shrink.Settle(step, done.Manifest);
                break;
            case JobEnd.SetAside:
                Fail(step, end.Job);
                break;
            case JobEnd.Superseded:
                Interlocked.Increment(ref _superseded);
                break;
        }
        if (step.Plan.Grouped is null)
            await Advance(place.Flow, [.. _steps.Where(other => other.Plan.Grouped is null && other.Plan.Pass <= _pass && other.Plan.Index > step.Plan.Index)]);
        Leave(place.Flow);
    }

    /// <summary>One item that fills the disk all alone is set aside; where several in a row find no room, it is not theirs to blame, and the rest would fare no better.</summary>
    private void Notice(JobEnd end)
    {
        if (end is JobEnd.Done) Interlocked.Exchange(ref _foundNoRoom, 0);
        if (end is not JobEnd.SetAside { Failure: { Cause: Cause.DiskFull } failure } || Interlocked.Increment(ref _foundNoRoom) < MostWithoutRoom || _gaveUp is not null) return;
        _gaveUp = failure.Sentence;
        _giveUp.Cancel();
    }

    private void Leave(Flow flow)
    {
        bool over;
        lock (flow.Gate) over = --flow.Pending == 0;
        if (over && flow.IsItem) _admitted.Leave();
    }

    private void Result(Flow flow, StepProgram step, IReadOnlyList<KeyValuePair<string, string>> axes, Manifest manifest) =>
        _flows.AddResult(flow, step, axes, manifest, gathers: step.Plan.Pass == _pass);

    private void Fail(StepProgram step, Job job)
    {
        if (step.Plan.Pass != _pass) return;
        foreach (var behind in _flows.Behind(step))
            if (behind.Plan.Step.Gather is not null) _gathering.Miss(behind, job.Key, job.Origin, job.Meta);
            else HoldBack(behind, job.Key, $"“{step.Name}” set it aside.");
    }

    private void HoldBack(StepProgram step, string key, string why)
    {
        _progress[step.Name].HoldBack();
        _observe(new RunEvent.JobHeldBack(step.Name, key, why));
    }

    private async ValueTask HoldBackGroup(StepProgram step, Group group, IReadOnlyList<string> lacks, MissingPolicy policy)
    {
        if (policy == MissingPolicy.Wait)
        {
            var sentence = Gathering.Sentence(group, lacks);
            _progress[step.Name].WaitForMembers(sentence);
            _observe(new RunEvent.JobHeldBack(step.Name, group.Key, sentence));
            return;
        }
        var (job, failure, flaw) = Gathering.Incomplete(step, group, lacks);
        if (job is null || failure is null)
        {
            HoldBack(step, group.Key, flaw!);
            return;
        }
        await _store.SetAside(failure, CancellationToken.None);
        Count(step, new JobEnd.SetAside(job, failure), earlier: false);
    }

    private async ValueTask SetAsideItem(ItemProblem problem)
    {
        Interlocked.Increment(ref _itemsSetAside);
        _observe(new RunEvent.ItemSetAside(problem));
        await _store.SetAside(FailureOf(problem), CancellationToken.None);
    }

    /// <summary>The record that sets aside what no step could take.</summary>
    internal static FailureRecord FailureOf(ItemProblem problem) => new()
    {
        Job = JobId.Of(System.Text.Encoding.UTF8.GetBytes("item\0" + problem.Key)).ToString(), Step = InputStep, Key = problem.Key, Origin = problem.Key,
        Meta = new Dictionary<string, string>(), Cause = Cause.InputName, Sentence = problem.Message, Attempts = [],
    };

    private void Count(StepProgram step, JobEnd end, bool earlier)
    {
        if (step.Plan.Pass != _pass) return;
        var progress = _progress[step.Name];
        progress.Count(end, earlier);
        _observe(new RunEvent.JobEnded(end, earlier));
        if (end is not JobEnd.SetAside || _plan.Workflow.Tolerate is not { } tolerate || _gaveUp is not null) return;
        var aside = Progress.Sum(each => each.SetAside);
        var items = Interlocked.Read(ref _itemCount);
        if (tolerate.Count is { } count ? aside <= count : aside <= Math.Max(1, tolerate.Share!.Value * items)) return;
        _gaveUp = $"{(aside == 1 ? "1 job was" : $"{aside} jobs were")} set aside; the workflow tolerates {(tolerate.Count is { } most ? $"{most}" : $"{tolerate.Share:P0}")}.";
        _giveUp.Cancel();
    }
}
