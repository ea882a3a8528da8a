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
        var found = new List<Found>[origins.Count];
        for (var i = 0; i < found.Length; i++)
        {
            found[i] = Parts(inputs?.GetValueOrDefault(origins[i].Origin));
            foreach (var step in origins[i].Steps.Keys.OrderBy(steps.IndexOf))
                found[i].AddRange(await Outputs(origins[i], step, cancel));
        }
        await Draw(found, cancel);
        return [.. origins.Zip(found, (origin, files) =>
            new SampledItem(origin.Origin, origin.Members, origin.Failure?.Step, origin.Failure?.Sentence, [.. files.Select(each => each.File)]))];
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

    private async Task Draw(List<Found>[] items, CancellationToken cancel)
    {
        if (pictures is null) return;
        var wanted = items.SelectMany(item => Enumerable.Range(0, item.Count).Where(i => !item[i].Source.IsDirectory && IsImage(item[i].Source.Path)).Take(MostPictures).Select(i => (item, i)));
        await Parallel.ForEachAsync(wanted, new ParallelOptions { MaxDegreeOfParallelism = pictures.AtOnce, CancellationToken = cancel }, async (place, stop) =>
        {
            var (item, i) = place;
            var source = item[i].Source;
            var path = source.Place == Place.Job ? await store.Fetch(source, pictures.Scratch, stop)
                : pictures.Input is null ? null : await pictures.Input.Fetch(source, pictures.Scratch, stop);
            if (path is not null) item[i] = item[i] with { File = item[i].File with { Picture = await pictures.Thumbnail(path, stop) } };
        });
    }

    private static bool IsImage(string path) => ImageEndings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
}
