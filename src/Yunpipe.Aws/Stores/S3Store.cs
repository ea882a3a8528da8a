using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Yunpipe.Images;
using Yunpipe.Items;
using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Aws.Stores;

/// <summary>Where a store's parts lie.</summary>
/// <param name="Work">Outputs and records.</param>
/// <param name="Results">Where the view is made, below <paramref name="ResultsPrefix"/>.</param>
/// <param name="IsResult">Which steps have a view; the others' outputs are read where they are.</param>
/// <param name="GroupsOf">The gathering steps and groups that a job's result is a member of.</param>
public sealed record S3StoreSettings(S3Bucket Work, S3Layout Layout, S3Bucket Results, string ResultsPrefix, Func<string, bool> IsResult,
    Func<string, IReadOnlyDictionary<string, string>, string, IEnumerable<(string Step, string Group)>> GroupsOf);

/// <summary>A store in S3 (docs/spec/store-layout.md): any number of workers write it at once, and conditions on single objects keep them apart.
/// <code>
/// commit: outputs under the attempt's own prefix → group index → manifest, If-None-Match: * → content index → item record, compare-and-swap
///   412   somebody was first: its manifest stands (or ours does, and the answer was lost)
///   409   two at once: asked again
/// view:   holder of each path → item record says what is coming → server-side copies → item record says what stands
/// </code></summary>
public sealed partial class S3Store(S3StoreSettings settings, S3Transfer transfer) : IStore
{
    /// <summary>Requests for small objects at once, when many are read.</summary>
    private const int Window = 32;

    private readonly S3Bucket _work = settings.Work;
    private readonly S3Layout _layout = settings.Layout;
    private readonly Recent<string, string> _attempts = new(4096);

    /// <summary>Item records between commit and view, which follows at once and is spared a look.</summary>
    private readonly Recent<string, (ItemRecord Record, string ETag)> _committed = new(256);

    public async ValueTask<string?> Fetch(ItemFile file, string folder, CancellationToken cancel)
    {
        var parts = file.Path.Split('/', 3);
        if (parts.Length < 3 || (file.Attempt ?? await AttemptOf(parts[0], parts[1], cancel)) is not { } attempt) return null;
        var key = _layout.Outputs(parts[0], parts[1], attempt) + parts[2];
        var target = Path.Combine(folder, "fetched", "job", file.Path);
        if (file.IsDirectory) return await FetchDirectory(_layout.Listing(parts[0], parts[1], attempt, parts[2]), key, target, cancel) ? target : null;
        if (!await transfer.Download(_work, key, null, file.Size, target, cancel)) return null;
        // What an earlier step made is known by its content: whatever happened on the way shows here.
        if (Digest.TryParse(file.Version, out var digest) && ContentDigest.OfFile(target) != digest) throw new IOException($"“{key}” does not hold what its manifest says.");
        return target;
    }

    public async ValueTask<Manifest?> Find(string step, JobId job, CancellationToken cancel) => await Read(_layout.Manifest(step, job.ToString()), RecordJson.Default.Manifest, cancel);

    public async ValueTask<Manifest?> FindContent(string step, string content, CancellationToken cancel)
    {
        if (await _work.Get(_layout.Content(step, content), cancel) is not { } index) return null;
        var found = await Read(_layout.Manifest(step, System.Text.Encoding.UTF8.GetString(index.Bytes)), RecordJson.Default.Manifest, cancel);
        return found is not null && await HasOutputs(found, cancel) ? found : null;
    }

    public async ValueTask<Manifest?> FindItem(string step, string key, CancellationToken cancel) =>
        await Item(step, key, cancel) is { Record.Job: { } job } ? await Read(_layout.Manifest(step, job), RecordJson.Default.Manifest, cancel) : null;

    public async ValueTask<bool> HasOutputs(Manifest manifest, CancellationToken cancel) =>
        manifest.Outputs.Count == 0 || await _work.Head(manifest.Outputs[0] is { IsDirectory: true } directory ? ListingOf(manifest, directory) : KeyOf(manifest, manifest.Outputs[0]), cancel) is not null;

    public async Task<Manifest> Commit(Manifest manifest, string? outputs, CancellationToken cancel)
    {
        var key = _layout.Manifest(manifest.Step, manifest.Job);
        if (await Read(key, RecordJson.Default.Manifest, cancel) is { } earlier) return await Stands(earlier, manifest, outputs, cancel);
        if (outputs is not null) await Upload(manifest, outputs, cancel);
        await EnterGroups(manifest.Step, manifest.Key, manifest.Job, manifest.Meta, manifest.Origin, cancel);
        if (await _work.PutIfAbsent(key, Bytes(manifest, RecordJson.Default.Manifest), cancel) is null)
        {
            // Somebody was first; or the attempt is our own, and only the answer was lost.
            var standing = await Read(key, RecordJson.Default.Manifest, cancel) ?? throw new IOException($"The manifest of job {manifest.Job} was there, and then was not.");
            if (standing.Last.Id != manifest.Last.Id) return await Stands(standing, manifest, outputs: null, cancel);
            manifest = standing;
        }
        await _work.Put(_layout.Content(manifest.Step, manifest.Content), System.Text.Encoding.UTF8.GetBytes(manifest.Job), cancel);
        if (manifest.Attempts.Count > 1) await Clear(_layout.Attempts(manifest.Step, manifest.Job), cancel);
        await BecomeCurrent(manifest, cancel);
        return manifest;
    }

