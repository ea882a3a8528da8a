using System.Collections.Concurrent;

namespace Yunpipe.Dispatch;

/// <summary>The ids of all jobs of a step that have a manifest, or a failure record; null where there are more than so many.</summary>
public delegate Task<IReadOnlySet<string>?> ListJobs(string step, bool failures, int most, CancellationToken cancel);

/// <summary>Which jobs were settled when a batch began: where many items are looked at, a few listings take the place of a question for each job.
/// What is settled after that is told by an event of its own.</summary>
internal sealed class KnownJobs(ListJobs? list, int items, CancellationToken cancel)
{
    /// <summary>Fewer questions are asked one by one; a listing gives a thousand names, and is worth ten questions.</summary>
    private const int Few = 20, WorthOfListing = 100, Most = 50_000;

    private readonly ConcurrentDictionary<(string Step, bool Failures), Lazy<Task<IReadOnlySet<string>?>>> _lists = new();

    /// <summary>True where it is known that there is no such record.</summary>
    public async ValueTask<bool> Lacks(string step, bool failures, string job)
    {
        if (list is null || items < Few) return false;
        var known = await _lists.GetOrAdd((step, failures), key => new(() => list(key.Step, key.Failures, Math.Min(items * WorthOfListing, Most), cancel))).Value;
        return known is not null && !known.Contains(job);
    }
}
