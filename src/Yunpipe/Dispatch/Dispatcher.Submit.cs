using Yunpipe.Items;
using Yunpipe.Work;

namespace Yunpipe.Dispatch;

/// <summary>What somebody asks to be looked at, as if it had just been uploaded.</summary>
/// <param name="Keys">Paths of the input; empty takes all below <paramref name="Prefix"/>.</param>
/// <param name="After">Where an earlier answer left off.</param>
/// <param name="FromStep">Only this step and those behind it; null for all.</param>
/// <param name="Again">True to send also what was sent lately.</param>
/// <param name="DryRun">True to count only.</param>
public sealed record SubmitRequest(IReadOnlyList<string> Keys, string Prefix = "", string? After = null, string? FromStep = null, bool Again = false, bool DryRun = false);

/// <param name="Bytes">Of the input's files that were looked at.</param>
/// <param name="After">Where to go on; null at the end.</param>
/// <param name="Jobs">Open jobs by step.</param>
public sealed record Submitted(int Files, long Bytes, int Sent, string? After, IReadOnlyDictionary<string, int> Jobs, IReadOnlyList<string> Problems);

public sealed partial class Dispatcher
{
    /// <summary>Takes the road of events for what is in the input already, a stretch at a time.</summary>
    public async Task<Submitted> Submit(SubmitRequest request, int most, CancellationToken cancel)
    {
        await _sent.Refresh(cancel);
        Batch batch;
        int files;
        string? after = null;
        if (request.Keys.Count == 0)
        {
            (batch, files, after, var ended) = await Stretch(request.Prefix, request.After, most, cancel);
            if (ended) after = null;
        }
        else
        {
            (batch, files) = (new Batch(), request.Keys.Count);
            await Parallel.ForAsync(0, request.Keys.Count, Side(cancel), (at, stop) => batch.Guard(at, async () =>
            {
                var key = request.Keys[at];
                if (await _parts.Input.Stat(key, _parts.Deployed.Plan.Workflow.Input.Directories, stop) is not { } file) batch.Failed[at] = $"“{key}” is not in the input.";
                else
                {
                    if (!file.File.IsDirectory) batch.Known[key] = file;
                    // Somebody who names an image has seen that it is whole.
                    foreach (var touched in await _items.Of(file.File.IsDirectory ? key + Last : key, stop)) batch.AddItem(touched.Key, at);
                }
            }, stop));
        }
        batch.Sweeps = request.DryRun;
        await Parallel.ForEachAsync(batch.Items, Side(cancel), (entry, stop) => batch.Guard(entry.Value, () => LookAtItem(batch, entry.Key, stop), stop));
        if (request.FromStep is { } from) batch.Keep(Behind(from));
        var jobs = batch.Jobs().ToDictionary(entry => entry.Step.Name, entry => entry.Jobs.Count);
        var sent = request.DryRun ? 0 : (await Send(batch, request.Again, cancel)).Values.Sum();
        return new Submitted(files, batch.Known.Values.Sum(file => file.File.Size), sent, after, jobs, [.. batch.Failed.Values.Distinct()]);
    }

    /// <summary>A step and all that reads from it, directly or not.</summary>
    private HashSet<string> Behind(string name)
    {
        var behind = new HashSet<string>(StringComparer.Ordinal);
        void Add(string step)
        {
            if (!behind.Add(step) || !_byName.TryGetValue(step, out var program)) return;
            foreach (var reader in program.Plan.Readers) Add(reader);
        }
        Add(name);
        return behind;
    }

    // A scattering job that takes another's place may make fewer items: what was there before is remembered beside it until it is done.
    private async Task NoteBefore(StepProgram step, Job job, CancellationToken cancel)
    {
        if (!step.Algorithm.Outputs.Any(port => port.Each)) return;
        if (await _parts.Store.FindItem(step.Name, job.Key, cancel) is { } before && before.Job != job.Id.ToString())
            await _parts.Notes.Put(BeforeNote(job.Id.ToString()), System.Text.Encoding.ASCII.GetBytes(before.Job), cancel);
    }

    private async Task Shrink(StepProgram step, Stores.Manifest now, CancellationToken cancel)
    {
        if (!step.Algorithm.Outputs.Any(port => port.Each) || await _parts.Notes.Read(BeforeNote(now.Job), cancel) is not { } note) return;
        if (Stores.JobId.TryParse(System.Text.Encoding.ASCII.GetString(note.Content), out var id) && await _parts.Store.Find(step.Name, id, cancel) is { } before) await _shrink.Settle(step, before, now);
        await _parts.Notes.Delete(BeforeNote(now.Job), cancel);
    }

    private static string BeforeNote(string job) => $"_yunpipe/dispatch/before/{job}";
}
