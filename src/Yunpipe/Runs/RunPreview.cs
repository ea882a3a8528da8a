using Yunpipe.Documents;
using Yunpipe.Items;
using Yunpipe.Stores;
using Yunpipe.Work;
using Yunpipe.Workflows;

namespace Yunpipe.Runs;

/// <summary>Why a job would run.</summary>
public enum RunReason { New, VariableChanged, AlgorithmChanged, InputChanged, InputsChanged, InputFollows, Released, SetAsideEarlier, Waits }

/// <summary>A job that would run, with the reason in words.</summary>
public sealed record PlannedJob(string Step, string Key, RunReason Reason, string Why);

/// <summary>What a run would do at one step. Bytes are of the workflow's own input, which is known beforehand.</summary>
public sealed class StepForecast(string name)
{
    public string Name { get; } = name;
    public long Done { get; internal set; }
    public long SetAside { get; internal set; }

    /// <summary>Jobs that are known to be needed.</summary>
    public long ToRun { get; internal set; }

    /// <summary>Jobs that follow from others that are to run: at least so many.</summary>
    public long Following { get; internal set; }
    public long Bytes { get; internal set; }
    public Dictionary<RunReason, long> Reasons { get; } = [];
}

/// <summary>Walks the items as a run would, without running: what is done, what would run, and why.</summary>
public sealed class RunPreview
{
    private readonly Plan _plan;
    private readonly IReadOnlyList<StepProgram> _steps;
    private readonly IStore _store;
    private readonly Gathering _gathering;
    private readonly ItemFlows _flows;
    private readonly Action<PlannedJob> _tell;
    private readonly Dictionary<string, StepForecast> _forecasts;
    private readonly HashSet<int> _gathersChanging = [];
    private readonly ReleasedOutputs _released;
    private readonly HashSet<JobId> _again = [];
    private readonly PlannedPlaces _places;

    /// <summary>Hears of every job that can be named already, done or not.</summary>
    public Action<StepProgram, Job>? Sees { get; init; }

    /// <param name="tell">Hears of every job that would run.</param>
    public RunPreview(Plan plan, IReadOnlyList<StepProgram> steps, IStore store, Action<PlannedJob> tell)
    {
        (_plan, _steps, _store, _tell) = (plan, steps, store, tell);
        _gathering = new Gathering(steps);
        _flows = new ItemFlows(steps, _gathering);
        _released = new ReleasedOutputs(steps, store);
        _places = new PlannedPlaces(plan.Workflow.Output.Layout);
        _forecasts = steps.ToDictionary(step => step.Name, step => new StepForecast(step.Name));
    }

    /// <summary>What will get no result, or none that can be seen: names that cannot be, and results that would stand where another's do.</summary>
    public ProblemList Flaws { get; } = new();

    public long Items { get; private set; }

    public long ItemProblems { get; private set; }

    /// <summary>Walks all passes; memory holds one item at a time, and the members of gathers.</summary>
    public async Task<IReadOnlyList<StepForecast>> Walk(Func<IAsyncEnumerable<Found>> items, CancellationToken cancel)
    {
        for (var pass = 0; pass < _plan.Passes; pass++)
        {
            var active = _steps.Where(step => step.Plan.Grouped is null && step.Plan.Pass <= pass).ToList();
            await foreach (var found in items().WithCancellation(cancel))
            {
                if (found.Item is not { } item)
                {
                    if (pass == 0) ItemProblems++;
                    continue;
                }
                if (pass == 0) Items++;
                var flow = new Flow(item.Key, isItem: true);
                flow.Add(-1, null, new StepResult(item, []));
                if (pass == 0) _gathering.Add(-1, null, item);
                foreach (var step in active)
                    foreach (var instance in _flows.Ready(flow, step).ToList())
                        await Consider(flow, instance, step.Plan.Pass == pass, cancel);
            }
            foreach (var step in _steps.Where(step => step.Plan.Grouped is not null && step.Plan.Pass == pass)) await Groups(step, cancel);
        }
        return [.. _steps.Select(step => _forecasts[step.Name])];
    }

