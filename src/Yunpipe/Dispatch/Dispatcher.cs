using System.Collections.Concurrent;
using Yunpipe.Deployments;
using Yunpipe.Runs;
using Yunpipe.Stores;
using Yunpipe.Work;
using Yunpipe.Workflows;

namespace Yunpipe.Dispatch;

/// <summary>Puts jobs of one step into its queue; an <see cref="IOException"/> where some may not have arrived.</summary>
public delegate Task SendJobs(StepProgram step, IReadOnlyList<Job> jobs, CancellationToken cancel);

/// <summary>What a dispatcher works with.</summary>
/// <param name="Self">Tells the notes of this process from those of others.</param>
/// <param name="Table">Opens the input's table, where it has one.</param>
public sealed record DispatcherParts(DeployedWorkflow Deployed, IStore Store, Notes Notes, InputListing Input, SendJobs Send, TimeProvider Time, string Self, Func<TextReader>? Table = null)
{
    /// <summary>Lists what is settled, where that is cheaper than to ask job by job; null asks.</summary>
    public ListJobs? Settled { get; init; }

    /// <summary>Tells people of what was set aside and what is finished; null where nobody is to be told.</summary>
    public TellPeople? Tell { get; init; }
}

/// <summary>What became of a batch of events.</summary>
/// <param name="Failed">Positions of events that could not be handled and must come again, and why.</param>
/// <param name="Sent">Jobs that were sent, by step.</param>
public sealed record Handled(int Looked, IReadOnlyDictionary<string, int> Sent, IReadOnlyDictionary<int, string> Failed);

/// <summary>Turns what happens in the store into jobs in queues. It remembers nothing that counts: every event names an item, which is built from the
/// input as it is now and walked with the manifests as the only memory. So events may come twice, late, in any order or not at all
/// (docs/spec/dispatcher.md).</summary>
public sealed partial class Dispatcher
{
    private const int AtOnce = 64;
    private readonly DispatcherParts _parts;
    private readonly IReadOnlyList<StepProgram> _steps;
    private readonly ItemFinder _items;
    private readonly GroupIndex _groups;
    private readonly LookAgain _looks;
    private readonly SentLog _sent;
    private readonly NewestEvents _newest = new();
    private readonly Notices? _notices;
    private readonly ScatterShrink _shrink;
    private readonly IReadOnlyDictionary<string, StepProgram> _byName;

    public Dispatcher(DispatcherParts parts)
    {
        (_parts, _steps) = (parts, parts.Deployed.Steps);
        _items = new ItemFinder(parts.Deployed.Plan.Workflow.Input, parts.Input, parts.Notes, parts.Table);
        _groups = new GroupIndex(parts.Notes);
        _looks = new LookAgain(parts.Notes, parts.Time, parts.Self);
        _sent = new SentLog(parts.Notes, parts.Time, parts.Self);
        _notices = parts.Tell is { } tell ? new Notices(parts.Deployed.Deployment.Name, parts.Notes, _looks, _sent, parts.Time, tell) : null;
        _shrink = new ScatterShrink(_steps, parts.Store);
        _byName = _steps.ToDictionary(step => step.Name, StringComparer.Ordinal);
    }

    /// <summary>Looks at all that the events name, and sends the jobs that are missing. An event that could not be handled fails alone.</summary>
    public async Task<Handled> Handle(IReadOnlyList<StoreEvent> events, CancellationToken cancel)
    {
        var batch = new Batch();
        await _sent.Refresh(cancel);
        await Parallel.ForAsync(0, events.Count, Side(cancel), (at, stop) => batch.Guard(at, () => Name(batch, at, events[at], stop), stop));
        await Parallel.ForEachAsync(batch.Items, Side(cancel), (entry, stop) => batch.Guard(entry.Value, () => LookAtItem(batch, entry.Key, stop), stop));
        await Parallel.ForEachAsync(batch.Groups, Side(cancel), (entry, stop) => batch.Guard(entry.Value, () => LookAtResult(batch, entry.Key, stop), stop));
        var sent = await Send(batch, force: false, cancel);
        foreach (var at in batch.Failed.Keys)
            if (events[at] is StoreEvent.InputWritten { File.File.Path: var path }) _newest.Forget(path);
            else if (events[at] is StoreEvent.InputRemoved removed) _newest.Forget(removed.Path);
        return new Handled(batch.Items.Count + batch.Groups.Count, sent, batch.Failed);
    }

