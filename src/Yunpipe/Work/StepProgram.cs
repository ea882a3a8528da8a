using Yunpipe.Algorithms;
using Yunpipe.Images;
using Yunpipe.Workflows;

namespace Yunpipe.Work;

/// <summary>A planned step with all that was found out once for the run: where its process comes from, its identity and its limits.</summary>
/// <param name="Variants">The matrix multiplied out; reference data stands in all values by its digest.</param>
/// <param name="References">Reference data: digest to the path that the algorithm sees.</param>
public sealed record StepProgram(
    PlanStep Plan, ILauncher Launcher, AlgorithmProgram Program, Digest Identity, SlotLimits Limits,
    IReadOnlyDictionary<string, VariableValue> Variables, IReadOnlyList<Variant> Variants, IReadOnlyDictionary<string, string> References)
{
    public Algorithm Algorithm => Plan.Algorithm;
    public string Name => Plan.Name;
    public string? Image => Program.Image;

    /// <summary>What a job may use: a retry for want of memory is given more than the step's own.</summary>
    public SlotLimits LimitsOf(Job job) => job.Memory > Limits.Memory ? Limits with { Memory = job.Memory } : Limits;

    /// <summary>Equal for jobs that may go in one batch, as far as it can be said of one alone: they share the files at every port that is not a list, and the
    /// values of all variables. <see cref="BatchCompany"/> asks for the rest.</summary>
    public string SharedInputs(Job job) => Plan.Step.Batch == 1 ? "" : string.Join('\n',
    [
        .. job.Inputs.Where(input => Algorithm.Inputs.Any(port => port.Name == input.Port && !port.List)).Select(input => input.Members[0].Part.File.Path),
        .. job.Variables.OrderBy(variable => variable.Key, StringComparer.Ordinal).Select(variable => $"{variable.Key}={string.Join('\0', variable.Value.Items)}"),
    ]);
}
