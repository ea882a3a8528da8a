using Yunpipe.Items;
using Yunpipe.Runs;
using Yunpipe.Stores;
using Yunpipe.Work;
using Yunpipe.Workflows;

namespace Yunpipe.Dispatch;

/// <summary>A job that is neither done nor set aside. <paramref name="Released"/> are finished jobs that must run again first, because their outputs were released.</summary>
internal sealed record OpenJob(StepProgram Step, Job Job, IReadOnlyList<ReleasedJob> Released);

/// <summary>A group that a walk has contributed to, or will: of a gathering step, by its key.</summary>
internal readonly record struct GroupName(string Step, string Key);

/// <summary>One look at an item, or at a group's result, with the store as the only memory: the same joins as a run's (<see cref="ItemFlows"/>), in one pass.
/// <code>
/// the store says of a job      then
/// manifest                     its results go on to further steps and gathers
/// failure record               gathers behind it lack a member
/// neither                      it is open; gathers behind it wait
/// </code></summary>
internal sealed class Walk
{
    /// <summary>Released outputs are looked for only where the lifecycle of a bucket, which counts in days, can have taken them.</summary>
    private static readonly TimeSpan SurelyKept = TimeSpan.FromDays(1);

    private readonly IReadOnlyList<StepProgram> _steps;
    private readonly IStore _store;
    private readonly TimeProvider _time;
    private readonly KnownJobs? _known;
    private readonly ItemFlows _flows;
    private readonly ReleasedOutputs _released;
    private readonly Lock _lock = new();
    private readonly List<OpenJob> _open = [];
    private readonly List<(StepProgram Step, Job Job)> _hidden = [];
    private readonly List<FailureRecord> _aside = [];
    private readonly Dictionary<(string Step, string Key), Job> _done = [];
    private readonly Dictionary<string, long> _orders = new(StringComparer.Ordinal);
    private readonly List<string> _versions = [];
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly HashSet<GroupName> _waiting = [];
    private readonly HashSet<GroupName> _touched = [];
    private readonly Dictionary<(string Grain, string Key), Task<Flow>> _brought = [];

    public Walk(IReadOnlyList<StepProgram> steps, IStore store, TimeProvider time, KnownJobs? known = null)
    {
        (_steps, _store, _time, _known) = (steps, store, time, known);
        Members = new Gathering(steps);
        _flows = new ItemFlows(steps, Members);
        _released = new ReleasedOutputs(steps, store);
    }

    /// <summary>The members that this walk has brought to every gather.</summary>
    public Gathering Members { get; }

    public IReadOnlyList<OpenJob> Open => _open;

    /// <summary>Finished jobs whose item shows the result of another: an input has become again what it was. Whoever gets such a job finds its manifest and shows it.</summary>
    public IReadOnlyList<(StepProgram Step, Job Job)> Hidden => _hidden;

    /// <summary>The finished job of an item at a step; null where that is not done, or not there.</summary>
    public Job? Done(string step, string key) => _done.GetValueOrDefault((step, key));

    /// <summary>What stands set aside.</summary>
    public IReadOnlyList<FailureRecord> Aside => _aside;

    /// <summary>Groups that some job of the walk is still on its way to. A null key stands for any group of the step.</summary>
    public IReadOnlySet<GroupName> Waiting => _waiting;

    /// <summary>Groups that have, or will have, a member or a gap from this walk.</summary>
    public IReadOnlySet<GroupName> Touched => _touched;

    /// <summary>Changes with everything that the walk has found.</summary>
    public string State => Notes.NameOf(string.Join('\n', _versions.Concat(_seen).Order(StringComparer.Ordinal)));

    /// <summary>Takes an item as far as its manifests go.</summary>
    public async Task Item(FoundItem found, CancellationToken cancel)
    {
        lock (_lock) _versions.AddRange(found.Item.Parts.Values.SelectMany(part => part.Sidecars.Prepend(part.File)).Select(file => $"{file.Path}\n{file.Version}"));
        var flow = new Flow(found.Item.Key, isItem: true);
        flow.Add(-1, null, new StepResult(found.Item, []));
        Members.Add(-1, null, found.Item);
        foreach (var gather in _steps.Where(step => step.Plan.Step.Gather is not null && step.Plan.Inputs.Any(input => input is { From: null, Join: JoinKind.Members })))
            if (new StepFilter(gather.Plan.Step.When).Takes(found.Item.Key, found.Item.Meta)) Touch(gather, found.Item.Meta, found.Item.Origin);
        await BringGroups(found.Item, cancel);
        foreach (var step in _steps)
            if (step.Plan.Grouped is null) await Advance(flow, step, found.Order, cancel);
    }

