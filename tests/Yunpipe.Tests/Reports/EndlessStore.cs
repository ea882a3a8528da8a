using Yunpipe.Items;
using Yunpipe.Stores;

namespace Yunpipe.Tests.Reports;

/// <summary>A store of any number of records that are made while they are read, so that what grows is the reader's.</summary>
internal sealed class EndlessStore(int manifests, int failures) : IStore
{
    /// <summary>Hears how many manifests were read.</summary>
    public Action<int> Read { get; init; } = _ => { };

    public async IAsyncEnumerable<Manifest> Manifests(string? step, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.CompletedTask;
        for (var i = 0; i < manifests; i++)
        {
            Read(i);
            var key = $"plate-{i % 97}/cells-{i:0000000}.tif";
            yield return ReportRecords.Manifest(i % 2 == 0 ? "denoise" : "segment", key, [ReportRecords.Attempt(i, i * 11L, 5 + i % 977, 4 + i % 313, (1 + i % 401) * ReportRecords.MiB)], "out.tif", i, ("image", key, i));
        }
    }

    public async IAsyncEnumerable<FailureRecord> Failures(string? step, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.CompletedTask;
        for (var i = 0; i < failures; i++)
            yield return ReportRecords.Failure("denoise", $"broken-{i}.tif", Cause.ExitCode, $"Sentence {i}.", new string('x', 3000), ReportRecords.Attempt(i, i * 7L, 5, 4, ReportRecords.MiB, Cause.ExitCode, 1));
    }

    public ValueTask<Manifest?> FindItem(string step, string key, CancellationToken cancel) => ValueTask.FromResult<Manifest?>(null);
    public ValueTask<string?> Fetch(ItemFile file, string folder, CancellationToken cancel) => ValueTask.FromResult<string?>(null);
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public ValueTask<Manifest?> Find(string step, JobId job, CancellationToken cancel) => throw new NotSupportedException();
    public ValueTask<Manifest?> FindContent(string step, string content, CancellationToken cancel) => throw new NotSupportedException();
    public ValueTask<bool> HasOutputs(Manifest manifest, CancellationToken cancel) => throw new NotSupportedException();
    public Task<Manifest> Commit(Manifest manifest, string? outputs, CancellationToken cancel) => throw new NotSupportedException();
    public Task<string?> MakeView(Manifest manifest, IReadOnlyList<ViewEntry> entries, CancellationToken cancel) => throw new NotSupportedException();
    public ValueTask<bool> HasView(Manifest manifest, IReadOnlyList<ViewEntry> entries, CancellationToken cancel) => throw new NotSupportedException();
    public ValueTask AddAttempt(string step, JobId job, AttemptRecord attempt, CancellationToken cancel) => throw new NotSupportedException();
    public ValueTask<IReadOnlyList<AttemptRecord>> Attempts(string step, JobId job, CancellationToken cancel) => throw new NotSupportedException();
    public ValueTask Retire(string step, string key, CancellationToken cancel) => throw new NotSupportedException();
    public Task SetAside(FailureRecord failure, CancellationToken cancel) => throw new NotSupportedException();
    public ValueTask<FailureRecord?> FindFailure(string step, JobId job, CancellationToken cancel) => throw new NotSupportedException();
    public ValueTask<bool> ForgetFailure(string step, JobId job, CancellationToken cancel) => throw new NotSupportedException();
}
