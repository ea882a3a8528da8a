using System.Runtime.CompilerServices;
using System.Text.Json;
using Yunpipe.Stores;

namespace Yunpipe.Aws.Stores;

// What is current and what stands in the view: the item record, and the protocol around it.
public sealed partial class S3Store
{
    public async Task<string?> MakeView(Manifest manifest, IReadOnlyList<ViewEntry> entries, CancellationToken cancel)
    {
        var shows = settings.IsResult(manifest.Step);
        var view = shows ? entries.Select(entry => new ViewedOutput(entry.Path, entry.Output)).ToList() : [];
        var name = _layout.Item(manifest.Step, manifest.Key);
        var known = _committed.Find(name) is { Record: not null } own ? own : await Item(manifest.Step, manifest.Key, cancel);
        _committed.Forget(name);
        if (known is { Record: var record } && record.Job == manifest.Job && (!shows || record.Viewed == manifest.Job && record.View.SequenceEqual(view)) && record.Order >= manifest.Order) return null;
        foreach (var entry in view)
            if (await Hold(entry.Path, manifest, cancel) is { } other) return other;
        var mine = await Change(manifest.Step, manifest.Key, known, current => IsNewer(current, manifest) ? current : current with
        {
            Job = manifest.Job, Order = Math.Max(current.Order, manifest.Order), View = view, ViewOf = manifest.Job, Viewed = view.Count == 0 && current.View.Count + current.Stale.Count == 0 ? manifest.Job : null,
            Stale = [.. current.Stale.Concat(current.View.Select(earlier => earlier.Path)).Except(view.Select(entry => entry.Path)).Distinct()],
        }, cancel);
        if (mine.Record.Job == manifest.Job && mine.Record.Viewed == manifest.Job) return null;
        await Show(manifest.Step, manifest.Key, cancel);
        return null;
    }

    public async ValueTask<bool> HasView(Manifest manifest, IReadOnlyList<ViewEntry> entries, CancellationToken cancel)
    {
        if (await Item(manifest.Step, manifest.Key, cancel) is not var (record, _)) return entries.Count == 0;
        if (IsNewer(record, manifest)) return true;
        if (record.Job != manifest.Job) return entries.Count == 0;
        if (!settings.IsResult(manifest.Step) || entries.Count == 0) return true;
        if (record.Viewed != manifest.Job || !record.View.Select(shown => shown.Path).SequenceEqual(entries.Select(entry => entry.Path))) return false;
        foreach (var entry in entries)
            if (!entry.Output.IsDirectory && await settings.Results.Head(settings.ResultsPrefix + entry.Path, cancel) is null) return false;
        return true;
    }

    public async ValueTask Retire(string step, string key, CancellationToken cancel)
    {
        await Retire(step, key, _layout.Item(step, key), cancel);
        await foreach (var found in _work.List(_layout.Below(step, key), cancel))
            if (await Read(found.Key, S3Json.Default.ItemRecord, cancel) is { } below && below.Key.StartsWith(key + "/", StringComparison.Ordinal)) await Retire(step, below.Key, found.Key, cancel);
    }

    private async Task Retire(string step, string key, string record, CancellationToken cancel)
    {
        if (await Item(step, key, cancel) is not { } known) return;
        // First all paths become stale, so that a crash leaves what the next try removes.
        var gone = await Change(step, key, known, current => current with
        {
            Job = null, ViewOf = null, Viewed = null, View = [], Stale = [.. current.Stale.Concat(current.View.Select(shown => shown.Path)).Distinct()],
        }, cancel);
        foreach (var path in gone.Record.Stale) await Remove(path, step, key, cancel);
        await _work.Delete(record, cancel);
    }

    /// <summary>Makes a finished job the item's current one, unless a newer one is, and forgets what failed before it.</summary>
    private async Task BecomeCurrent(Manifest manifest, CancellationToken cancel)
    {
        string? failed = null;
        // Most items are new: looking first would be a request more.
        var mine = await Change(manifest.Step, manifest.Key, null, current =>
        {
            failed = current.Failed;
            if (IsNewer(current, manifest)) return current with { Failed = null };
            // What stands in the view stays there until that of this job is made.
            return current with { Job = manifest.Job, Order = Math.Max(current.Order, manifest.Order), Viewed = current.Viewed == manifest.Job ? current.Viewed : null, Failed = null };
        }, cancel);
        _committed.Keep(_layout.Item(manifest.Step, manifest.Key), mine);
        if (failed is not null) await _work.Delete(_layout.Failure(manifest.Step, failed), cancel);
    }

    private static bool IsNewer(ItemRecord current, Manifest manifest) => manifest.Order > 0 && current.Job is not null && current.Job != manifest.Job && current.Order > manifest.Order;

