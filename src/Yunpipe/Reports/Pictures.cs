using Yunpipe.Items;
using Yunpipe.Stores;

namespace Yunpipe.Reports;

/// <summary>Where the pictures of a report come from. The engine knows no image format: who makes the report brings the means.</summary>
/// <param name="Thumbnail">Makes a small PNG of the file at a local path; null where that is not an image.</param>
/// <param name="Scratch">A folder for files that have to be brought here first.</param>
public sealed record Pictures(Func<string, CancellationToken, ValueTask<byte[]?>> Thumbnail, string Scratch)
{
    /// <summary>The workflow's input; null where it is not at hand.</summary>
    public ILocation? Input { get; init; }

    /// <summary>Finds the workflow's items by key. Those that are not there any more are left out.</summary>
    public Func<IReadOnlySet<string>, CancellationToken, ValueTask<IReadOnlyDictionary<string, Item>>>? Items { get; init; }

    /// <summary>How many pictures are made at a time.</summary>
    public int AtOnce { get; init; } = 2;
}

/// <summary>Fills the sample: finds the files of each item, and makes pictures of those whose names promise an image.</summary>
internal sealed class SampleFiller(IStore store, Pictures? pictures, List<string> steps)
{
    private const int MostParts = 6, MostOutputs = 3, MostPictures = 16;
    private static readonly string[] ImageEndings = [".tif", ".tiff", ".png", ".jpg", ".jpeg", ".webp", ".gif"];

    private readonly record struct Found(SampledFile File, ItemFile Source);

    public async Task<IReadOnlyList<SampledItem>> Fill(IReadOnlyList<SampledOrigin> origins, CancellationToken cancel)
    {
        var inputs = pictures?.Items is null || origins.Count == 0 ? null : await pictures.Items(origins.Select(origin => origin.Origin).ToHashSet(StringComparer.Ordinal), cancel);
        var items = new List<SampledItem>(origins.Count);
        foreach (var origin in origins)
        {
            var found = Parts(inputs?.GetValueOrDefault(origin.Origin));
            foreach (var step in origin.Steps.Keys.OrderBy(steps.IndexOf))
                found.AddRange(await Outputs(origin, step, cancel));
            items.Add(new SampledItem(origin.Origin, origin.Members, origin.Failure?.Step, origin.Failure?.Sentence, await Draw(found, cancel)));
        }
        return items;
    }

    private static List<Found> Parts(Item? item) => item is null ? [] : [.. item.Parts.Take(MostParts)
        .Select(part => new Found(new SampledFile(null, part.Key, part.Value.File.Name, part.Value.File.Size, false, null), part.Value.File))];

    private async Task<List<Found>> Outputs(SampledOrigin origin, string step, CancellationToken cancel)
    {
        var found = new List<Found>();
        var (keys, more) = origin.Steps[step];
        foreach (var key in keys)
        {
            if (await store.FindItem(step, key, cancel) is not { } manifest) continue;
            foreach (var output in manifest.Outputs.OrderByDescending(output => IsImage(output.Path)).Take(MostOutputs))
                found.Add(new Found(new SampledFile(step, output.Port, output.Path, output.Size, more || manifest.Outputs.Count > MostOutputs, null),
                    new ItemFile(Place.Job, $"{manifest.Step}/{manifest.HeldBy}/{output.Path}", output.Digest, output.Size, output.IsDirectory)));
        }
        return found;
    }

    private async Task<IReadOnlyList<SampledFile>> Draw(List<Found> found, CancellationToken cancel)
    {
        var files = found.Select(entry => entry.File).ToArray();
        if (pictures is null) return files;
        var wanted = Enumerable.Range(0, found.Count).Where(i => !found[i].Source.IsDirectory && IsImage(found[i].Source.Path)).Take(MostPictures);
        await Parallel.ForEachAsync(wanted, new ParallelOptions { MaxDegreeOfParallelism = pictures.AtOnce, CancellationToken = cancel }, async (i, stop) =>
        {
            var source = found[i].Source;
            var path = source.Place == Place.Job ? await store.Fetch(source, pictures.Scratch, stop)
                : pictures.Input is null ? null : await pictures.Input.Fetch(source, pictures.Scratch, stop);
            if (path is not null) files[i] = files[i] with { Picture = await pictures.Thumbnail(path, stop) };
        });
        return files;
    }

    private static bool IsImage(string path) => ImageEndings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
}