    /// <summary>Takes a group's current results as far as their manifests go: steps of the same grain, and gathers of a wider one.</summary>
    public Task Group(PlanStep step, string key, long order, CancellationToken cancel) => Bring(step, key, order, cancel);

    /// <summary>The jobs of a group that is whole, with the results of other gathers that they join.</summary>
    public async Task<IReadOnlyList<ItemFlows.Instance>> GroupJobs(StepProgram gather, Group group, IReadOnlyList<string> lacks, CancellationToken cancel)
    {
        foreach (var input in gather.Plan.Inputs.Where(input => input is { Join: JoinKind.Group, From.Grouped: not null }))
            if (DerivedKey.OfGroup(input.From!.Grouped!.By, group.Meta, group.Key) is { } key) await Bring(input.From, key, 0, cancel);
        return [.. _flows.ReadyGroup(_flows.GroupFlow(gather.Plan, group.Key), gather, group, lacks)];
    }

    private async Task Advance(Flow flow, StepProgram step, long order, CancellationToken cancel)
    {
        List<ItemFlows.Instance> ready;
        lock (flow.Gate) ready = [.. _flows.Ready(flow, step)];
        foreach (var instance in ready)
            if (instance.Job is { } job) await Consider(flow, step, instance.Axes, job, order, cancel);
            else if (!instance.Lacks && instance.Flaw is { } flaw && flow.Key is { } origin) await Flawed(step, instance.Key, origin, flaw, cancel);
    }

    /// <summary>An item of which a step can make no job, such as one without metadata that a variable inserts: nobody watches a deployment, so there is a record of it.</summary>
    private async Task Flawed(StepProgram step, string key, string origin, string flaw, CancellationToken cancel)
    {
        var id = JobId.Of(System.Text.Encoding.UTF8.GetBytes($"flaw\0{step.Name}\0{key}\0{flaw}"));
        var standing = await _store.FindFailure(step.Name, id, cancel);
        var failure = standing ?? new FailureRecord
        {
            Job = id.ToString(), Step = step.Name, Key = key, Origin = origin, Meta = new Dictionary<string, string>(), Cause = Cause.InputName, Sentence = flaw, Attempts = [],
        };
        if (standing is null) await _store.SetAside(failure, cancel);
        lock (_lock) _aside.Add(failure);
    }

    private async Task Consider(Flow flow, StepProgram step, IReadOnlyList<KeyValuePair<string, string>> axes, Job job, long order, CancellationToken cancel)
    {
        job = job with { Order = Order(job, order) };
        if (!await Lacks(step, false, job) && await _store.Find(step.Name, job.Id, cancel) is { } manifest)
        {
            if (await IsHidden(step, job, manifest, cancel))
                lock (_lock) _hidden.Add((step, job));
            if (_time.GetUtcNow().ToUnixTimeMilliseconds() - manifest.Last.Ended > SurelyKept.TotalMilliseconds) await _released.Look(flow, step, job, manifest);
            lock (_lock) _done[(step.Name, job.Key)] = job;
            lock (flow.Gate) _flows.AddResult(flow, step, axes, manifest, gathers: true);
            Brought(step, manifest);
            return;
        }
        var failure = await Lacks(step, true, job) ? null : await _store.FindFailure(step.Name, job.Id, cancel);
        var aside = failure is not null;
        lock (_lock)
        {
            _seen.Add($"{job.Id} {(aside ? "aside" : "open")}");
            if (failure is not null) _aside.Add(failure);
        }
        if (!aside)
            lock (_lock) _open.Add(new OpenJob(step, job, _released.NeededBy(flow, job)));
        foreach (var behind in _flows.Behind(step))
        {
            if (behind.Plan.Step.Gather is not { } gather) continue;
            Touch(behind, job.Meta, job.Origin);
            if (aside) Members.Miss(behind, job.Key, job.Origin, job.Meta);
            else
                lock (_lock) _waiting.Add(new GroupName(behind.Name, DerivedKey.OfGroup(gather.By, job.Meta, job.Origin) ?? ""));
        }
    }

    private ValueTask<bool> Lacks(StepProgram step, bool failures, Job job) => _known?.Lacks(step.Name, failures, job.Id.ToString()) ?? ValueTask.FromResult(false);

