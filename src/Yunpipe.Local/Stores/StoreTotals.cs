using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Local.Stores;

/// <summary>What the store holds of one step. Bytes are of outputs, each counted once.</summary>
public sealed class StepTotals(string name)
{
    public string Name { get; } = name;

    /// <summary>Items whose current job is done.</summary>
    public long Done { get; internal set; }
    public long Bytes { get; internal set; }

    /// <summary>Of the done ones, those whose outputs were released.</summary>
    public long Released { get; internal set; }
    public long SetAside { get; internal set; }

    /// <summary>Done jobs that are not the current one of their item any more: old variables, algorithms, inputs.</summary>
    public long Superseded { get; internal set; }
    public long SupersededBytes { get; internal set; }

    /// <summary>Wall time of all attempts of current jobs and failures together.</summary>
    public TimeSpan Spent { get; internal set; }
}

/// <summary>Counts what a store holds. Memory holds one record at a time, and the ids of shared outputs.</summary>
public static class StoreTotals
{
    /// <summary>Steps in the order in which they first finished something.</summary>
    public static async Task<IReadOnlyList<StepTotals>> Count(FolderStore store, CancellationToken cancel)
    {
        var shared = await SharedByCurrent(store, cancel);
        var steps = new List<StepTotals>();
        StepTotals Of(string name)
        {
            if (steps.Find(step => step.Name == name) is { } known) return known;
            steps.Add(new StepTotals(name));
            return steps[^1];
        }
        await foreach (var (manifest, current) in store.Stored(cancel))
        {
            var step = Of(manifest.Step);
            var own = manifest.OutputsOf is null ? manifest.Outputs.Sum(output => output.Size) : 0;
            var kept = manifest.Outputs.Count == 0 || await store.HasOutputs(manifest, cancel);
            if (current)
            {
                step.Done++;
                if (!kept) step.Released++;
                if (manifest.OutputsOf is null) step.Spent += Time(manifest.Attempts);
            }
            else if (manifest.Outputs.Count > 0) step.Superseded++;
            if (!kept) continue;
            if (current || shared.Contains(store.PlaceOf(manifest))) step.Bytes += own;
            else step.SupersededBytes += own;
        }
        await foreach (var failure in store.Failures(null, cancel))
        {
            var step = Of(failure.Step);
            step.SetAside++;
            step.Spent += Time(failure.Attempts);
        }
        return steps;
    }

    /// <summary>Folders of outputs that belong to one job and are used by the current job of some item, by adoption.</summary>
    public static async Task<HashSet<string>> SharedByCurrent(FolderStore store, CancellationToken cancel)
    {
        var shared = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var (manifest, current) in store.Stored(cancel))
            if (current && manifest.OutputsOf is not null) shared.Add(store.PlaceOf(manifest));
        return shared;
    }

    private static TimeSpan Time(IReadOnlyList<AttemptRecord> attempts) => TimeSpan.FromMilliseconds(attempts.Sum(attempt => attempt.Use?.Wall ?? 0));
}
