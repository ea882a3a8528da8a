using Yunpipe.Algorithms;

namespace Yunpipe.Workflows;

/// <summary>A workflow whose steps are bound, ordered and checked.</summary>
public sealed record Plan(Workflow Workflow, IReadOnlyList<PlanStep> Steps)
{
    /// <summary>Passes over the items: a step that needs a closed gather runs in a later pass than the gather's members.</summary>
    public int Passes => Steps.Count == 0 ? 0 : Steps.Max(step => step.Pass) + 1;
}

/// <summary>A step in its place.</summary>
/// <param name="Index">Position in topological order, from 0.</param>
/// <param name="Depth">Longest way from the input; deeper jobs go first, so that intermediates stay few.</param>
/// <param name="Pass">The pass over the items in which its jobs arise; a gather's own job arises at the end of the pass before.</param>
/// <param name="Axes">What multiplied its items since the origin: names of scattering steps and matrix variables, outermost first.</param>
public sealed record PlanStep(Step Step, int Index, int Depth, int Pass, IReadOnlyList<BoundInput> Inputs, IReadOnlyList<string> Axes)
{
    public string Name => Step.Name;
    public Algorithm Algorithm => Step.Algorithm;

    /// <summary>Names of the steps that take something from this one.</summary>
    public IReadOnlyList<string> Readers { get; init; } = [];
}

/// <summary>How an input's items find the job's item.</summary>
public enum JoinKind
{
    /// <summary>Same origin and axes (or a prefix of them).</summary>
    Origin,

    /// <summary>A gathered source, found by evaluating its group key on the job's metadata.</summary>
    Group,

    /// <summary>The members of this step's own gather.</summary>
    Members,
}

/// <summary>An input port bound to its source. <paramref name="From"/> null is the workflow's input; <paramref name="Output"/> null takes the only output.</summary>
public sealed record BoundInput(InputPort Port, PlanStep? From, string? Part, OutputPort? Output, JoinKind Join);
