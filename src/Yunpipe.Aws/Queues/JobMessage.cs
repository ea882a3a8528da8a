using System.Text.Json;
using System.Text.Json.Serialization;
using Yunpipe.Algorithms;
using Yunpipe.Items;
using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Aws.Queues;

/// <summary>A job as a queue carries it (docs/spec/queue-message.md): whole, or the name of an object that holds it whole.</summary>
internal sealed record JobMessage
{
    public const int Current = 1;

    public int Version { get; set; } = Current;
    public JobRecord? Job { get; init; }

    /// <summary>Key of an object in the work bucket, for jobs that are too large for a message.</summary>
    public string? At { get; init; }

    public static byte[] Write(JobMessage message) => JsonSerializer.SerializeToUtf8Bytes(message, MessageJson.Default.JobMessage);

    /// <summary>The message; or a sentence about why it is none that can be worked on.</summary>
    public static (JobMessage? Message, string? Flaw) Read(ReadOnlySpan<byte> json)
    {
        try
        {
            // The version first: of another one nothing else is known.
            if (JsonSerializer.Deserialize(json, MessageJson.Default.VersionOnly) is not { Version: var version }) return (null, "it is empty");
            if (version != Current) return (null, $"it is of version {version}, and this Yunpipe knows version {Current}: use the release that the deployment was made with");
            var message = JsonSerializer.Deserialize(json, MessageJson.Default.JobMessage)!;
            return message.Job is null == message.At is null ? (null, "it must hold either a job or the name of an object") : (message, null);
        }
        catch (JsonException error)
        {
            return (null, $"it cannot be read: {error.Message}");
        }
    }
}

internal sealed record VersionOnly
{
    public int Version { get; set; }
}

/// <summary>A job's fields, in words that a document can have.</summary>
internal sealed record JobRecord(
    string Id, string Step, string Key, string Origin, IReadOnlyDictionary<string, string> Meta, IReadOnlyDictionary<string, VariableRecord> Variables, IReadOnlyList<InputRecord> Inputs,
    IReadOnlyList<string>? Missing = null, long Memory = 0, long Order = 0, bool Again = false, bool Alone = false, bool NeedsRoom = false)
{
    public static JobRecord Of(Job job) => new(
        job.Id.ToString(), job.Step, job.Key, job.Origin, job.Meta, job.Variables.ToDictionary(pair => pair.Key, pair => new VariableRecord(pair.Value.Items, pair.Value.IsList)),
        [.. job.Inputs.Select(input => new InputRecord(input.Port, [.. input.Members.Select(member =>
            new MemberRecord(member.Key, FileRecord.Of(member.Part.File), member.Part.Sidecars.Count == 0 ? null : [.. member.Part.Sidecars.Select(FileRecord.Of)], member.Meta))]))],
        job.Missing.Count == 0 ? null : job.Missing, job.Memory, job.Order, job.Again, job.Alone, job.NeedsRoom);

    public Job ToJob() => new()
    {
        Id = JobId.TryParse(Id, out var id) ? id : throw new InvalidDataException($"“{Id}” is no job id."), Step = Step, Key = Key, Origin = Origin, Meta = Meta,
        Variables = Variables.ToDictionary(pair => pair.Key, pair => new VariableValue(pair.Value.Items, pair.Value.List)),
        Inputs = [.. Inputs.Select(input => new JobInput(input.Port, [.. input.Members.Select(member =>
            new InputMember(member.Key, new Part(member.File.ToFile(), [.. (member.Sidecars ?? []).Select(sidecar => sidecar.ToFile())]), member.Meta))]))],
        Missing = Missing ?? [], Memory = Memory, Order = Order, Again = Again, Alone = Alone, NeedsRoom = NeedsRoom,
    };
}

internal sealed record VariableRecord(IReadOnlyList<string> Items, bool List = false);

internal sealed record InputRecord(string Port, IReadOnlyList<MemberRecord> Members);

internal sealed record MemberRecord(string Key, FileRecord File, IReadOnlyList<FileRecord>? Sidecars, IReadOnlyDictionary<string, string> Meta);

/// <param name="Result">True for an output of an earlier job, false for a file of the workflow's input.</param>
/// <param name="Attempt">The attempt that made an output: a step may read what others made, and not their records.</param>
internal sealed record FileRecord(string Path, string Version, long Size, bool Result = false, bool Directory = false, string? Attempt = null)
{
    public static FileRecord Of(ItemFile file) => new(file.Path, file.Version, file.Size, file.Place == Place.Job, file.IsDirectory, file.Attempt);

    public ItemFile ToFile() => new(Result ? Place.Job : Place.Input, Path, Version, Size, Directory) { Attempt = Attempt };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(JobMessage))]
[JsonSerializable(typeof(VersionOnly))]
internal sealed partial class MessageJson : JsonSerializerContext;
