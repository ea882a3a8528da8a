using Yunpipe.Items;

namespace Yunpipe.Stores;

/// <summary>How far a copy has come.</summary>
public sealed record CopyCounts(long Copied, long There, long Released, long Failures, long Bytes);

/// <summary>Copies records and outputs from one store to another, whatever they are kept in. What is there already stays; a copy that was broken off goes on
/// where it was. Views are made by the next run, which knows the workflow's layout.
/// <code>
/// pass 1   manifests that have outputs of their own
/// pass 2   manifests that adopted the outputs of others, which now are there
/// pass 3   what is current in the one becomes current in the other; failures
/// </code></summary>
/// <param name="scratch">An own folder, on the disk of the target where that is a folder.</param>
public sealed class StoreCopy(IStore from, IStore to, string scratch)
{
    private const int AtOnce = 8;
    private long _copied, _there, _released, _failures, _bytes;

    public CopyCounts Counts => new(Interlocked.Read(ref _copied), Interlocked.Read(ref _there), Interlocked.Read(ref _released), Interlocked.Read(ref _failures), Interlocked.Read(ref _bytes));

    public async Task Run(CancellationToken cancel)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel };
        foreach (var adopted in (bool[])[false, true])
            await Parallel.ForEachAsync(from.Manifests(null, cancel), parallel, async (manifest, stop) =>
            {
                if (manifest.OutputsOf is not null == adopted) await Copy(manifest, stop);
            });
        await Parallel.ForEachAsync(from.Manifests(null, cancel), parallel, async (manifest, stop) =>
        {
            if ((await from.FindItem(manifest.Step, manifest.Key, stop))?.Job == manifest.Job && (await to.FindItem(manifest.Step, manifest.Key, stop))?.Job != manifest.Job)
                await to.MakeView(manifest, [], stop);
        });
        await foreach (var failure in from.Failures(null, cancel))
        {
            if (!JobId.TryParse(failure.Job, out var id) || await to.Find(failure.Step, id, cancel) is not null || await to.FindFailure(failure.Step, id, cancel) is not null) continue;
            await to.SetAside(failure, cancel);
            Interlocked.Increment(ref _failures);
        }
    }

    private async Task Copy(Manifest manifest, CancellationToken cancel)
    {
        if (!JobId.TryParse(manifest.Job, out var id)) return;
        var kept = await from.HasOutputs(manifest, cancel);
        if (await to.Find(manifest.Step, id, cancel) is { } standing && (!kept || await to.HasOutputs(standing, cancel)))
        {
            Interlocked.Increment(ref _there);
            return;
        }
        if (manifest.Outputs.Count == 0 || !kept || manifest.OutputsOf is not null && await to.HasOutputs(manifest, cancel))
        {
            if (!kept) Interlocked.Increment(ref _released);
            await to.Commit(manifest, null, cancel);
        }
        else await CopyOutputs(manifest, cancel);
        Interlocked.Increment(ref _copied);
    }

    private async Task CopyOutputs(Manifest manifest, CancellationToken cancel)
    {
        var folder = Path.Combine(scratch, Guid.NewGuid().ToString("N"));
        var outputs = Path.Combine(folder, "out");
        try
        {
            foreach (var output in manifest.Outputs)
            {
                var file = new ItemFile(Place.Job, $"{manifest.Step}/{manifest.HeldBy}/{output.Path}", output.Digest, output.Size, output.IsDirectory) { Attempt = manifest.Last.Id };
                if (await from.Fetch(file, folder, cancel) is not { } path) throw new IOException($"The output “{file.Path}” was there, and then was not: something is being cleaned meanwhile.");
                Bring(path, Path.Combine(outputs, output.Path), isOurs: path.StartsWith(folder + "/", StringComparison.Ordinal));
                Interlocked.Add(ref _bytes, output.Size);
            }
            // Whose outputs it shared is not there: they are its own there.
            await to.Commit(manifest.OutputsOf is null ? manifest : manifest with { OutputsOf = null }, outputs, cancel);
        }
        finally
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>What was fetched is moved; what lies in the store itself is copied.</summary>
    private static void Bring(string path, string target, bool isOurs)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        if (!Directory.Exists(path))
        {
            if (isOurs) File.Move(path, target);
            else File.Copy(path, target);
        }
        else if (isOurs) Directory.Move(path, target);
        else
            foreach (var file in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)) Bring(file, Path.Combine(target, Path.GetRelativePath(path, file)), isOurs: false);
    }
}
