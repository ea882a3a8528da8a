using Yunpipe.Documents;
using Yunpipe.Items;
using Yunpipe.Local.Stores;
using Yunpipe.Workflows;

namespace Yunpipe.Local.Runs;

/// <summary>The items of a workflow, from a folder of this machine.</summary>
public sealed class LocalInput
{
    private readonly InputSpec _spec;
    private readonly string _directory;
    private readonly ItemSource _source;

    private LocalInput(InputSpec spec, string directory, FolderLocation location, ItemSource source) =>
        (_spec, _directory, Location, _source) = (spec, directory, location, source);

    public FolderLocation Location { get; }

    /// <summary>Of the listing that was begun last; final when it has ended.</summary>
    public ItemCounts Counts => _source.Counts;

    /// <param name="folder">The folder of images.</param>
    public static Reading<LocalInput> Open(Workflow workflow, string folder)
    {
        var location = new FolderLocation(folder);
        if (!Directory.Exists(location.Root))
            return new(null, [new Problem("YP2003", $"The input folder “{location.Root}” is not there.", workflow.Input.Source.File.Length > 0 ? workflow.Input.Source : null)]);
        var source = Source(workflow.Input, workflow.Directory, location);
        return source.Value is { } found ? new(new LocalInput(workflow.Input, workflow.Directory, location, found), []) : new(null, source.Problems);
    }

    /// <summary>The first items and problems, and how many there are.</summary>
    public ItemListing List(int keep, CancellationToken cancel) => ItemListing.Read(_source, Location.List(_source.StopsAt, _source.Enters, cancel).ToBlockingEnumerable(cancel), keep);

    public IAsyncEnumerable<Found> Items(CancellationToken cancel) => _source.Read(Location.List(_source.StopsAt, _source.Enters, cancel), cancel);

    /// <summary>Lists once more, beside whoever reads, so that progress can say of how many.</summary>
    public async Task<long> Count(Func<string, bool> takes, CancellationToken cancel)
    {
        var source = Source(_spec, _directory, Location).OrThrow();
        var count = 0L;
        await foreach (var found in source.Read(Location.List(source.StopsAt, source.Enters, cancel), cancel))
            if (found.Item is { } item && takes(item.Key)) count++;
        return count;
    }

    private static Reading<ItemSource> Source(InputSpec spec, string directory, FolderLocation location) =>
        ItemSource.Open(spec, location.Stat, spec.Table is { } table ? () => new StreamReader(Path.Combine(directory, table)) : null);
}
