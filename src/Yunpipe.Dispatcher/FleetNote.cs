using System.Text.Json;
using System.Text.Json.Serialization;
using Yunpipe.Fleet;
using Yunpipe.Stores;

namespace Yunpipe.Dispatcher;

/// <summary>What is remembered from round to round, and who may start tasks now: one note that changes by compare-and-swap only. Times in milliseconds.</summary>
/// <param name="Round">Grows with every round that came to its end; the tokens of its starts are made of it, so that a round that is repeated starts nothing twice.</param>
internal sealed record FleetNote(string? Holder = null, long Until = 0, long Round = 0)
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
}

internal sealed record StepMemory(double? JobSeconds, double? StartSeconds, long? EmptySince);

/// <summary>The right to start and stop tasks, for one round at a time. It lapses, so that a dispatcher that died in a round holds nobody up for long.</summary>
internal sealed class FleetLease(Notes notes, TimeProvider time, string self)
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(50);

    /// <summary>The note and its tag; null while another holds it.</summary>
    public async Task<(FleetNote Note, string Tag)?> Take(CancellationToken cancel)
    {
        var standing = await notes.Read(FleetNote.Name, cancel);
        var note = standing is { } read ? JsonSerializer.Deserialize(read.Content, FleetJson.Default.FleetNote) ?? new FleetNote() : new FleetNote();
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (note.Holder is not null && note.Holder != self && note.Until > now) return null;
        var held = note with { Holder = self, Until = now + (long)Length.TotalMilliseconds };
        return await notes.Write(FleetNote.Name, JsonSerializer.SerializeToUtf8Bytes(held, FleetJson.Default.FleetNote), standing?.Tag, cancel) is { } tag ? (held, tag) : null;
    }

    /// <summary>Writes what is to be remembered and lets go. What another has taken over in the meantime stays his.</summary>
    public async Task Return(FleetNote note, string tag, CancellationToken cancel) =>
        await notes.Write(FleetNote.Name, JsonSerializer.SerializeToUtf8Bytes(note with { Holder = null, Until = 0, Round = note.Round + 1 }, FleetJson.Default.FleetNote), tag, cancel);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FleetNote))]
[JsonSerializable(typeof(BatchAnswer))]
[JsonSerializable(typeof(MinuteAnswer))]
[JsonSerializable(typeof(Dispatch.Submitted))]
internal sealed partial class FleetJson : JsonSerializerContext;
