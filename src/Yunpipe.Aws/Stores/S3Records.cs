using System.Text.Json.Serialization;
using Yunpipe.Stores;

namespace Yunpipe.Aws.Stores;

/// <summary>What an item has come to at a step: one small object that changes only by compare-and-swap.</summary>
public sealed record ItemRecord
{
    public required string Key { get; init; }

    /// <summary>The current job; null while there is only a failure.</summary>
    public string? Job { get; set; }

    /// <summary>The order of the current job; a job with a lower one does not take its place.</summary>
    public long Order { get; set; }

    /// <summary>The job whose results stand in the view; null while they are being copied.</summary>
    public string? Viewed { get; set; }

    /// <summary>The job whose results <see cref="View"/> lists: not the current one where that has made none yet.</summary>
    public string? ViewOf { get; set; }

    /// <summary>Where results stand, or are to stand, and which output each is.</summary>
    public IReadOnlyList<ViewedOutput> View { get; set; } = [];

    /// <summary>Paths of earlier results that are still to be removed.</summary>
    public IReadOnlyList<string> Stale { get; set; } = [];

    /// <summary>The job that was set aside last.</summary>
    public string? Failed { get; set; }
}

/// <summary>A result: its readable path, and its output.</summary>
public sealed record ViewedOutput(string Path, ManifestOutput Output);

/// <summary>A member of a group that is being gathered: which item, made by which job. Written before the job's manifest, which closing looks at.</summary>
public sealed record GroupMember(string Step, string Key, string Job);

/// <summary>Who holds a path of the view.</summary>
internal sealed record ViewHolder(string Path, string Step, string Key);

/// <summary>One file of a directory-style output.</summary>
internal sealed record DirectoryEntry(string Name, long Size);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ItemRecord))]
[JsonSerializable(typeof(ViewHolder))]
[JsonSerializable(typeof(GroupMember))]
[JsonSerializable(typeof(DirectoryEntry))]
internal sealed partial class S3Json : JsonSerializerContext;
