using System.Text.Json;
using System.Text.Json.Serialization;
using Yunpipe.Aws.Deployments;
using Yunpipe.Stores;

namespace Yunpipe.Dispatcher;

/// <summary>The right to start and stop tasks, for one round at a time. It lapses, so that a dispatcher that died in a round holds nobody up for long.</summary>
internal sealed class FleetLease(Notes notes, TimeProvider time, string self)
{
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(50);

    /// <summary>The note and its tag; null while another holds it.</summary>
    public async Task<(FleetNote Note, string Tag)?> Take(CancellationToken cancel)
    {
        var standing = await notes.Read(FleetNote.Name, cancel);
        var note = standing is { } read ? JsonSerializer.Deserialize(read.Content, FleetNoteJson.Default.FleetNote) ?? new FleetNote() : new FleetNote();
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (note.Holder is not null && note.Holder != self && note.Until > now) return null;
        var held = note with { Holder = self, Until = now + (long)Length.TotalMilliseconds };
        return await notes.Write(FleetNote.Name, JsonSerializer.SerializeToUtf8Bytes(held, FleetNoteJson.Default.FleetNote), standing?.Tag, cancel) is { } tag ? (held, tag) : null;
    }

    /// <summary>Writes what is to be remembered and lets go. What another has taken over in the meantime stays his.</summary>
    public async Task Return(FleetNote note, string tag, CancellationToken cancel) =>
        await notes.Write(FleetNote.Name, JsonSerializer.SerializeToUtf8Bytes(note with { Holder = null, Until = 0, Round = note.Round + 1 }, FleetNoteJson.Default.FleetNote), tag, cancel);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BatchAnswer))]
[JsonSerializable(typeof(MinuteAnswer))]
[JsonSerializable(typeof(Dispatch.Submitted))]
[JsonSerializable(typeof(Dispatch.Retried))]
internal sealed partial class FleetJson : JsonSerializerContext;