    /// <summary>Finds out what an event is about.</summary>
    private async Task Name(Batch batch, int at, StoreEvent happened, CancellationToken cancel)
    {
        switch (happened)
        {
            case StoreEvent.InputWritten written:
                if (!TakeNewest(written.File.File.Path, written.Sequencer)) return;
                batch.Known[written.File.File.Path] = written.File;
                await NameInput(batch, at, written.File, cancel);
                break;
            case StoreEvent.InputRemoved removed:
                if (!TakeNewest(removed.Path, removed.Sequencer)) return;
                batch.Known.TryRemove(removed.Path, out _);
                await NameInput(batch, at, new InputFile(new Items.SourceFile(removed.Path, 0, ""), 0), cancel);
                break;
            case StoreEvent.Recorded { Step: Run.InputStep } nameless when JobId.TryParse(nameless.Job, out var file):
                await NoteAside(await _parts.Store.FindFailure(Run.InputStep, file, cancel), cancel);
                break;
            case StoreEvent.Recorded recorded when _byName.TryGetValue(recorded.Step, out var step) && JobId.TryParse(recorded.Job, out var job):
                var manifest = await _parts.Store.Find(step.Name, job, cancel);
                if (manifest is not null)
                {
                    Measure(manifest);
                    await Shrink(step, manifest, cancel);
                }
                var failure = manifest is null ? await _parts.Store.FindFailure(step.Name, job, cancel) : null;
                await NoteAside(failure, cancel);
                if ((manifest?.Origin ?? failure?.Origin) is not { } origin) return;
                if (manifest is not null) batch.Landed.GetOrAdd(origin, _ => []).Add(manifest);
                if (step.Plan.Grouped is null) batch.AddItem(origin, at);
                else batch.AddGroup(new GroupName(step.Name, origin), at);
                break;
        }
    }

    private async Task SetAside(FailureRecord failure, CancellationToken cancel)
    {
        await _parts.Store.SetAside(failure, cancel);
        await NoteAside(failure, cancel);
    }

    private ValueTask NoteAside(FailureRecord? failure, CancellationToken cancel) => failure is null || _notices is null ? ValueTask.CompletedTask : _notices.Aside(failure, cancel);

    /// <summary>Tells people what there is to tell (<see cref="Notices"/>).</summary>
    /// <param name="idle">True where nothing waits, nothing runs and nothing was just sent.</param>
    public Task Tell(bool idle, CancellationToken cancel) => _notices?.Tell(idle, cancel) ?? Task.CompletedTask;

    /// <summary>Seconds that jobs of a step have taken lately, as far as this process has heard: the newer count for more.</summary>
    public ConcurrentDictionary<string, double> JobSeconds { get; } = new(StringComparer.Ordinal);

    private void Measure(Manifest manifest)
    {
        if (manifest.OutputsOf is not null || manifest.Last.Ended <= manifest.Last.Started) return;
        var seconds = (manifest.Last.Ended - manifest.Last.Started) / 1000.0;
        JobSeconds.AddOrUpdate(manifest.Step, seconds, (_, known) => known * 0.9 + seconds * 0.1);
    }

    private async Task NameInput(Batch batch, int at, InputFile file, CancellationToken cancel)
    {
        var path = file.File.Path;
        foreach (var group in ClosedBy(path)) await _looks.Touch(new Look(group.Key, group.Step, false, 0), TimeSpan.Zero, cancel);
        if (_items.ProblemOf(file.File) is { } problem) await SetAside(Run.FailureOf(problem), cancel);
        foreach (var touched in await _items.Of(path, cancel))
            if (touched.IsDirectory) await _looks.Touch(new Look(touched.Key, null, true, 0), _items.Ends.AreTold ? TimeSpan.Zero : ImageQuiet, cancel);
            else batch.AddItem(touched.Key, at);
    }

    /// <summary>Builds an item as it is now and takes it as far as its manifests go.</summary>
    private async Task LookAtItem(Batch batch, string key, CancellationToken cancel)
    {
        var contributor = new Contributor(key);
        if (await _items.Find(key, batch.Known, cancel) is not { } found)
        {
            // Gone, or not whole yet: groups that its name says it was in may have to do without.
            if (await _items.MetaOf(key, cancel) is { } meta)
                foreach (var gather in Gathers)
                    if (Items.DerivedKey.OfGroup(gather.Plan.Step.Gather!.By, meta, key) is { } group) await TouchIfMember(new GroupName(gather.Name, group), contributor, cancel);
            return;
        }
        if (found.Lacks && !batch.Settled.Contains(key)) await _looks.Touch(new Look(key, null, false, 0), Quiet(null), cancel);
        else
        {
            var walk = await WalkItem(found, cancel, batch.KnownJobs(_parts.Settled, cancel));
            await Take(batch, contributor, walk, found.Order, cancel);
            if (batch.Landed.TryGetValue(key, out var landed)) await BreakTies(batch, key, walk, landed, cancel);
        }
    }

    private async Task<Walk> WalkItem(FoundItem found, CancellationToken cancel, KnownJobs? known = null)
    {
        var walk = new Walk(_steps, _parts.Store, _parts.Time, known);
        await walk.Item(found, cancel);
        return walk;
    }