    public IAsyncEnumerable<Manifest> Manifests(string? step, CancellationToken cancel) => All(_layout.Manifests(step), RecordJson.Default.Manifest, cancel);

    /// <summary>The current job of every item, which is what a copy of the store has to make current there.</summary>
    public IAsyncEnumerable<(string Step, ItemRecord Item)> Items(CancellationToken cancel) => ItemRecords(cancel);

    /// <summary>The members that a group has so far, by the index; whether each is done is said by its manifest.</summary>
    public IAsyncEnumerable<GroupMember> Members(string step, string group, CancellationToken cancel) => All(_layout.Groups(step, group), S3Json.Default.GroupMember, cancel);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>What is done stays done. Its outputs, where they were released, come back to the place that its manifest names.</summary>
    private async Task<Manifest> Stands(Manifest standing, Manifest own, string? outputs, CancellationToken cancel)
    {
        if (outputs is not null && !await HasOutputs(standing, cancel)) await Upload(standing, outputs, cancel);
        // An index that a crash left out is made up for here.
        await _work.Put(_layout.Content(standing.Step, standing.Content), System.Text.Encoding.UTF8.GetBytes(standing.Job), cancel);
        await BecomeCurrent(standing with { Order = Math.Max(standing.Order, own.Order) }, cancel);
        return standing;
    }

    private async Task Upload(Manifest manifest, string folder, CancellationToken cancel)
    {
        var prefix = _layout.Outputs(manifest.Step, manifest.HeldBy, manifest.Last.Id);
        await Parallel.ForEachAsync(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories), new ParallelOptions { MaxDegreeOfParallelism = transfer.Limits.AtOnce, CancellationToken = cancel },
            async (file, stop) => await transfer.Upload(_work, file, prefix + Path.GetRelativePath(folder, file), stop));
        foreach (var output in manifest.Outputs)
            if (output.IsDirectory) await UploadListing(Path.Combine(folder, output.Path), ListingOf(manifest, output), cancel);
    }

    private async Task EnterGroups(string step, string key, string job, IReadOnlyDictionary<string, string> meta, string origin, CancellationToken cancel)
    {
        foreach (var (gather, group) in settings.GroupsOf(step, meta, origin))
            await _work.Put(_layout.Member(gather, group, step, key), Bytes(new GroupMember(step, key, job), S3Json.Default.GroupMember), cancel);
    }

    private string KeyOf(Manifest manifest, ManifestOutput output) => _layout.Outputs(manifest.Step, manifest.HeldBy, manifest.Last.Id) + output.Path;

    private string ListingOf(Manifest manifest, ManifestOutput output) => _layout.Listing(manifest.Step, manifest.HeldBy, manifest.Last.Id, output.Path);

    /// <summary>The attempt under whose prefix a job's outputs lie: the last of its manifest.</summary>
    private async ValueTask<string?> AttemptOf(string step, string job, CancellationToken cancel)
    {
        if (_attempts.Find(job) is { } known) return known;
        if (await Read(_layout.Manifest(step, job), RecordJson.Default.Manifest, cancel) is not { } manifest) return null;
        _attempts.Keep(job, manifest.Last.Id);
        return manifest.Last.Id;
    }

    private async Task<T?> Read<T>(string key, JsonTypeInfo<T> type, CancellationToken cancel) where T : class =>
        await _work.Get(key, cancel) is { } found ? JsonSerializer.Deserialize(found.Bytes, type) : null;

    private static byte[] Bytes<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type);

    private async Task Clear(string prefix, CancellationToken cancel)
    {
        await foreach (var found in _work.List(prefix, cancel)) await _work.Delete(found.Key, cancel);
    }

    /// <summary>Every record below a prefix, a window of them being read at once, none held longer.</summary>
    private async IAsyncEnumerable<T> All<T>(string prefix, JsonTypeInfo<T> type, [EnumeratorCancellation] CancellationToken cancel) where T : class
    {
        var reading = new Queue<Task<T?>>();
        await foreach (var found in _work.List(prefix, cancel))
        {
            reading.Enqueue(Read(found.Key, type, cancel));
            if (reading.Count == Window && await reading.Dequeue() is { } record) yield return record;
        }
        while (reading.TryDequeue(out var last))
            if (await last is { } record) yield return record;
    }
}
