using Yunpipe.Stores;

namespace Yunpipe.Aws.Stores;

// What people ask of a store: which job do they mean.
public sealed partial class S3Store
{
    /// <summary>More than so many jobs of one name are not told apart any further.</summary>
    private const int MostNamed = 50;

    /// <summary>The jobs that a text can mean: an id, the first letters of one, <c>step/item</c>, the path of a result, or an item's key. The first of these
    /// that means something counts; several jobs only where it does not tell them apart.</summary>
    /// <param name="steps">Of the workflow, in their order.</param>
    public async Task<IReadOnlyList<KnownJob>> Named(string text, IReadOnlyList<string> steps, CancellationToken cancel)
    {
        if (JobId.TryParse(text, out var id)) return await Known(steps.Select(step => (step, id)), cancel);
        if (text.Length is >= KnownJob.ShortestPrefix and < 32 && JobId.TryParse(text.PadRight(32, 'a'), out _) && await Beginning(text, steps, cancel) is { Count: > 0 } prefixed) return prefixed;
        var slash = text.IndexOf('/');
        if (slash > 0 && steps.Contains(text[..slash]) && await Latest(text[..slash], text[(slash + 1)..], cancel) is { } job) return [job];
        if (await Shown(text, cancel) is { } shown) return [shown];
        var ofItem = new List<KnownJob>();
        foreach (var step in steps)
            if (await Latest(step, text, cancel) is { } latest) ofItem.Add(latest);
        return ofItem;
    }

    private async Task<IReadOnlyList<KnownJob>> Beginning(string text, IReadOnlyList<string> steps, CancellationToken cancel)
    {
        var found = new HashSet<(string Step, JobId Job)>();
        foreach (var step in steps)
            foreach (var folder in (string[])[_layout.Manifests(step), _layout.Failures(step)])
                await foreach (var record in _work.List(folder + text, cancel))
                    if (record.Key.EndsWith(".json", StringComparison.Ordinal) && JobId.TryParse(record.Key[folder.Length..^".json".Length], out var id) && found.Add((step, id)) && found.Count >= MostNamed) break;
        return await Known(found, cancel);
    }

    private async Task<IReadOnlyList<KnownJob>> Known(IEnumerable<(string Step, JobId Job)> jobs, CancellationToken cancel)
    {
        var known = new List<KnownJob>();
        foreach (var (step, id) in jobs)
            if (await Find(step, id, cancel) is { } manifest) known.Add(new KnownJob(id, step, manifest.Key, manifest, null));
            else if (await FindFailure(step, id, cancel) is { } failure) known.Add(new KnownJob(id, step, failure.Key, null, failure));
        return known;
    }

    /// <summary>An item's job at a step: the failed one where it failed after it was last done.</summary>
    private async Task<KnownJob?> Latest(string step, string key, CancellationToken cancel) =>
        await Item(step, key, cancel) is var (record, _) && JobId.TryParse(record.Failed ?? record.Job, out var id) && await Known([(step, id)], cancel) is [var job, ..] ? job : null;

    /// <summary>By a path of the results, or one inside a directory-style result.</summary>
    private async Task<KnownJob?> Shown(string text, CancellationToken cancel)
    {
        var results = $"{S3Address.Scheme}{settings.Results.Name}/{settings.ResultsPrefix}";
        for (var path = text.StartsWith(results, StringComparison.Ordinal) ? text[results.Length..] : text; path.Length > 0; path = path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : "")
            if (await Read(_layout.ViewHolder(path), S3Json.Default.ViewHolder, cancel) is { } holder) return await Latest(holder.Step, holder.Key, cancel);
        return null;
    }
}