    /// <summary>When the newest of a job's inputs came, through all steps before it.</summary>
    public long Order(Job job, long least)
    {
        lock (_lock)
            foreach (var input in job.Inputs)
                foreach (var member in input.Members)
                    if (member.Part.File is { Place: Place.Job, Path: var path } && _orders.TryGetValue(path[..path.IndexOf('/', path.IndexOf('/') + 1)], out var order)) least = Math.Max(least, order);
        return least;
    }

    /// <summary>True where the item of a finished job shows another job's result, though this one is the later.</summary>
    public async ValueTask<bool> IsHidden(StepProgram step, Job job, Manifest manifest, CancellationToken cancel) =>
        job.Order > manifest.Order && await _store.FindItem(step.Name, job.Key, cancel) is { } current && current.Job != manifest.Job;

    private void Brought(StepProgram step, Manifest manifest)
    {
        lock (_lock)
        {
            _seen.Add(manifest.Job);
            _orders[$"{manifest.Step}/{manifest.HeldBy}"] = manifest.Order;
        }
        foreach (var behind in _steps)
            if (behind.Plan.Step.Gather is not null && behind.Plan.Inputs.Any(input => input.Join == JoinKind.Members && input.From?.Index == step.Plan.Index)) Touch(behind, manifest.Meta, manifest.Origin);
    }

    private void Touch(StepProgram gather, IReadOnlyDictionary<string, string> meta, string origin)
    {
        if (DerivedKey.OfGroup(gather.Plan.Step.Gather!.By, meta, origin) is { } key)
            lock (_lock) _touched.Add(new GroupName(gather.Name, key));
    }

    /// <summary>Results of closed gathers that steps of single items join.</summary>
    private async Task BringGroups(Item item, CancellationToken cancel)
    {
        foreach (var source in Joined(step => step.Plan.Grouped is null))
            if (DerivedKey.OfGroup(source.Grouped!.By, item.Meta, item.Origin) is { } key) await Bring(source, key, 0, cancel);
    }

    /// <summary>Gathers, and steps behind gathers, whose results are joined by their group's key.</summary>
    private IEnumerable<PlanStep> Joined(Func<StepProgram, bool> by) => _steps.Where(by).SelectMany(step => step.Plan.Inputs)
        .Where(input => input is { Join: JoinKind.Group, From.Grouped: not null }).Select(input => input.From!).Distinct();

    /// <summary>The flow of a group, brought from the store once for all items that ask.</summary>
    private Task<Flow> Bring(PlanStep source, string key, long order, CancellationToken cancel)
    {
        lock (_lock)
        {
            if (!_brought.TryGetValue((ItemFlows.Grain(source), key), out var bringing))
                _brought[(ItemFlows.Grain(source), key)] = bringing = BringAll(source, key, order, cancel);
            return bringing;
        }
    }

    /// <summary>The current results of all gathers of one grain, and of the steps behind them.</summary>
    private async Task<Flow> BringAll(PlanStep source, string key, long order, CancellationToken cancel)
    {
        await Task.Yield();
        var flow = _flows.GroupFlow(source, key);
        var wider = Joined(step => step.Plan is { Grouped: not null, Step.Gather: null } && ItemFlows.Grain(step.Plan) == ItemFlows.Grain(source)).Where(from => ItemFlows.Grain(from) != ItemFlows.Grain(source)).ToList();
        foreach (var step in _steps.Where(step => step.Plan.Step.Gather is not null && ItemFlows.Grain(step.Plan) == ItemFlows.Grain(source)))
            foreach (var variant in step.Variants)
            {
                if (await _store.FindItem(step.Name, DerivedKey.OfVariant(key, variant.Meta), cancel) is not { } manifest) continue;
                lock (flow.Gate) _flows.AddResult(flow, step, variant.Meta, manifest, gathers: true);
                Brought(step, manifest);
                foreach (var other in wider)
                    if (DerivedKey.OfGroup(other.Grouped!.By, manifest.Meta, manifest.Origin) is { } widerKey) await Bring(other, widerKey, order, cancel);
            }
        foreach (var step in _steps)
            if (step.Plan is { Grouped: not null, Step.Gather: null } && ItemFlows.Grain(step.Plan) == ItemFlows.Grain(source)) await Advance(flow, step, order, cancel);
        return flow;
    }
}
