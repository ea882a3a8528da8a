using System.Text.Json.Serialization;

namespace Yunpipe.Reports;

/// <summary>An item of the sample: what went in, and what each step made of it.</summary>
/// <param name="Members">For a group, how many items it was gathered from; 0 for a workflow item.</param>
/// <param name="Failure">Why a step set it aside; null where none did.</param>
public sealed record SampledItem(string Key, long Members, string? FailedStep, string? Failure, IReadOnlyList<SampledFile> Files);

/// <param name="Step">The step that made it; null for the workflow's input.</param>
/// <param name="Port">The name of the part or output.</param>
/// <param name="More">True where the step made more than is shown.</param>
/// <param name="Picture">A small PNG; null where the file is no image, or is not kept any more.</param>
public sealed record SampledFile(string? Step, string Port, string Name, long Size, bool More, [property: JsonIgnore] byte[]? Picture);