    private async Task Groups(StepProgram step, CancellationToken cancel)
    {
        if (step.Plan.Step.Gather is not { } gather)
        {
            foreach (var flow in _flows.GroupFlows(step.Plan))
                foreach (var instance in _flows.Ready(flow, step).ToList()) await Consider(flow, instance, true, cancel);
            return;
        }
        foreach (var group in _gathering.Of(step))
        {
            var flow = _flows.GroupFlow(step.Plan, group.Key);
            var lacks = Gathering.Lacks(gather, group);
            if (lacks.Count > 0 && gather.Missing != MissingPolicy.Skip && !_gathersChanging.Contains(step.Plan.Index))
            {
                var reason = gather.Missing == MissingPolicy.Fail ? RunReason.SetAsideEarlier : RunReason.Waits;
                var forecast = _forecasts[step.Name];
                if (reason == RunReason.Waits) forecast.Reasons[reason] = forecast.Reasons.GetValueOrDefault(reason) + 1;
                else forecast.SetAside++;
                _tell(new PlannedJob(step.Name, group.Key, reason, Gathering.Sentence(group, lacks)));
                continue;
            }
            foreach (var instance in _flows.ReadyGroup(flow, step, group, lacks).ToList())
                if (_gathersChanging.Contains(step.Plan.Index))
                {
                    Follow(step, 1);
                    if (instance.Job is { } partial) Again(flow, step, partial);
                }
                else await Consider(flow, instance, true, cancel);
        }
        if (_gathersChanging.Contains(step.Plan.Index) && _forecasts[step.Name].Following == 0) Follow(step, 1);
    }

    private async ValueTask Consider(Flow flow, ItemFlows.Instance instance, bool counts, CancellationToken cancel)
    {
        var step = instance.Step;
        if (instance.Job is not { } job)
        {
            if (counts && !instance.Lacks) Flaws.Add(new Problem("YP2006", $"{Wording.Quote($"{step.Name}/{instance.Key}")}: {instance.Flaw}"));
            // The group that it would join is yet to be made.
            if (!counts || !step.Plan.Inputs.Any(input => input is { Join: JoinKind.Group, From: { } from } && IsToBeMade(from))) return;
            Follow(step, 1);
            Behind(step);
            return;
        }
        var forecast = _forecasts[step.Name];
        Sees?.Invoke(step, job);
        if (counts && _places.Flaw(step, job) is { } misplaced) Flaws.Add(misplaced);
        if (await _store.Find(step.Name, job.Id, cancel) is { } manifest)
        {
            if (counts && await IsLost(step, manifest, cancel))
            {
                Run(forecast, job, RunReason.Released, "Its results were deleted.");
                Again(flow, step, job);
            }
            else if (counts) forecast.Done++;
            await _released.Look(flow, step, job, manifest);
            _flows.AddResult(flow, step, instance.Axes, manifest, gathers: counts);
            return;
        }
        if (!counts) return;
        if (await _store.FindFailure(step.Name, job.Id, cancel) is { } failure)
        {
            forecast.SetAside++;
            _tell(new PlannedJob(step.Name, job.Key, RunReason.SetAsideEarlier, $"It was set aside: {failure.Sentence}"));
            foreach (var behind in _flows.Behind(step))
                if (behind.Plan.Step.Gather is not null) _gathering.Miss(behind, job.Key, job.Origin, job.Meta);
            return;
        }
        var (reason, why) = WhyAgain.Of(step, job, await _store.FindItem(step.Name, job.Key, cancel));
        Run(forecast, job, reason, why);
        Again(flow, step, job);
        Behind(step);
    }

    private bool IsToBeMade(PlanStep step) => _forecasts[step.Name] is { ToRun: > 0 } or { Following: > 0 };

    private void Behind(StepProgram step)
    {
        foreach (var behind in _flows.Behind(step))
            if (behind.Plan.Step.Gather is not null) _gathersChanging.Add(behind.Plan.Index);
            else Follow(behind, Math.Max(1, behind.Variants.Count));
    }

    private void Run(StepForecast forecast, Job job, RunReason reason, string why)
    {
        forecast.ToRun++;
        forecast.Bytes += job.Inputs.Sum(input => input.Members.Where(member => member.Part.File.Place == Place.Input).Sum(member => member.Part.File.Size));
        forecast.Reasons[reason] = forecast.Reasons.GetValueOrDefault(reason) + 1;
        _tell(new PlannedJob(forecast.Name, job.Key, reason, why));
    }

    /// <summary>Counts the finished jobs that have to make released inputs of this one again.</summary>
    private void Again(Flow flow, StepProgram step, Job job)
    {
        foreach (var maker in _released.NeededBy(flow, job))
        {
            if (!_again.Add(maker.Job.Id)) continue;
            var forecast = _forecasts[maker.Step.Name];
            forecast.Done--;
            Run(forecast, maker.Job, RunReason.Released, $"Its output was released, and “{step.Name}” needs it.");
            Again(flow, maker.Step, maker.Job);
        }
    }

    private async ValueTask<bool> IsLost(StepProgram step, Manifest manifest, CancellationToken cancel) =>
        step.Plan.Readers.Count == 0 && !await _store.HasOutputs(manifest, cancel)
        && !await _store.HasView(manifest, ViewPath.Of(manifest, step.Plan, _plan.Workflow.Output.Layout), cancel);

    private void Follow(StepProgram step, int jobs)
    {
        var forecast = _forecasts[step.Name];
        forecast.Following += jobs;
        forecast.Reasons[RunReason.InputFollows] = forecast.Reasons.GetValueOrDefault(RunReason.InputFollows) + jobs;
    }
}