    /// <summary>Goes on from a group's result: to steps and gathers behind it, and to every item that joins it.</summary>
    private async Task LookAtResult(Batch batch, GroupName result, CancellationToken cancel)
    {
        var step = _byName[result.Step];
        var walk = new Walk(_steps, _parts.Store, _parts.Time);
        await walk.Group(step.Plan, result.Key, 0, cancel);
        await Take(batch, new Contributor(result.Key, result.Step), walk, 0, cancel);
        var grain = ItemFlows.Grain(step.Plan);
        if (!_steps.Any(other => other.Plan.Grouped is null && other.Plan.Inputs.Any(input => input is { Join: JoinKind.Group, From: { Grouped: not null } from } && ItemFlows.Grain(from) == grain))) return;
        foreach (var gather in Gathers.Where(gather => ItemFlows.Grain(gather.Plan) == grain))
            await Parallel.ForEachAsync(await _groups.Of(new GroupName(gather.Name, result.Key), cancel), Side(cancel), async (member, stop) =>
            {
                if (member.Step is null && !batch.Items.ContainsKey(member.Key)) await LookAtItem(batch, member.Key, stop);
            });
    }

    /// <summary>Collects the open jobs of a walk, and notes to which groups it contributes.</summary>
    private async Task Take(Batch batch, Contributor contributor, Walk walk, long order, CancellationToken cancel)
    {
        foreach (var open in walk.Open)
            if (open.Released.Count == 0) batch.Open(open.Step, open.Job);
            else
            {
                foreach (var maker in open.Released) batch.Open(maker.Step, maker.Job with { Again = true });
                await _looks.At(new Look(open.Job.Origin, open.Step.Plan.Grouped is null ? null : contributor.Step, false, order), Now() + 600_000, cancel);
            }
        foreach (var failure in walk.Aside) await NoteAside(failure, cancel);
        foreach (var (step, job) in walk.Hidden) batch.Open(step, job, shows: true);
        foreach (var group in walk.Touched)
        {
            batch.Seen[group] = true;
            if (await _groups.Add(group, contributor with { State = walk.State }, cancel) || !batch.Sweeps)
                await _looks.Touch(new Look(group.Key, group.Step, false, 0), Quiet(_byName[group.Step].Plan.Step.Gather), cancel);
        }
    }

    private async Task TouchIfMember(GroupName group, Contributor contributor, CancellationToken cancel)
    {
        foreach (var member in await _groups.Of(group, cancel))
            if (member.Key == contributor.Key && member.Step == contributor.Step) await _looks.Touch(new Look(group.Key, group.Step, false, 0), Quiet(_byName[group.Step].Plan.Step.Gather), cancel);
    }

    /// <summary>Sends what was not sent lately, step by step.</summary>
    /// <param name="empty">Steps whose queues hold nothing: what was sent there and has come to nothing is sent again.</param>
    private async Task<IReadOnlyDictionary<string, int>> Send(Batch batch, bool force, CancellationToken cancel, IReadOnlySet<string>? empty = null)
    {
        var sent = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (step, jobs) in batch.Jobs())
        {
            var due = force ? jobs : [.. jobs.Where(job => batch.GoesAgain(job.Id) || _sent.Age(job.Id) is not { } age || age > (empty?.Contains(step.Name) == true ? CountsLag : job.Again || batch.Shows(job.Id) ? TimeSpan.FromMinutes(10) : SentLog.Patience))];
            if (due.Count == 0) continue;
            try
            {
                foreach (var job in due) await NoteBefore(step, job, cancel);
                await _parts.Send(step, due, cancel);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                batch.FailAll(error.Message, due.Select(job => job.Origin));
                continue;
            }
            await _sent.Add([.. due.Select(job => job.Id)], cancel);
            sent[step.Name] = due.Count;
        }
        return sent;
    }

    private bool TakeNewest(string path, string sequencer)
    {
        lock (_newest) return _newest.Take(path, sequencer);
    }

    private IEnumerable<StepProgram> Gathers => _steps.Where(step => step.Plan.Step.Gather is not null);

    /// <summary>How long a group of this gather, or an image that comes in many files, is left alone. One whose members are counted is looked at in the next minute.</summary>
    private TimeSpan Quiet(Gather? gather) =>
        gather is { Count: not null } or { Expect.Count: > 0 } or { Closed: not null } ? TimeSpan.Zero : FullQuiet(gather);

    private TimeSpan ImageQuiet => _items.Ends.Quiet ?? FullQuiet(null);

    private TimeSpan FullQuiet(Gather? gather) => gather?.Quiet ?? TimeSpan.FromSeconds(_parts.Deployed.Deployment.Limits.QuietSeconds);

    private long Now() => _parts.Time.GetUtcNow().ToUnixTimeMilliseconds();

    private static ParallelOptions Side(CancellationToken cancel) => new() { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel };
}
