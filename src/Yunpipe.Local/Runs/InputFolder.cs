using Yunpipe.Documents;
using Yunpipe.Items;
using Yunpipe.Local.Stores;
using Yunpipe.Stores;
using Yunpipe.Workflows;

namespace Yunpipe.Local.Runs;

/// <summary>A workflow's items in a folder of this machine, or in another place that can be listed.</summary>
public sealed class InputFolder
{
    private readonly Func<Reading<ItemSource>> _open;

    private InputFolder(ILocation location, ItemSource source, Func<Reading<ItemSource>> open) => (Location, Source, _open) = (location, source, open);

    public ILocation Location { get; }

    /// <summary>Its counts are of the listing that was begun last.</summary>
    public ItemSource Source { get; }

    public static Reading<InputFolder> Open(Workflow workflow, string folder)
    {
        var location = new FolderLocation(folder);
        if (!Directory.Exists(location.Root)) return new(null, [new Problem("YP2003", $"The input folder “{location.Root}” is not there.", Named(workflow, location.Root))]);
        return Open(workflow, location, Named(workflow, location.Root));
    }

    /// <param name="named">Where the workflow names the place; null where it does not.</param>
    public static Reading<InputFolder> Open(Workflow workflow, ILocation location, Location? named = null)
    {
        var table = workflow.Input.Table is { } name ? Path.Combine(workflow.Directory, name) : null;
        if (table is not null && !File.Exists(table)) return new(null, [new Problem("YP2005", $"The table “{table}” is not there.", named)]);
        Reading<ItemSource> Source() => ItemSource.Open(workflow.Input, location.Stat, table is null ? null : () => new StreamReader(table));
        var source = Source();
        return source.Value is { } items ? new(new InputFolder(location, items, Source), []) : new(null, source.Problems);
    }

    /// <summary>Lists the folder anew.</summary>
    public IAsyncEnumerable<Found> Items(CancellationToken cancel) => Source.Read(Files(cancel), cancel);

    /// <summary>The first items and problems, and how many there are.</summary>
    public ItemListing List(int keep, CancellationToken cancel) => ItemListing.Read(Source, Files(cancel).ToBlockingEnumerable(cancel), keep);

    private IAsyncEnumerable<SourceFile> Files(CancellationToken cancel) => Location.List(Source.StopsAt, Source.Enters, cancel);

    /// <summary>Lists once more, beside whoever reads, so that progress can say of how many.</summary>
    public async Task<long> Count(Func<string, bool> takes, CancellationToken cancel)
    {
        var source = _open().OrThrow();
        var count = 0L;
        await foreach (var found in source.Read(Location.List(source.StopsAt, source.Enters, cancel), cancel))
            if (found.Item is { } item && takes(item.Key)) count++;
        return count;
    }

    /// <summary>Where the workflow names the folder; null where the command line does.</summary>
    private static Location? Named(Workflow workflow, string root) =>
        workflow.Input is { Source.File.Length: > 0, Location: { } own } input && Path.GetFullPath(Path.Combine(workflow.Directory, own)) == root ? input.Source : null;
}