    /// <summary>Copies the results that the item record asks for, and removes those that it does not, until it says that they stand. Where it changes
    /// meanwhile, our copies may have come after those of the newer job: they are made again as it says now.</summary>
    private async Task Show(string step, string key, CancellationToken cancel)
    {
        while (await Item(step, key, cancel) is var (record, etag))
        {
            // A newer job that has not said yet what it shows will copy after us.
            if (record.Job is not { } job || record.ViewOf != job || await Read(_layout.Manifest(step, job), RecordJson.Default.Manifest, cancel) is not { } manifest) return;
            await Parallel.ForEachAsync(record.View, new ParallelOptions { MaxDegreeOfParallelism = transfer.Limits.AtOnce, CancellationToken = cancel },
                async (shown, stop) => await CopyToView(manifest, shown, stop));
            foreach (var path in record.Stale) await Remove(path, step, key, cancel);
            var done = record with { Viewed = job, Stale = [] };
            if (await _work.PutIfUnchanged(_layout.Item(step, key), Bytes(done, S3Json.Default.ItemRecord), etag, cancel) is not null) return;
        }
    }

    private async Task CopyToView(Manifest manifest, ViewedOutput shown, CancellationToken cancel)
    {
        var target = settings.ResultsPrefix + shown.Path;
        if (!shown.Output.IsDirectory)
        {
            await transfer.Copy(_work, KeyOf(manifest, shown.Output), settings.Results, target, shown.Output.Size, cancel);
            return;
        }
        await foreach (var file in Listed(ListingOf(manifest, shown.Output), cancel))
            await transfer.Copy(_work, $"{KeyOf(manifest, shown.Output)}/{file.Name}", settings.Results, $"{target}/{file.Name}", file.Size, cancel);
    }

    private async Task Remove(string path, string step, string key, CancellationToken cancel)
    {
        // Another item may have taken the path since.
        if (await Read(_layout.ViewHolder(path), S3Json.Default.ViewHolder, cancel) is { } holder && (holder.Step != step || holder.Key != key)) return;
        await settings.Results.Delete(settings.ResultsPrefix + path, cancel);
        await foreach (var below in settings.Results.List($"{settings.ResultsPrefix}{path}/", cancel)) await settings.Results.Delete(below.Key, cancel);
        await _work.Delete(_layout.ViewHolder(path), cancel);
    }

    /// <summary>Takes a path of the view for an item; the key of another that has it, or null.</summary>
    private async Task<string?> Hold(string path, Manifest manifest, CancellationToken cancel)
    {
        var own = new ViewHolder(path, manifest.Step, manifest.Key);
        for (var tries = 0; tries < 10; tries++)
        {
            if (await _work.PutIfAbsent(_layout.ViewHolder(path), Bytes(own, S3Json.Default.ViewHolder), cancel) is not null) return null;
            if (await Read(_layout.ViewHolder(path), S3Json.Default.ViewHolder, cancel) is { } holder) return holder == own ? null : holder.Key;
        }
        throw new IOException($"The path “{path}” of the results is taken and given up all the time.");
    }

    private async ValueTask<(ItemRecord Record, string ETag)?> Item(string step, string key, CancellationToken cancel) =>
        await _work.Get(_layout.Item(step, key), cancel) is { } found ? (JsonSerializer.Deserialize(found.Bytes, S3Json.Default.ItemRecord)!, found.ETag) : null;

    /// <summary>Compare-and-swap of an item record, until it holds.</summary>
    /// <param name="found">The record as it was seen last; null where there was none, or nobody looked.</param>
    private async Task<(ItemRecord Record, string ETag)> Change(string step, string key, (ItemRecord Record, string ETag)? found, Func<ItemRecord, ItemRecord> change, CancellationToken cancel)
    {
        var name = S3Bucket.Checked(_layout.Item(step, key));
        for (var tries = 1; ; tries++)
        {
            var before = found?.Record ?? new ItemRecord { Key = key };
            var after = change(before);
            if (found is not null && ReferenceEquals(after, before)) return found.Value;
            var bytes = Bytes(after, S3Json.Default.ItemRecord);
            var etag = found is null ? await _work.PutIfAbsent(name, bytes, cancel) : await _work.PutIfUnchanged(name, bytes, found.Value.ETag, cancel);
            if (etag is not null) return (after, etag);
            if (tries > 1) await Task.Delay(TimeSpan.FromMilliseconds(5 * Math.Min(tries, 20)), cancel);
            found = await Item(step, key, cancel);
            // Our own change, whose answer was lost.
            if (found is { } now && Bytes(now.Record, S3Json.Default.ItemRecord).AsSpan().SequenceEqual(bytes)) return now;
        }
    }

    private async IAsyncEnumerable<(string Step, ItemRecord Item)> ItemRecords([EnumeratorCancellation] CancellationToken cancel)
    {
        var all = _layout.Items(null);
        await foreach (var found in _work.List(all, cancel))
            if (await Read(found.Key, S3Json.Default.ItemRecord, cancel) is { } record) yield return (found.Key[all.Length..found.Key.IndexOf('/', all.Length)], record);
    }
}
