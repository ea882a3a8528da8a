using Yunpipe.Aws.Calls;
using Yunpipe.Aws.Stores;
using Yunpipe.Aws.Work;
using Yunpipe.Deployments;
using Yunpipe.Stores;

namespace Yunpipe.Aws.Deployments;

/// <summary>One step of a deployment as it stands now.</summary>
/// <param name="Waiting">Messages that nobody holds; approximate, and late by up to a minute, as SQS counts.</param>
/// <param name="Running">Messages in workers' hands.</param>
/// <param name="Done">Items that have a result: a corrected image counts once.</param>
/// <param name="Dead">Messages that ended their workers unseen and wait for a person.</param>
/// <param name="PerMinute">Jobs that were done a minute lately.</param>
public sealed record StepNumbers(string Name, long Waiting, long Running, long Done, long SetAside, long Dead, double PerMinute)
{
    /// <summary>For what waits and runs now, at the pace of late; null while there is no pace.</summary>
    public TimeSpan? Left => Waiting + Running == 0 ? TimeSpan.Zero : PerMinute > 0 ? TimeSpan.FromMinutes(Math.Min((Waiting + Running) / PerMinute, 365 * 1440)) : null;
}

/// <summary>Counts what a deployment's queues and records hold. Of records only names are listed, and none is kept: memory does not grow with them.</summary>
public sealed class DeploymentNumbers(DeploymentParts parts, TimeProvider time)
{
    /// <summary>Over which the pace is taken.</summary>
    private static readonly TimeSpan Lately = TimeSpan.FromMinutes(5);

    /// <summary>Records that one listing after the other counts; where there are more, they are counted side by side.</summary>
    private const int Few = 1000;

    public async Task<IReadOnlyList<StepNumbers>> Steps(CancellationToken cancel) =>
        await Task.WhenAll(parts.Workflow.Steps.Select(step => Task.Run(() => Step(step.Name, cancel), cancel)));

    /// <summary>Items that never became jobs, since their names cannot be used.</summary>
    public Task<long> Unusable(CancellationToken cancel) => Failed(Runs.Run.InputStep, cancel);

    /// <summary>What the dispatcher remembers of tasks; null where it has not looked yet.</summary>
    public async Task<FleetNote?> Fleet(CancellationToken cancel) =>
        await parts.Work.Get(parts.Workflow.Deployment.Store.Prefix + FleetNote.Name, cancel) is { } note ? System.Text.Json.JsonSerializer.Deserialize(note.Bytes, FleetNoteJson.Default.FleetNote) : null;

    private async Task<StepNumbers> Step(string step, CancellationToken cancel)
    {
        await using var queue = parts.QueueOf(step, time, _ => { });
        var jobs = new CurrentJobs(parts.Work, parts.Layout.Items(step), time.GetUtcNow() - Lately);
        var (counting, dead, done, failed) = (queue.Count(cancel), queue.CountDead(cancel), jobs.Count(cancel), Failed(step, cancel));
        await Task.WhenAll(counting, dead, done, failed);
        var (waiting, held) = await counting;
        return new StepNumbers(step, waiting, held, jobs.Done, await failed, await dead, PerMinute(jobs, time.GetUtcNow()));
    }

    /// <summary>Since the first of late; a moment's worth is no pace.</summary>
    private static double PerMinute(CurrentJobs jobs, DateTimeOffset now) => jobs.Lately < 2 ? jobs.Lately / Lately.TotalMinutes : jobs.Lately / Math.Max((now - jobs.First).TotalMinutes, 1 / 6.0);

    private async Task<long> Failed(string step, CancellationToken cancel)
    {
        var folder = parts.Layout.Failures(step);
        string? last = null;
        var all = 0L;
        await foreach (var found in parts.Work.List(folder, cancel))
        {
            if (++all < Few) continue;
            last = found.Key;
            break;
        }
        if (last is null) return all;
        // Jobs are called by hashes, so each letter begins about as many.
        await Parallel.ForEachAsync(JobId.Alphabet.Select(letter => folder + letter).Where(begin => string.CompareOrdinal(begin, last[..(folder.Length + 1)]) >= 0),
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancel }, async (begin, stop) =>
            {
                await foreach (var _ in parts.Work.List(begin, stop, last.StartsWith(begin, StringComparison.Ordinal) ? last : null)) Interlocked.Increment(ref all);
            });
        return all;
    }
}
