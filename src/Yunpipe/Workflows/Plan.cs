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

    /// <summary>The gather whose groups its items are: its own, or that of the steps it reads; null where its items come from single workflow items.</summary>
    public Gather? Grouped { get; init; }

    /// <summary>One job for each of these for every item: the matrix multiplied out, or a single one without values.</summary>
    public IReadOnlyList<Variant> Variants { get; init; } = [Variant.Plain];

    /// <summary>The values of every job where nothing differs from item to item: given ones and defaults, without the matrix and without templates.</summary>
    public IReadOnlyDictionary<string, VariableValue> Values { get; init; } = new Dictionary<string, VariableValue>();
}

/// <summary>One combination of matrix values: by variable, and the metadata that they become (axis name and text, in the order of the axes).</summary>
public sealed record Variant(IReadOnlyDictionary<string, VariableValue> Values, IReadOnlyList<KeyValuePair<string, string>> Meta)
{
    public static Variant Plain { get; } = new(new Dictionary<string, VariableValue>(), []);
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

/// <summary>An input port bound to its source. <paramref name="From"/> null is the workflow's input; <paramref name="Part"/> null then means all parts, in order.
/// <paramref name="Output"/> is always found for a step. In a batch a port that is no list and joins by <see cref="JoinKind.Group"/> must be the same for all jobs.</summary>
public sealed record BoundInput(InputPort Port, PlanStep? From, string? Part, OutputPort? Output, JoinKind Join);
