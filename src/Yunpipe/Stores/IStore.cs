using Yunpipe.Items;

namespace Yunpipe.Stores;

/// <summary>Where a workflow's input comes from: a folder or a prefix of a bucket. Read only.</summary>
public interface ILocation
{
    /// <summary>Lists files lazily, ordered by name in blocks; a directory that <paramref name="stopsAt"/> accepts comes as one entry.</summary>
    /// <param name="enters">False for directories that are not to be looked into.</param>
    IAsyncEnumerable<SourceFile> List(Func<string, bool> stopsAt, Func<string, bool> enters, CancellationToken cancel);

    SourceFile? Stat(string path);

    /// <summary>A local path at which the file can be read, or null where it is not there in that version any more.</summary>
    /// <param name="folder">A folder of the attempt, for locations that have to bring the file here.</param>
    ValueTask<string?> Fetch(ItemFile file, string folder, CancellationToken cancel);

    /// <summary>True where the bytes that Fetch gave are still those of the file's version; a copy of its own always is.</summary>
    ValueTask<bool> IsUnchanged(ItemFile file, CancellationToken cancel);
}

/// <summary>Where items and manifests live: a folder or a bucket (design.md §4). Every implementation passes the same conformance suite.</summary>
public interface IStore : IAsyncDisposable
{
    /// <summary>A local path at which an output can be read, or null where it is not kept any more.</summary>
    ValueTask<string?> Fetch(ItemFile file, string folder, CancellationToken cancel);

    /// <summary>The manifest of a job, if it is done.</summary>
    ValueTask<Manifest?> Find(string step, JobId job, CancellationToken cancel);

    /// <summary>A manifest over equal content at the same step, whose outputs are still kept.</summary>
    ValueTask<Manifest?> FindContent(string step, string content, CancellationToken cancel);

    /// <summary>The manifest of the item's current job at a step, or of its latest.</summary>
    ValueTask<Manifest?> FindItem(string step, string key, CancellationToken cancel);

    /// <summary>False where outputs that the manifest names were released.</summary>
    ValueTask<bool> HasOutputs(Manifest manifest, CancellationToken cancel);

    /// <summary>Makes outputs immutable under their job and writes the manifest, create-if-absent, in that order. Where a manifest stands whose outputs
    /// were released, they come back to their place, and it stays.</summary>
    /// <param name="outputs">The attempt's folder of outputs; null where there is nothing to move.</param>
    /// <returns>The manifest that stands: ours, or that of whoever was first.</returns>
    Task<Manifest> Commit(Manifest manifest, string? outputs, CancellationToken cancel);

    /// <summary>Makes the item's readable results those of this manifest: nothing where its outputs were released and no entries are given.
    /// Doing it twice changes nothing; and nothing is changed where the results of a later job stand, by <see cref="Manifest.Order"/>.</summary>
    /// <returns>Null; or the key of another item whose results stand at one of the paths, which then is left alone.</returns>
    Task<string?> MakeView(Manifest manifest, IReadOnlyList<ViewEntry> entries, CancellationToken cancel);

    /// <summary>True where the item's view is already that of this manifest.</summary>
    ValueTask<bool> HasView(Manifest manifest, IReadOnlyList<ViewEntry> entries, CancellationToken cancel);

    /// <summary>Takes an item that is made no more, and all below its key, out of the view. Manifests and outputs stay.</summary>
    ValueTask Retire(string step, string key, CancellationToken cancel);

    ValueTask AddAttempt(string step, JobId job, AttemptRecord attempt, CancellationToken cancel);

    ValueTask<IReadOnlyList<AttemptRecord>> Attempts(string step, JobId job, CancellationToken cancel);

    /// <summary>Sets a job aside in the place of earlier failures of its item; does nothing where a manifest exists, which always wins.</summary>
    Task SetAside(FailureRecord failure, CancellationToken cancel);

    ValueTask<FailureRecord?> FindFailure(string step, JobId job, CancellationToken cancel);

    /// <summary>Forgets a failure and its attempts, so that the job is queued again; false where there was none.</summary>
    ValueTask<bool> ForgetFailure(string step, JobId job, CancellationToken cancel);

    IAsyncEnumerable<Manifest> Manifests(string? step, CancellationToken cancel);

    IAsyncEnumerable<FailureRecord> Failures(string? step, CancellationToken cancel);
}

/// <summary>An entry of the view: a readable path, and the output that stands there.</summary>
public readonly record struct ViewEntry(string Path, ManifestOutput Output);
