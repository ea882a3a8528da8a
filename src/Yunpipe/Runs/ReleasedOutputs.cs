using System.Collections.Concurrent;
using Yunpipe.Items;
using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Runs;

/// <summary>A finished job whose outputs were released.</summary>
internal sealed record ReleasedJob(StepProgram Step, Job Job);

/// <summary>Remembers which finished jobs have no outputs any more, until a later job needs them (model.md, “Done is not present”).
/// Those of an item are forgotten with its flow; those that a gather or a later pass may want are kept for the run.</summary>
internal sealed class ReleasedOutputs(IReadOnlyList<StepProgram> steps, IStore store)
{
    private readonly ConcurrentDictionary<string, ReleasedJob> _shared = new(StringComparer.Ordinal);
    private readonly HashSet<int> _sharing = [.. steps.Where(step => step.Plan.Grouped is not null).Select(step => step.Plan.Index),
        .. steps.SelectMany(step => step.Plan.Inputs).Where(input => input is { From: not null, Join: not Workflows.JoinKind.Origin }).Select(input => input.From!.Index)];

    /// <summary>Looks whether a finished job's outputs are kept; a step that nothing reads is of no interest.</summary>
    public async ValueTask Look(Flow flow, StepProgram step, Job job, Manifest manifest)
    {
        if (step.Plan.Readers.Count == 0 || manifest.Outputs.Count == 0 || await store.HasOutputs(manifest, CancellationToken.None)) return;
        var place = $"{manifest.Step}/{manifest.HeldBy}";
        if (_sharing.Contains(step.Plan.Index)) _shared[place] = new ReleasedJob(step, job);
        else lock (flow.Gate) flow.Released[place] = new ReleasedJob(step, job);
    }

    /// <summary>The jobs that have to run again before this one can.</summary>
    public IReadOnlyList<ReleasedJob> NeededBy(Flow flow, Job job)
    {
        List<ReleasedJob>? needed = null;
        foreach (var input in job.Inputs)
            foreach (var member in input.Members)
            {
                Add(flow, member.Part.File, ref needed);
                foreach (var sidecar in member.Part.Sidecars) Add(flow, sidecar, ref needed);
            }
        return needed ?? [];
    }

    /// <summary>Its outputs are there again.</summary>
    public void Restored(Flow flow, Manifest manifest)
    {
        var place = $"{manifest.Step}/{manifest.HeldBy}";
        _shared.TryRemove(place, out _);
        lock (flow.Gate) flow.Released.Remove(place);
    }

    private void Add(Flow flow, ItemFile file, ref List<ReleasedJob>? needed)
    {
        if (file.Place != Place.Job || (_shared.IsEmpty && flow.Released.Count == 0)) return;
        var place = file.Path[..file.Path.IndexOf('/', file.Path.IndexOf('/') + 1)];
        ReleasedJob? found;
        if (!_shared.TryGetValue(place, out found))
            lock (flow.Gate)
                if (!flow.Released.TryGetValue(place, out found)) return;
        if (needed is null || !needed.Contains(found)) (needed ??= []).Add(found);
    }
}
