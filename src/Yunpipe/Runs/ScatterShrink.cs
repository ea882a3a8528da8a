using System.Collections.Concurrent;
using Yunpipe.Items;
using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Runs;

/// <summary>When a scattering job makes fewer items than the one before it, the items that are gone are superseded at every step behind it:
/// their views go, their manifests stay (model.md, "Steps").</summary>
internal sealed class ScatterShrink(IReadOnlyList<StepProgram> steps, IStore store)
{
    private readonly ConcurrentDictionary<string, Manifest> _before = new();

    /// <summary>Remembers what the item's last job had made, before another takes its place.</summary>
    public async ValueTask Note(StepProgram step, Job job)
    {
        if (!step.Algorithm.Outputs.Any(port => port.Each)) return;
        if (await store.FindItem(step.Name, job.Key, CancellationToken.None) is { } before && before.Job != job.Id.ToString()) _before[job.Id.ToString()] = before;
    }

    /// <summary>Retires the items that the job does not make any more.</summary>
    public async ValueTask Settle(StepProgram step, Manifest now)
    {
        if (_before.TryRemove(now.Job, out var before)) await Settle(step, before, now);
    }

    /// <summary>The same where the item's former job is known.</summary>
    public async ValueTask Settle(StepProgram step, Manifest before, Manifest now)
    {
        var made = now.Outputs.Select(output => output.Path).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in before.Outputs)
        {
            if (made.Contains(gone.Path) || step.Algorithm.Outputs.FirstOrDefault(port => port.Name == gone.Port) is not { Each: true }) continue;
            var key = DerivedKey.OfScattered(before.Key, gone.Path);
            foreach (var behind in steps.Where(other => other.Plan.Index > step.Plan.Index && other.Plan.Grouped is null && other.Plan.Axes.Any(axis => axis == step.Name || axis.StartsWith(step.Name + ".", StringComparison.Ordinal))))
                foreach (var variant in behind.Variants)
                    await store.Retire(behind.Name, DerivedKey.OfVariant(key, variant.Meta), CancellationToken.None);
        }
    }
}
