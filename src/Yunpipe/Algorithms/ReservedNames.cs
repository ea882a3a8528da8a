namespace Yunpipe.Algorithms;

/// <summary>What <c>${…}</c> can insert without being declared (model.md, "Algorithms").</summary>
public static class ReservedNames
{
    /// <summary>Out: the folder for outputs. Tmp: the job's own temporary folder. Cpu, memory_mb, gpu: what the job was given.
    /// Key, stem, path: the item's key, its last segment without extension, and the path of its file relative to its place.</summary>
    public static IReadOnlyList<string> All { get; } = ["out", "cpu", "memory_mb", "gpu", "tmp", "key", "stem", "path"];

    /// <summary>Those that tell items apart, and so may stand in output names.</summary>
    public static IReadOnlyList<string> OfItem { get; } = ["key", "stem", "path"];

    /// <summary><c>${meta.plate}</c> inserts metadata.</summary>
    public const string MetaPrefix = "meta.";

    /// <summary><c>${images.table}</c>: a CSV with the paths and metadata of a list input.</summary>
    public const string TableSuffix = ".table";

    /// <summary><c>${images.dir}</c>: a directory of links to the members of a list input.</summary>
    public const string DirectorySuffix = ".dir";

    /// <summary><c>${image.name}</c>, <c>${image.stem}</c>, <c>${image.ext}</c>: the name of an input's file; without its extension; the extension with its dot.</summary>
    public static IReadOnlyList<string> FileSuffixes { get; } = [".name", ".stem", ".ext"];

    /// <summary><c>${out.labels}</c>: the path of an output.</summary>
    public const string OutputPrefix = "out.";

    /// <summary>The output whose path a placeholder stands for; null for any other placeholder.</summary>
    public static string? OutputOf(string name) => name.StartsWith(OutputPrefix, StringComparison.Ordinal) ? name[OutputPrefix.Length..] : null;

    /// <summary>The input of which a placeholder names a part of the file's name; null for any other placeholder.</summary>
    public static string? FileOf(string name) =>
        !IsMeta(name) && OutputOf(name) is null && FileSuffixes.FirstOrDefault(suffix => name.EndsWith(suffix, StringComparison.Ordinal)) is { } found && name.Length > found.Length ? name[..^found.Length] : null;

    public static bool IsReserved(string name) => name == "meta" || All.Contains(name);

    public static bool IsMeta(string name) =>
        name.StartsWith(MetaPrefix, StringComparison.Ordinal) && name.Length > MetaPrefix.Length
        && name.AsSpan(MetaPrefix.Length).IndexOfAnyExcept(NameRule.Letters) < 0;
}
