using Yunpipe.Runs;
using Yunpipe.Stores;

namespace Yunpipe.Dispatch;

/// <param name="Forgotten">Failures that are no more.</param>
/// <param name="Sent">Jobs that were sent, by step.</param>
/// <param name="Problems">What was not set aside, or could not be sent.</param>
public sealed record Retried(int Forgotten, IReadOnlyDictionary<string, int> Sent, IReadOnlyList<string> Problems);

public sealed partial class Dispatcher
{
    /// <summary>Forgets failures and sends what is still wanted of them. Where it ends in between nothing is lost: a job without a record is found by the sweep.</summary>
    /// <param name="jobs">Each <c>step/job</c>.</param>
    public async Task<Retried> Retry(IReadOnlyList<string> jobs, CancellationToken cancel)
    {
        await _sent.Refresh(cancel);
        var batch = new Batch();
        var forgotten = 0;
        await Parallel.ForAsync(0, jobs.Count, Side(cancel), (at, stop) => batch.Guard(at, async () =>
        {
            if (jobs[at].Split('/') is not [var step, var text] || !JobId.TryParse(text, out var job) || await _parts.Store.FindFailure(step, job, stop) is not { } failure)
            {
                batch.Failed[at] = $"“{jobs[at]}” is not set aside.";
                return;
            }
            await _parts.Store.ForgetFailure(step, job, stop);
            Interlocked.Increment(ref forgotten);
            _sent.Forget(job);
            if (step == Run.InputStep) await NameInput(batch, at, new InputFile(new Items.SourceFile(failure.Key, 0, ""), 0), stop);
            else if (!_byName.TryGetValue(step, out var program)) return;
            else if (program.Plan.Step.Gather is { } gather) await LookAtGroup(batch, at, new Look(failure.Origin, step, false, 0), program, gather, stop);
            else if (program.Plan.Grouped is null) batch.AddItem(failure.Origin, at);
            else batch.AddGroup(new GroupName(step, failure.Origin), at);
        }, stop));
        await Parallel.ForEachAsync(batch.Items, Side(cancel), (entry, stop) => batch.Guard(entry.Value, () => LookAtItem(batch, entry.Key, stop), stop));
        await Parallel.ForEachAsync(batch.Groups, Side(cancel), (entry, stop) => batch.Guard(entry.Value, () => LookAtResult(batch, entry.Key, stop), stop));
        return new Retried(forgotten, await Send(batch, force: false, cancel), [.. batch.Failed.Values.Distinct()]);
    }
}
