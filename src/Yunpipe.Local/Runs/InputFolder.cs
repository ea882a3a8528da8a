using Yunpipe.Documents;
using Yunpipe.Items;
using Yunpipe.Local.Stores;
using Yunpipe.Workflows;

namespace Yunpipe.Local.Runs;

/// <summary>A workflow's items in a folder of this machine.</summary>
/// <param name="Location">The folder of images.</param>
public sealed record InputFolder(FolderLocation Location, ItemSource Source)
{
    public static Reading<InputFolder> Open(Workflow workflow, string folder)
    {
        var location = new FolderLocation(folder);
        if (!Directory.Exists(location.Root)) return new(null, [new Problem("YP2003", $"The input folder “{location.Root}” is not there.", workflow.Input.Source)]);
        var table = workflow.Input.Table is { } name ? Path.Combine(workflow.Directory, name) : null;
        if (table is not null && !File.Exists(table)) return new(null, [new Problem("YP2005", $"The table “{table}” is not there.", workflow.Input.Source)]);
        var source = ItemSource.Open(workflow.Input, location.Stat, table is null ? null : () => new StreamReader(table));
        return source.Value is { } items ? new(new InputFolder(location, items), []) : new(null, source.Problems);
    }

    /// <summary>Lists the folder anew.</summary>
    public IAsyncEnumerable<Found> Items(CancellationToken cancel) => Source.Read(Files(cancel), cancel);

    public IAsyncEnumerable<SourceFile> Files(CancellationToken cancel) => Location.List(Source.StopsAt, Source.Enters, cancel);
}
