using System.Text.Json.Serialization;
using Yunpipe.Workflows;

namespace Yunpipe.Reports;

/// <summary>What a report is about, as far as manifests do not say it. A run leaves it beside its records, so that a report can be made later
/// from the output alone.</summary>
/// <param name="Workflow">The workflow's name.</param>
/// <param name="File">Where the workflow was read, absolute; null where it came from the command line.</param>
/// <param name="Input">The input location that was used.</param>
public sealed record ReportSubject(string Workflow, string? File, string? Input, IReadOnlyList<SubjectStep> Steps)
{
    public static ReportSubject Nothing { get; } = new("", null, null, []);

    public static ReportSubject Of(Plan plan, string? file, string? input) => new(plan.Workflow.Name, file, input,
        [.. plan.Steps.Select(step => new SubjectStep(step.Name, step.Algorithm.Resources.Cpu, step.Algorithm.Resources.MemorySuggested.Bytes, step.Grouped is not null))]);
}

/// <summary>A step in its place. Memory in bytes, 0 for “not said”; grouped where its items are groups and not single workflow items.</summary>
public sealed record SubjectStep(string Name, double Cpu, long Memory, bool Grouped);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(ReportSubject))]
public sealed partial class SubjectJson : JsonSerializerContext;
