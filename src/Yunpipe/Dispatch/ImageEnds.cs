using Yunpipe.Workflows;

namespace Yunpipe.Dispatch;

/// <summary>When a directory-style image, which comes file by file, is whole: as groups are, by a file that says so, by the number of its files, or when nothing has come for a while.
/// <code>
/// the image has                                        then
/// its closing file, and all that this names            whole
/// as many files as are counted                         whole
/// been left alone for the quiet period                 whole
/// none of these                                        looked at with the next file, or when it was quiet
/// </code></summary>
internal sealed class ImageEnds(InputSpec spec, InputListing input)
{
    private readonly ImageEnd _end = spec.End ?? new ImageEnd(null, null, null);

    /// <summary>False where only the quiet period tells.</summary>
    public bool AreTold => _end.Closed is not null || _end.Count is not null;

    public TimeSpan? Quiet => _end.Quiet;

    /// <summary>The image that a file closes; null for any other file.</summary>
    public string? ClosedBy(string path) => _end.Closed is { } ending && path.Length > ending.Length && path.EndsWith(ending, StringComparison.Ordinal) ? path[..^ending.Length] : null;

    /// <summary>True where every one of these directories is whole by what is there now.</summary>
    public async ValueTask<bool> AreWhole(IEnumerable<string> directories, CancellationToken cancel)
    {
        foreach (var directory in directories)
            if (!await IsWhole(directory, cancel)) return false;
        return true;
    }

    private async ValueTask<bool> IsWhole(string directory, CancellationToken cancel)
    {
        var closed = _end.Closed is { } ending ? await input.Read(directory + ending, cancel) : null;
        var lacks = closed?.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0).ToHashSet(StringComparer.Ordinal);
        if (lacks?.Count == 0) return true;
        if (lacks is null && _end.Count is null) return false;
        var (inside, files) = (directory + "/", 0L);
        await foreach (var file in input.List(inside, null, cancel))
        {
            // Named from the image, from beside it, or from the input's own folder.
            var path = file.File.Path;
            lacks?.Remove(path[inside.Length..]);
            lacks?.Remove(path[(directory.LastIndexOf('/') + 1)..]);
            lacks?.Remove(path);
            if (++files >= _end.Count || lacks?.Count == 0) return true;
        }
        return false;
    }
}
