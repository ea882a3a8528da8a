using Yunpipe.Workflows;

namespace Yunpipe.Reports;

/// <summary>What a report is about, as far as manifests do not say it.</summary>
public sealed record ReportSubject(string Workflow, IReadOnlyList<SubjectStep> Steps)
{
    /// <summary>Where the workflow is not at hand: its steps come in the order in which they began.</summary>
    public static ReportSubject Nothing { get; } = new("", []);

    public static ReportSubject Of(Plan plan) => new(plan.Workflow.Name,
        [.. plan.Steps.Select(step => new SubjectStep(step.Name, step.Algorithm.Resources.Cpu, step.Algorithm.Resources.MemorySuggested.Bytes, step.Grouped is not null))]);
}

/// <summary>A step in its place. Memory in bytes, 0 for “not said”; grouped where its items are groups and not single workflow items.</summary>
public sealed record SubjectStep(string Name, double Cpu, long Memory, bool Grouped);
