namespace Yunpipe.Items;

/// <summary>Where a file of an item is kept: the workflow's input location, or the outputs of a job.</summary>
public enum Place { Input, Job }

/// <summary>One file (or one directory-style image) of a part. <paramref name="Path"/> is relative to its place, with <c>/</c> between segments;
/// for <see cref="Place.Job"/> it starts with <c>step/jobId/</c>. <paramref name="Version"/> changes when the content may have changed:
/// <c>size-mtime</c> or an ETag for an input, the content digest for an output. Size in bytes.</summary>
public sealed record ItemFile(Place Place, string Path, string Version, long Size, bool IsDirectory = false)
{
    /// <summary>The attempt that made an output, under whose name a bucket keeps it; null where it is not known.</summary>
    public string? Attempt { get; init; }

    /// <summary>The last segment of the path: what the algorithm sees as the file's name.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];
}

/// <summary>A named part of an item: the file first, then its sidecars; a gathered part lists its members' files in order.</summary>
public sealed record Part(ItemFile File, IReadOnlyList<ItemFile> Sidecars)
{
    public static Part Of(ItemFile file) => new(file, []);
}

/// <summary>What moves through a workflow (model.md, "Items"). The key is unique within its source and path-like;
/// <paramref name="Origin"/> is the key of the workflow item that it comes from.</summary>
public sealed record Item(string Key, string Origin, IReadOnlyDictionary<string, Part> Parts, IReadOnlyDictionary<string, string> Meta)
{
    /// <summary>The name of the part where nothing else is said.</summary>
    public const string DefaultPart = "image";
}

/// <summary>A file as a source lists it, before it is grouped into items.</summary>
/// <param name="Flaw">Why it cannot be used, as the end of a sentence; null where it can.</param>
public readonly record struct SourceFile(string Path, long Size, string Version, bool IsDirectory = false, string? Flaw = null);
