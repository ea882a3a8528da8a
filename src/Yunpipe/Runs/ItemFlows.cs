using Yunpipe.Items;
using Yunpipe.Stores;
using Yunpipe.Work;
using Yunpipe.Workflows;

namespace Yunpipe.Runs;

/// <summary>Joins results into jobs. A step's instance is made as soon as all its inputs are there: the input with the most axes leads,
/// the others are found by the origin and the axes they share, or (gathered ones) by their group's key.</summary>
internal sealed class ItemFlows
{
    private readonly IReadOnlyList<StepProgram> _steps;
    private readonly Dictionary<int, StepFilter> _filters;
    private readonly Dictionary<int, IReadOnlyList<int>> _downstream = [];
    private readonly Dictionary<(string Grain, string Key), Flow> _groups = [];
    private readonly Gathering _gathering;

    public ItemFlows(IReadOnlyList<StepProgram> steps, Gathering gathering)
    {
        (_steps, _gathering) = (steps, gathering);
        _filters = steps.ToDictionary(step => step.Plan.Index, step => new StepFilter(step.Plan.Step.When));
        foreach (var step in steps) _downstream[step.Plan.Index] = Downstream(step.Plan.Index);
    }

    /// <summary>A job that can be made now, with the flow and the axes that its result belongs to; or why it cannot.</summary>
    /// <param name="Lacks">True where an input is not there, false where the job itself cannot be.</param>
    public readonly record struct Instance(StepProgram Step, IReadOnlyList<KeyValuePair<string, string>> Axes, string Key, Job? Job, string? Flaw, bool Lacks);

    /// <summary>The flow of a group, which lives as long as the run: later passes find their gathered inputs there.</summary>
    public Flow GroupFlow(PlanStep step, string key)
    {
        var id = (Grain(step), key);
        lock (_groups)
        {
            if (!_groups.TryGetValue(id, out var flow)) _groups[id] = flow = new Flow(key);
            return flow;
        }
    }

    public IReadOnlyList<Flow> GroupFlows(PlanStep step)
    {
        lock (_groups) return [.. _groups.Where(entry => entry.Key.Grain == Grain(step)).Select(entry => entry.Value)];
    }

    /// <summary>Steps that can never get an item because this one has none for it, in the same grain; and the gathers that lack a member.</summary>
    public IEnumerable<StepProgram> Behind(StepProgram step) => _downstream[step.Plan.Index].Select(index => _steps[index]);

    /// <summary>Puts a job's results into its flow and into the gathers that read them.</summary>
    public void AddResult(Flow flow, StepProgram step, IReadOnlyList<KeyValuePair<string, string>> axes, Manifest manifest, bool gathers)
    {
        var item = JobMaker.ToItem(manifest);
        flow.Add(step.Plan.Index, null, new StepResult(item, axes));
        if (gathers) _gathering.Add(step.Plan.Index, null, item);
        foreach (var port in step.Algorithm.Outputs)
        {
            if (!port.Each) continue;
            foreach (var (path, child) in JobMaker.Scattered(manifest, port.Name))
            {
                flow.Add(step.Plan.Index, port.Name, new StepResult(child, [.. axes, new(step.Name, path)]));
                if (gathers) _gathering.Add(step.Plan.Index, port.Name, child);
            }
        }
    }

    /// <summary>Every instance of a step that can be made now and was not made before.</summary>
    public IEnumerable<Instance> Ready(Flow flow, StepProgram step)
    {
        var lead = Lead(step.Plan);
        foreach (var result in flow.Of(lead?.From?.Index ?? -1, Port(lead)))
            if (Join(flow, step, lead, result) is { } joined)
                foreach (var variant in step.Variants)
                {
                    var axes = variant.Meta.Count == 0 ? result.Axes : [.. result.Axes, .. variant.Meta];
                    if (!flow.Make(step.Plan.Index, axes)) continue;
                    var item = result.Item;
                    var (job, flaw) = joined.Flaw is not null ? (null, joined.Flaw) : JobMaker.Make(step, variant, item.Key, item.Origin, joined.Meta, joined.Inputs, []);
                    yield return new Instance(step, axes, item.Key, job, flaw, joined.Flaw is not null);
                }
    }

