using System.Collections.Concurrent;
using Yunpipe.Items;
using Yunpipe.Local.Runs;
using Yunpipe.Local.Stores;
using Yunpipe.Reports;
using Yunpipe.Workflows;

namespace Yunpipe.Cli.Commands;

/// <summary>Pictures of a report: the toolbox makes them in processes beside this one, so that a broken image ends no report.</summary>
internal sealed class ReportPictures : IDisposable
{
    private const int Edge = 256;

    /// <summary>A larger image would take more memory than a page of pictures is worth.</summary>
    private const int MostPixels = 64_000_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _toolbox, _folder;
    private readonly ConcurrentBag<ThumbnailProcess> _idle = [];
    private int _next;

    private ReportPictures(string toolbox, Workflow? workflow, string? input)
    {
        _toolbox = toolbox;
        _folder = Directory.CreateTempSubdirectory("yunpipe-report-").FullName;
        Pictures = new Pictures(Thumbnail, _folder) { AtOnce = Environment.ProcessorCount };
        if (input is null || !Directory.Exists(input)) return;
        var location = new FolderLocation(input);
        Pictures = Pictures with { Input = location, Items = (keys, cancel) => Find(workflow, location, keys, cancel) };
    }

    public Pictures Pictures { get; }

    /// <summary>Null where the toolbox is not beside this program: then the report has no pictures.</summary>
    public static ReportPictures? Open(CliContext context, Workflow? workflow, string? input)
    {
        var toolbox = Path.Combine(context.Folder, "yunpipe-toolbox");
        return File.Exists(toolbox) ? new ReportPictures(toolbox, workflow, input) : null;
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var process)) process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A key is its file's path, but where a table or a grouping names items: then the input is listed until all are found.</summary>
    private static async ValueTask<IReadOnlyDictionary<string, Item>> Find(Workflow? workflow, FolderLocation location, IReadOnlySet<string> keys, CancellationToken cancel)
    {
        var found = new Dictionary<string, Item>(StringComparer.Ordinal);
        if (workflow is { Input: { Item: not null } or { Table: not null } })
        {
            if (InputFolder.Open(workflow, location.Root).Value is not { } input) return found;
            await foreach (var entry in input.Items(cancel))
            {
                if (entry.Item is { } item && keys.Contains(item.Key)) found[item.Key] = item;
                if (found.Count == keys.Count) break;
            }
        }
        else
            foreach (var key in keys)
                if (ItemKey.Flaw(key) is null && location.Stat(key) is { } file)
                    found[key] = new Item(key, key, new Dictionary<string, Part> { [Item.DefaultPart] = Part.Of(new ItemFile(Place.Input, file.Path, file.Version, file.Size, file.IsDirectory)) }, new Dictionary<string, string>());
        return found;
    }

    private async ValueTask<byte[]?> Thumbnail(string image, CancellationToken cancel)
    {
        var picture = Path.Combine(_folder, $"{Interlocked.Increment(ref _next)}.png");
        if (!_idle.TryTake(out var process)) process = ThumbnailProcess.Start(_toolbox, Edge, MostPixels);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        var made = false;
        try
        {
            made = await process.Make(image, picture, patience.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // An image that takes this long has no picture.
        }
        finally
        {
            if (process.IsAlive) _idle.Add(process);
            else process.Dispose();
        }
        return made && File.Exists(picture) ? await File.ReadAllBytesAsync(picture, cancel) : null;
    }
}
