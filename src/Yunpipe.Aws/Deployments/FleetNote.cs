using System.Text.Json;
using System.Text.Json.Serialization;
using Yunpipe.Fleet;

namespace Yunpipe.Aws.Deployments;

/// <summary>What is remembered from round to round, and who may start tasks now: one note that changes by compare-and-swap only. Times in milliseconds.</summary>
/// <param name="Round">Grows with every round that came to its end; the tokens of its starts are made of it, so that a round that is repeated starts nothing twice.</param>
public sealed record FleetNote(string? Holder = null, long Until = 0, long Round = 0)
{
    public const string Name = "_yunpipe/dispatch/fleet.json";

    public IReadOnlyDictionary<string, StepMemory> Steps { get; set; } = new Dictionary<string, StepMemory>();
    public IReadOnlyList<Refusal> Refusals { get; set; } = [];

    /// <summary>Stopped tasks that never came to work and were counted as refusals.</summary>
    public IReadOnlyList<string> FailedStarts { get; set; } = [];

    /// <summary>Instances without tasks, and since when.</summary>
    public IReadOnlyDictionary<string, long> IdleInstances { get; set; } = new Dictionary<string, long>();

    /// <summary>What the last round had to say to people.</summary>
    public IReadOnlyList<FleetWord> Words { get; set; } = [];
    public int Tasks { get; set; }

    /// <summary>When the last round came to its end.</summary>
    public long At { get; set; }
}

public sealed record StepMemory(double? JobSeconds, double? StartSeconds, long? EmptySince);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FleetNote))]
public sealed partial class FleetNoteJson : JsonSerializerContext;