    /// <summary>The job of a group, for each variant.</summary>
    public IEnumerable<Instance> ReadyGroup(Flow flow, StepProgram step, Group group, IReadOnlyList<string> missing)
    {
        var inputs = new List<JobInput>();
        string? flaw = null;
        foreach (var input in step.Plan.Inputs)
        {
            if (input.Join == JoinKind.Members)
                inputs.Add(new JobInput(input.Port.Name, group.Ports.GetValueOrDefault(input.Port.Name) ?? []));
            else if (FindGroup(input, group.Meta, group.Key, []) is { } found && JobMaker.PartOf(found.Item, input) is { } part)
                inputs.Add(new JobInput(input.Port.Name, [new InputMember(found.Item.Key, part, found.Item.Meta)]));
            else if (input.Port.Required) flaw = $"Its input “{input.Port.Name}” was not made.";
        }
        foreach (var variant in step.Variants)
        {
            var (job, wrong) = flaw is not null ? (null, flaw) : JobMaker.Make(step, variant, group.Key, group.Key, group.Meta, inputs, missing);
            if (flow.Make(step.Plan.Index, variant.Meta)) yield return new Instance(step, variant.Meta, group.Key, job, wrong, flaw is not null);
        }
    }

    private sealed record Joined(IReadOnlyList<JobInput> Inputs, IReadOnlyDictionary<string, string> Meta, string? Flaw);

    /// <summary>Null where an input is not there yet, or the step does not take the item.</summary>
    private Joined? Join(Flow flow, StepProgram step, BoundInput? lead, StepResult led)
    {
        var meta = led.Item.Meta;
        if (!_filters[step.Plan.Index].Takes(led.Item.Key, meta)) return null;
        var inputs = new List<JobInput>(step.Plan.Inputs.Count);
        foreach (var input in step.Plan.Inputs)
        {
            var result = ReferenceEquals(input, lead) ? led
                : input.Join == JoinKind.Group ? FindGroup(input, led.Item.Meta, led.Item.Origin, led.Axes)
                : flow.Find(input.From?.Index ?? -1, Port(input), led.Axes);
            if (result is null)
            {
                if (input.Join == JoinKind.Group && input.Port.Required) return new Joined([], meta, $"Its gathered input “{input.Port.Name}” was not made.");
                if (input.Port.Required) return null;
                continue;
            }
            if (JobMaker.MembersOf(result.Item, input) is not { Count: > 0 } found)
            {
                if (input.Port.Required) return new Joined([], meta, $"The item has no “{input.Output?.Name ?? input.Part ?? input.Port.Name}” for the input “{input.Port.Name}”.");
                continue;
            }
            inputs.Add(new JobInput(input.Port.Name, found));
            if (!ReferenceEquals(result, led)) meta = Merge(meta, result.Item.Meta);
        }
        return new Joined(inputs, meta, null);
    }

    private StepResult? FindGroup(BoundInput input, IReadOnlyDictionary<string, string> meta, string origin, IReadOnlyList<KeyValuePair<string, string>> axes)
    {
        if (input.From is not { Grouped: { } grain } from || DerivedKey.OfGroup(grain.By, meta, origin) is not { } key) return null;
        Flow? flow;
        lock (_groups)
            if (!_groups.TryGetValue((Grain(from), key), out flow)) return null;
        foreach (var result in flow.Of(from.Index, Port(input)))
            if (result.Axes.All(axis => axes.Any(own => own.Key == axis.Key && own.Value == axis.Value))) return result;
        return null;
    }

    /// <summary>The input whose items the step's jobs are made of.</summary>
    private static BoundInput? Lead(PlanStep step) => step.Inputs
        .Where(input => input.Join == JoinKind.Origin)
        .MaxBy(input => (input.From?.Axes.Count ?? 0) + (input.Output is { Each: true } ? 1 : 0));

    private static string? Port(BoundInput? input) => input?.Output is { Each: true } each ? each.Name : null;

    internal static string Grain(PlanStep step) => step.Grouped?.By?.Source ?? DerivedKey.All;

    private static IReadOnlyDictionary<string, string> Merge(IReadOnlyDictionary<string, string> a, IReadOnlyDictionary<string, string> b)
    {
        Dictionary<string, string>? merged = null;
        foreach (var (name, value) in b)
            if (!a.ContainsKey(name)) (merged ??= new(a, StringComparer.Ordinal))[name] = value;
        return merged ?? a;
    }

    private List<int> Downstream(int from)
    {
        var behind = new SortedSet<int>();
        foreach (var step in _steps)
            if (step.Plan.Inputs.Any(input => input.From is { } source && input.Join != JoinKind.Group && input.Port.Required
                    && (source.Index == from || (behind.Contains(source.Index) && _steps[source.Index].Plan.Step.Gather is null))))
                behind.Add(step.Plan.Index);
        return [.. behind];
    }
}
