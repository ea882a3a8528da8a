using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Items;

namespace Yunpipe.Workflows;

/// <summary>
/// How the inputs of one step find each other. Every source has a grain (single workflow items, or the groups of a gather) and axes (what multiplied its items).
/// <code>
/// sources of            join                                           must hold
/// one grain             Origin, on the origin and the shared axes      axes equal, or one a prefix of the other
/// a grain and coarser   Group: the coarser is found by its key         the key's names are metadata of the finer grain
/// a gather's lists      Members                                        as for one grain; the step's own grain is its gather
/// </code>
/// Everything else would be a product of items that nobody asked for, and is refused with the advice to gather first.
/// </summary>
internal sealed class StepJoin(Step step, StepPlace[] places, MetaNames input, ProblemList problems)
{
    private sealed record Side(Binding Binding, Gather? Grouped, IReadOnlyList<Axis> Axes, MetaNames Meta, int Depth, int Pass);

    public StepPlace Join(IReadOnlyList<Binding> bindings)
    {
        var sides = bindings.Select(SideOf).ToList();
        var depth = sides.Select(side => side.Depth + 1).DefaultIfEmpty(0).Max();
        var lists = step.Gather is null ? sides : [.. sides.Where(side => side.Binding.Port.List)];
        if (step.Gather is not null && lists.Count == 0 && sides.Count > 0)
        {
            problems.Add(WorkflowCodes.NeedsList, step.Source,
                $"{Wording.Quote(step.Name)} gathers, and its algorithm has no input that takes a list.", "Say list: true at the input in its descriptor.");
            lists = sides;
        }
        var before = problems.Count;
        var finest = Finest(lists);
        var comparable = problems.Count == before;
        var same = lists.Where(side => SameGrain(side.Grouped, finest?.Grouped)).ToList();
        var axes = LongestAxes(same);
        var meta = (finest?.Meta ?? input).With(axes.Select(axis => axis.Name));
        var pass = sides.Select(side => side.Pass).DefaultIfEmpty(0).Max();
        var joined = new List<Joined>();
        foreach (var side in sides)
        {
            var member = same.Contains(side);
            joined.Add(new Joined(side.Binding, !member ? JoinKind.Group : step.Gather is null ? JoinKind.Origin : JoinKind.Members));
            if (member) { NeedsGather(side); continue; }
            pass = Math.Max(pass, side.Pass + 1);
            if (comparable) ByGroup(side, step.Gather is { } own ? meta.Grouped(own.By) : meta, axes);
        }
        if (step.Gather is not { } gather) return new StepPlace(step, depth, pass, joined, finest?.Grouped, [.. axes.Select(axis => axis.Name)], axes, meta);
        CheckGather(gather, meta);
        return new StepPlace(step, depth, pass, joined, gather, [], [], meta.Grouped(gather.By)) { Members = meta };
    }

    private Side SideOf(Binding binding)
    {
        if (binding.From < 0) return new Side(binding, null, [], input, -1, 0);
        var from = places[binding.From];
        var axes = from.AxisValues;
        if (binding.Output is { Each: true } each)
        {
            var alone = from.Step.Algorithm.Outputs.Count(output => output.Each) == 1;
            axes = [.. axes, new Axis(alone ? from.Step.Name : $"{from.Step.Name}.{each.Name}", [])];
        }
        return new Side(binding, from.Grouped, axes, from.Meta, from.Depth, from.Pass);
    }

    /// <summary>The side whose grain all others are as coarse as, or coarser than.</summary>
    private Side? Finest(List<Side> sides)
    {
        if (sides.Count == 0) return null;
        if (sides.FirstOrDefault(side => sides.All(other => IsCoarser(other.Grouped, side.Grouped))) is { } finest) return finest;
        problems.Add(WorkflowCodes.NeedsGather, step.Source,
            $"{Wording.Quote(step.Name)} joins {string.Join(" and ", sides.Select(side => $"{Wording.Quote(side.Binding.Shown)} ({Grain(side.Grouped)})"))}, and neither can be found from the other.",
            "Gather one of them by the other's key first.");
        return sides[0];
    }

    private static bool IsCoarser(Gather? coarse, Gather? fine) =>
        SameGrain(coarse, fine) || coarse is not null && (fine is null || Names(fine).Contains(DerivedKey.Origin) || Names(coarse).All(Names(fine).Contains));

    private static bool SameGrain(Gather? a, Gather? b) => a is null || b is null ? a is null && b is null : a.By == b.By;

    private static List<string> Names(Gather gather) => gather.By is null ? [] : [.. gather.By.Names.Select(MetaValue.NameOf)];

    private static string Grain(Gather? grouped) => grouped is null ? "single items" : grouped.By is { } by ? $"one for each {by.Source}" : "one for all";

