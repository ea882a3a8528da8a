using System.Globalization;
using System.Runtime.CompilerServices;
using Yunpipe.Stores;

namespace Yunpipe.Aws.Stores;

// Attempts that failed, and jobs that were set aside.
public sealed partial class S3Store
{
    public async ValueTask AddAttempt(string step, JobId job, AttemptRecord attempt, CancellationToken cancel) =>
        // By time and then by name: the listing has them in their order, and a second try at writing one writes it once.
        await _work.Put($"{_layout.Attempts(step, job.ToString())}{attempt.Ended.ToString("D15", CultureInfo.InvariantCulture)}-{attempt.Id}", Bytes(attempt, RecordJson.Default.AttemptRecord), cancel);

    public async ValueTask<IReadOnlyList<AttemptRecord>> Attempts(string step, JobId job, CancellationToken cancel)
    {
        var attempts = new List<AttemptRecord>();
        await foreach (var attempt in All(_layout.Attempts(step, job.ToString()), RecordJson.Default.AttemptRecord, cancel)) attempts.Add(attempt);
        return attempts;
    }

    public async Task SetAside(FailureRecord failure, CancellationToken cancel)
    {
        if (await HasManifest(failure, cancel)) return;
        await _work.Put(_layout.Failure(failure.Step, failure.Job), Bytes(failure, RecordJson.Default.FailureRecord), cancel);
        await EnterGroups(failure.Step, failure.Key, failure.Job, failure.Meta, failure.Origin, cancel);
        string? earlier = null;
        await Change(failure.Step, failure.Key, null, current =>
        {
            earlier = current.Failed;
            return current.Failed == failure.Job ? current : current with { Failed = failure.Job };
        }, cancel);
        if (earlier is not null && earlier != failure.Job) await _work.Delete(_layout.Failure(failure.Step, earlier), cancel);
        // A manifest that came between the look and the record wins.
        if (await HasManifest(failure, cancel)) await _work.Delete(_layout.Failure(failure.Step, failure.Job), cancel);
    }

    public async ValueTask<FailureRecord?> FindFailure(string step, JobId job, CancellationToken cancel) =>
        await Read(_layout.Failure(step, job.ToString()), RecordJson.Default.FailureRecord, cancel) is { } failure && !await HasManifest(failure, cancel) ? failure : null;

    public async ValueTask<bool> ForgetFailure(string step, JobId job, CancellationToken cancel)
    {
        await Clear(_layout.Attempts(step, job.ToString()), cancel);
        var key = _layout.Failure(step, job.ToString());
        if (await _work.Head(key, cancel) is null) return false;
        await _work.Delete(key, cancel);
        return true;
    }

    public async IAsyncEnumerable<FailureRecord> Failures(string? step, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var failure in All(_layout.Failures(step), RecordJson.Default.FailureRecord, cancel))
            if (!await HasManifest(failure, cancel)) yield return failure;
    }

    private async ValueTask<bool> HasManifest(FailureRecord failure, CancellationToken cancel) => await _work.Head(_layout.Manifest(failure.Step, failure.Job), cancel) is not null;
}
