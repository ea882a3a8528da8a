using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Workflows;

/// <summary>Binds, orders and checks the steps of a workflow (docs/guide/workflows.md). It looks at no files: what holds for every item is decided here,
/// and all problems are told at once.</summary>
public static class Planner
{
    public static Reading<Plan> Plan(Workflow workflow)
    {
        var problems = new ProblemList();
        Names(workflow, problems);
        var named = problems.Count == 0;
        var bindings = new SourceBinder(workflow, problems).Bind();
        if (StepOrder.Of(workflow.Steps, bindings, problems) is not { } order) return problems.ToReading<Plan>(null);

        var places = new StepPlace[workflow.Steps.Count];
        var input = MetaNames.OfInput(workflow.Input);
        foreach (var index in order) places[index] = Place(workflow.Steps[index], bindings[index], places, input, problems);

        var planned = new PlanStep?[workflow.Steps.Count];
        var steps = new List<PlanStep>();
        foreach (var index in order)
        {
            var place = places[index];
            var step = new PlanStep(workflow.Steps[index], steps.Count, place.Depth, place.Pass,
                [.. place.Inputs.Select(bound => new BoundInput(bound.Binding.Port, bound.Binding.From < 0 ? null : planned[bound.Binding.From], bound.Binding.Part, bound.Binding.Output, bound.Join))],
                place.Axes)
            {
                Readers = [.. order.Where(other => bindings[other].Any(binding => binding.From == index)).Select(other => workflow.Steps[other].Name)],
                Grouped = place.Grouped,
                Variants = place.Variants,
                Values = StepValues.Resolve(workflow.Steps[index], problems),
            };
            planned[index] = step;
            steps.Add(step);
        }
        if (named) LayoutCheck.Check(workflow, places, input, problems);
        return problems.ToReading(new Plan(workflow, steps));
    }

    private static StepPlace Place(Step step, IReadOnlyList<Binding> bindings, StepPlace[] places, MetaNames input, ProblemList problems)
    {
        var joined = new StepJoin(step, places, input, problems).Join(bindings);
        var (matrix, variants) = MatrixAxes.Of(step, joined.Meta, problems);
        List<Axis> axes = [.. joined.AxisValues, .. matrix];
        var place = joined with { Axes = [.. axes.Select(axis => axis.Name)], AxisValues = axes, Variants = variants, Meta = joined.Meta.With(matrix.Select(axis => axis.Name)) };
        new StepChecks(place, joined.Meta, problems).Check();
        return place;
    }

    private static void Names(Workflow workflow, ProblemList problems)
    {
        if (workflow.Steps.Count == 0) problems.Add(WorkflowCodes.NoSteps, workflow.Source, "The workflow has no steps.");
        // Steps become folders, and some file systems do not tell “Blur” from “blur”.
        var seen = new Dictionary<string, Step>(StringComparer.OrdinalIgnoreCase);
        foreach (var step in workflow.Steps)
        {
            if (NameRule.Flaw(step.Name) is { } flaw)
                problems.Add(WorkflowCodes.BadName, step.Source, $"{Wording.Quote(step.Name)} cannot be the name of a step.", flaw);
            else if (step.Name == InputSource.InputWord)
                problems.Add(WorkflowCodes.BadName, step.Source, "A step cannot be called “input”: the word means the workflow's own input.");
            if (seen.TryAdd(step.Name, step)) continue;
            var other = seen[step.Name].Name;
            problems.Add(WorkflowCodes.DuplicateStep, step.Source, other == step.Name
                ? $"There are two steps {Wording.Quote(step.Name)}."
                : $"The steps {Wording.Quote(other)} and {Wording.Quote(step.Name)} differ only in upper and lower case.", "Call one of them differently.");
        }
    }
}

/// <summary>What multiplied items: a scattering step or output, or a matrix variable with its values (empty for a scatter).</summary>
internal sealed record Axis(string Name, IReadOnlyList<string> Values);

/// <summary>A binding with how it joins.</summary>
internal sealed record Joined(Binding Binding, JoinKind Join);

/// <summary>Where a step stands among the others.</summary>
internal sealed record StepPlace(
    Step Step, int Depth, int Pass, IReadOnlyList<Joined> Inputs, Gather? Grouped, IReadOnlyList<string> Axes, IReadOnlyList<Axis> AxisValues, MetaNames Meta)
{
    public IReadOnlyList<Variant> Variants { get; init; } = [Variant.Plain];

    /// <summary>What the members of its gather know.</summary>
    public MetaNames? Members { get; init; }
}
