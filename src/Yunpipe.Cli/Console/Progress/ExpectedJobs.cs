using Yunpipe.Workflows;

namespace Yunpipe.Cli.Console.Progress;

/// <summary>How many jobs each step will have, as far as the plan alone says it: steps whose number depends on names or on results
/// (conditions, scatters, groups) are not guessed.</summary>
internal sealed class ExpectedJobs
{
    private readonly long?[] _perItem;
    private readonly bool[] _once;

    public ExpectedJobs(Plan plan)
    {
        _perItem = new long?[plan.Steps.Count];
        _once = new bool[plan.Steps.Count];
        var axes = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var step in plan.Steps)
        {
            foreach (var axis in step.Variants.SelectMany(variant => variant.Meta).GroupBy(pair => pair.Key))
                axes[axis.Key] = axis.Select(pair => pair.Value).Distinct().Count();
            _once[step.Index] = step is { Step: { Gather.By: null, When: null }, Variants.Count: 1 };
            var unknown = step.Grouped is not null || step.Step.When is not null || step.Axes.Any(axis => !axes.ContainsKey(axis))
                || step.Inputs.Any(input => input.From is { } from && _perItem[from.Index] is null);
            _perItem[step.Index] = unknown ? null : step.Axes.Aggregate(1L, (product, axis) => product * axes[axis]);
        }
    }

    /// <summary>Null where it cannot be known yet.</summary>
    public long? Of(int step, long? items) => _once[step] ? 1 : items is { } count && _perItem[step] is { } each ? each * count : null;

    /// <summary>True where the step's jobs come from single items, so that its time left counts.</summary>
    public bool FollowsItems(int step) => _perItem[step] is not null;
}
