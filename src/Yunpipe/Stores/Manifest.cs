using System.Text.Json.Serialization;
using Yunpipe.Work;

namespace Yunpipe.Stores;

/// <summary>The record that makes a job done (model.md, "Identity and manifests"). One format, whether a row on disk or an object on S3.
/// Times are milliseconds since 1970, UTC.</summary>
public sealed record Manifest
{
    public int Format { get; set; } = 1;
    public required string Job { get; init; }
    public required string Step { get; init; }
    public required string Key { get; init; }
    public required string Origin { get; init; }

    /// <summary>The same work over equal bytes has the same content id, whatever the inputs' time stamps.</summary>
    public required string Content { get; init; }
    public required string Algorithm { get; init; }
    public string? Image { get; init; }
    public required IReadOnlyDictionary<string, string> Meta { get; init; }
    public required IReadOnlyDictionary<string, string> Variables { get; init; }
    public required IReadOnlyList<ManifestInput> Inputs { get; init; }
    public required IReadOnlyList<ManifestOutput> Outputs { get; init; }

    /// <summary>The job whose folder holds the outputs: another one where equal content was adopted.</summary>
    public string? OutputsOf { get; init; }
    public required IReadOnlyList<AttemptRecord> Attempts { get; init; }

    /// <summary>Members that a gather went on without.</summary>
    public IReadOnlyList<string>? Missing { get; init; }

    /// <summary>When the job's newest input came, in milliseconds; 0 where nobody said.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public long Order { get; set; }

    [JsonIgnore] public AttemptRecord Last => Attempts[^1];
    [JsonIgnore] public string HeldBy => OutputsOf ?? Job;
}

/// <summary>An input as it was used. Digest is of the content, null for a directory that was not hashed.</summary>
public sealed record ManifestInput(string Name, string Key, string Version, string? Digest, long Size);

/// <summary>An output file; for a directory the digest is of its tree and <paramref name="Count"/> its number of files.</summary>
public sealed record ManifestOutput(string Port, string Path, long Size, string Digest, int? Count = null)
{
    [JsonIgnore] public bool IsDirectory => Count is not null;
}

/// <summary>One try. Cause is null when it succeeded.</summary>
public sealed record AttemptRecord(string Id, long Started, long Ended, ResourceUse? Use, Cause? Cause = null, int Exit = 0, string? Sentence = null, long? MemoryLimit = null);

/// <summary>A set-aside job: not done, not queued, waiting for a person (design.md §3.6).</summary>
public sealed record FailureRecord
{
    public int Format { get; set; } = 1;
    public required string Job { get; init; }
    public required string Step { get; init; }
    public required string Key { get; init; }
    public required string Origin { get; init; }
    public required IReadOnlyDictionary<string, string> Meta { get; init; }
    public required Cause Cause { get; init; }
    public required string Sentence { get; init; }
    public required IReadOnlyList<AttemptRecord> Attempts { get; init; }
    public string Tail { get; set; } = "";
}

/// <summary>Why an attempt did not succeed. The first group is the algorithm's or the data's, the second the machine's (design.md §3.7).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Cause>))]
public enum Cause
{
    [JsonStringEnumMemberName("exit-code")] ExitCode,
    [JsonStringEnumMemberName("signal")] Signal,
    [JsonStringEnumMemberName("timed-out")] TimedOut,
    [JsonStringEnumMemberName("out-of-memory")] OutOfMemory,
    [JsonStringEnumMemberName("output-missing")] OutputMissing,
    [JsonStringEnumMemberName("output-name")] OutputName,
    [JsonStringEnumMemberName("input-written")] InputWritten,
    [JsonStringEnumMemberName("input-changed")] InputChanged,
    [JsonStringEnumMemberName("input-unreadable")] InputUnreadable,
    [JsonStringEnumMemberName("input-name")] InputName,
    [JsonStringEnumMemberName("gather-incomplete")] GatherIncomplete,
    [JsonStringEnumMemberName("not-started")] NotStarted,

    [JsonStringEnumMemberName("disk-full")] DiskFull,
    [JsonStringEnumMemberName("image-pull")] ImagePull,
    [JsonStringEnumMemberName("agent-lost")] AgentLost,
    [JsonStringEnumMemberName("agent-failed")] AgentFailed,
    [JsonStringEnumMemberName("stopped")] Stopped,
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Manifest))]
[JsonSerializable(typeof(FailureRecord))]
[JsonSerializable(typeof(AttemptRecord))]
public sealed partial class RecordJson : JsonSerializerContext;
