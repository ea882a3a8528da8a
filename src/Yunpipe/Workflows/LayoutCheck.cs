using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Items;

namespace Yunpipe.Workflows;

/// <summary>Whether the layout of the readable tree is a path, and whether two outputs, or two items, must come to stand in one place whatever their names.</summary>
internal static class LayoutCheck
{
    private static readonly string[] Names = ["step", "path", "key", "stem", "name", "output"];

    public static void Check(Workflow workflow, IReadOnlyList<StepPlace> places, MetaNames input, ProblemList problems)
    {
        var layout = workflow.Output.Layout;
        var where = workflow.Output.Source.File is null ? workflow.Source : workflow.Output.Source;
        var before = problems.Count;
        // A layout is shared by all steps, so a name is wrong only where no step has it; a step without it keeps the default place.
        var known = new MetaNames([.. input.Known.Union(places.SelectMany(place => place.Meta.Known))], input.IsOpen);
        foreach (var name in layout.Names.Where(name => !Names.Contains(name)))
        {
            if (known.Has(MetaValue.NameOf(name))) continue;
            problems.Add(WorkflowCodes.BadLayout, where, $"The layout inserts {Wording.Quote(name)}, which no output has.",
                Wording.DidYouMean(name, [.. Names, .. known.Known]) ?? $"It can insert {Wording.AnyOf(Names)}, and meta.x for metadata.");
        }
        var shape = layout.Expand(_ => "x") ?? "";
        if (ItemKey.Flaw(shape) is { } flaw) problems.Add(WorkflowCodes.BadLayout, where, $"The layout {Wording.Quote(layout.Source)} {flaw}.");
        else if (shape == "_yunpipe" || shape.StartsWith("_yunpipe/", StringComparison.Ordinal))
            problems.Add(WorkflowCodes.BadLayout, where, "The layout puts results into “_yunpipe”, which holds Yunpipe's own records.");
        if (problems.Count > before) return;

        var seen = new Dictionary<string, (Step Step, OutputPort Output)>();
        foreach (var place in places)
        {
            // One word about the layout is enough: what it lacks it lacks for all steps.
            if (place.Step.Algorithm.Outputs.Count > 0 && problems.Count == before) TellsItemsApart(layout, place, where, problems);
            foreach (var output in place.Step.Algorithm.Outputs)
            {
                var path = Place(layout, place, output);
                if (seen.TryAdd(path, (place.Step, output))) continue;
                var (step, other) = seen[path];
                problems.Add(WorkflowCodes.Collision, where, step == place.Step
                    ? $"The outputs {Naming.And([$"{step.Name}.{other.Name}", $"{step.Name}.{output.Name}"])} of one item would be one file."
                    : $"The outputs {Wording.Quote($"{step.Name}.{other.Name}")} and {Wording.Quote($"{place.Step.Name}.{output.Name}")} of one item would be one file.",
                    step == place.Step ? "Put ${name} or ${path} into the layout." : "Put ${step} into the layout.");
            }
        }
    }

    /// <summary>The place with all that differs from item to item left as it is written: equal texts are equal places. Grain and axes are part of it,
    /// because items of another kind have other keys.</summary>
    private static string Place(Template layout, StepPlace place, OutputPort output)
    {
        var file = output.Path.Source;
        var text = layout.Expand(name => name switch
        {
            "step" => place.Step.Name,
            "path" => $"<folder>/{file}",
            "name" => output.Path.Source[(output.Path.Source.LastIndexOf('/') + 1)..],
            "output" => output.Name,
            _ => $"<{MetaValue.NameOf(name)}>",
        });
        return $"{text}|{place.Grouped?.By?.Source ?? (place.Grouped is null ? "" : DerivedKey.All)}|{string.Join(',', place.Axes)}";
    }

    private static void TellsItemsApart(Template layout, StepPlace place, Location where, ProblemList problems)
    {
        var names = layout.Names.ToList();
        if (names.Contains("path") || names.Contains("key")) return;
        var outputsSay = names.Contains("name") && place.Step.Algorithm.Outputs.All(output => output.Path.Names.Any());
        var items = place.Grouped is { By: null } || names.Contains("stem") || outputsSay || names.Any(name => !Names.Contains(name));
        if (!items)
        {
            problems.Add(WorkflowCodes.Collision, where,
                $"All items of {Wording.Quote(place.Step.Name)} would be one file in the layout {Wording.Quote(layout.Source)}.", "Put ${path} or ${key} into it.");
            return;
        }
        foreach (var axis in place.AxisValues.Where(axis => axis.Values.Count > 0 && !names.Any(name => MetaValue.NameOf(name) == axis.Name)))
            if (!place.Step.Algorithm.Outputs.All(output => output.Path.Names.Any(name => MetaValue.NameOf(name) == axis.Name)))
                problems.Add(WorkflowCodes.Collision, where,
                    $"The variants by {Wording.Quote(axis.Name)} of {Wording.Quote(place.Step.Name)} would be one file in the layout {Wording.Quote(layout.Source)}.",
                    
                    $"Put ${{path}} or ${{meta.{axis.Name}}} into it.");
    }
}