    private IReadOnlyList<Axis> LongestAxes(List<Side> sides)
    {
        IReadOnlyList<Axis> longest = [];
        Binding? owner = null;
        foreach (var side in sides.OrderByDescending(side => side.Axes.Count))
        {
            if (owner is null) { (longest, owner) = (side.Axes, side.Binding); continue; }
            for (var i = 0; i < side.Axes.Count; i++)
            {
                var (mine, theirs) = (side.Axes[i], longest[i]);
                if (mine.Name == theirs.Name && mine.Values.Count == theirs.Values.Count && mine.Values.All(theirs.Values.Contains)) continue;
                var same = mine.Name == theirs.Name;
                problems.Add(WorkflowCodes.NeedsGather, side.Binding.Where, same
                    ? $"{Wording.Quote(step.Name)} joins {Wording.Quote(owner.Shown)} and {Wording.Quote(side.Binding.Shown)}, whose values of {Wording.Quote(mine.Name)} differ."
                    : $"{Wording.Quote(step.Name)} joins {Wording.Quote(owner.Shown)}, multiplied by {Wording.Quote(theirs.Name)}, with {Wording.Quote(side.Binding.Shown)}, multiplied by {Wording.Quote(mine.Name)}.",
                    same ? "Give both the same values." : "Gather one of them first.");
                break;
            }
        }
        return longest;
    }

    /// <summary>A list port without a gather has something to list only from the parts of an item or from a batch.</summary>
    private void NeedsGather(Side side)
    {
        var (port, shown) = (side.Binding.Port, Wording.Quote(side.Binding.Shown));
        var many = side.Binding is { From: < 0, Part: null };
        if (step.Gather is null && port.List && !many && step.Batch == 1)
            problems.Add(WorkflowCodes.NeedsGather, side.Binding.Where,
                $"The input {Wording.Quote(port.Name)} of {Wording.Quote(step.Name)} takes a list, and {shown} gives one at a time.", "Add a gather, or a batch.");
        if (many && !port.List)
            problems.Add(WorkflowCodes.NeedsList, side.Binding.Where,
                $"{shown} has several parts, and the input {Wording.Quote(port.Name)} of {Wording.Quote(step.Name)} takes one file.", "Say which part: input.name.");
    }

    private void ByGroup(Side side, MetaNames meta, IReadOnlyList<Axis> axes)
    {
        var (port, shown) = (side.Binding.Port, Wording.Quote(side.Binding.Shown));
        if (side.Grouped is null)
        {
            problems.Add(WorkflowCodes.NeedsList, side.Binding.Where,
                $"{shown} gives many for each group of {Wording.Quote(step.Name)}, and the input {Wording.Quote(port.Name)} takes one file.",
                "Say list: true at the input in its descriptor, or gather it in a step before.");
            return;
        }
        if (step.Gather is not null && port.List)
            problems.Add(WorkflowCodes.NeedsGather, side.Binding.Where,
                $"{shown} is {Grain(side.Grouped)}, while other lists of {Wording.Quote(step.Name)} are finer.", "Gather them in steps of their own.");
        foreach (var name in Names(side.Grouped).Where(name => name != DerivedKey.Origin && !meta.Has(name)))
            problems.Add(WorkflowCodes.NeedsGather, side.Binding.Where,
                $"{shown} is {Grain(side.Grouped)}, and the items of {Wording.Quote(step.Name)} have no metadata {Wording.Quote(name)} to find it by.");
        foreach (var axis in side.Axes.Where(axis => axes.All(own => own.Name != axis.Name)))
            problems.Add(WorkflowCodes.NeedsGather, side.Binding.Where,
                $"{shown} is multiplied by {Wording.Quote(axis.Name)}, and the items of {Wording.Quote(step.Name)} are not.", "Gather it first.");
        if (step.Gather is null && port.List && step.Batch == 1)
            problems.Add(WorkflowCodes.NeedsGather, side.Binding.Where,
                $"The input {Wording.Quote(port.Name)} of {Wording.Quote(step.Name)} takes a list, and {shown} gives one for each group.");
    }

    private void CheckGather(Gather gather, MetaNames meta)
    {
        var where = gather.Source.File is null ? step.Source : gather.Source;
        foreach (var name in Names(gather).Where(name => name != DerivedKey.Origin).Distinct()) meta.Check(name, where, problems);
        foreach (var name in gather.Expect.Keys) meta.Check(name, where, problems);
        if (gather.By is { } by && !by.Names.Any())
            problems.Add(WorkflowCodes.BadGather, where,
                $"{Wording.Quote(by.Source)} is the same for all items.", "Insert metadata, as in \"${plate}\", or write gather: all.");
    }
}
