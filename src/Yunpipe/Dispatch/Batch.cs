using System.Collections.Concurrent;
using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Dispatch;

/// <summary>One invocation's work: what is to be looked at because of which events, the jobs that are open, and the events that failed. Thread-safe.</summary>
internal sealed class Batch
{
    private readonly ConcurrentDictionary<JobId, (StepProgram Step, Job Job)> _open = new();
    private readonly ConcurrentDictionary<JobId, bool> _shows = new(), _again = new();
    private KnownJobs? _known;

    /// <summary>Files that events tell of, as they were written last.</summary>
    public ConcurrentDictionary<string, InputFile> Known { get; } = new(StringComparer.Ordinal);

    /// <summary>Items, with the positions of the events that name them.</summary>
    public ConcurrentDictionary<string, ConcurrentBag<int>> Items { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<GroupName, ConcurrentBag<int>> Groups { get; } = new();

    /// <summary>Manifests that events tell of, by the item that they come from.</summary>
    public ConcurrentDictionary<string, ConcurrentBag<Manifest>> Landed { get; } = new(StringComparer.Ordinal);

    /// <summary>Items that were left alone long enough to go without parts that they may do without.</summary>
    public HashSet<string> Settled { get; } = new(StringComparer.Ordinal);

    /// <summary>True where nothing has happened to what is looked at: its groups are touched only where the index does not know its present state.</summary>
    public bool Sweeps { get; set; }

    /// <summary>Groups that what was looked at is in.</summary>
    public ConcurrentDictionary<GroupName, bool> Seen { get; } = new();

    public ConcurrentDictionary<int, string> Failed { get; } = new();

    /// <summary>What was settled when the batch's items were first looked at.</summary>
    public KnownJobs KnownJobs(ListJobs? list, CancellationToken cancel) => LazyInitializer.EnsureInitialized(ref _known, () => new KnownJobs(list, Items.Count, cancel));

    public void AddItem(string key, int at) => Items.GetOrAdd(key, _ => []).Add(at);

    public void AddGroup(GroupName group, int at) => Groups.GetOrAdd(group, _ => []).Add(at);

    /// <param name="shows">True for a finished job that is sent for its result to be shown.</param>
    /// <param name="again">True where it is sent also if it was sent lately.</param>
    public void Open(StepProgram step, Job job, bool shows = false, bool again = false)
    {
        _open[job.Id] = (step, job);
        if (shows) _shows[job.Id] = true;
        if (again) _again[job.Id] = true;
    }

    public bool GoesAgain(JobId job) => _again.ContainsKey(job);

    public bool Shows(JobId job) => _shows.ContainsKey(job);

    /// <summary>Leaves out the jobs of other steps.</summary>
    public void Keep(IReadOnlySet<string> steps)
    {
        foreach (var (id, entry) in _open)
            if (!steps.Contains(entry.Step.Name)) _open.TryRemove(id, out _);
    }

    public IEnumerable<(StepProgram Step, IReadOnlyList<Job> Jobs)> Jobs() => _open.Values.GroupBy(entry => entry.Step)
        .OrderByDescending(group => group.Key.Plan.Depth).Select(group => (group.Key, (IReadOnlyList<Job>)[.. group.Select(entry => entry.Job)]));

    public ValueTask Guard(int at, Func<Task> look, CancellationToken cancel) => Guard([at], look, cancel);

    /// <summary>What the store or the queue refuses fails the events that asked for it, and no others.</summary>
    public async ValueTask Guard(IEnumerable<int> events, Func<Task> look, CancellationToken cancel)
    {
        try
        {
            await look();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException && !cancel.IsCancellationRequested)
        {
            foreach (var at in events) Failed[at] = error.Message;
        }
    }

    /// <summary>Fails the events of these items and groups.</summary>
    public void FailAll(string why, IEnumerable<string> origins)
    {
        var failed = origins.ToHashSet(StringComparer.Ordinal);
        foreach (var (key, events) in Items)
            if (failed.Contains(key)) Fail(events);
        foreach (var (group, events) in Groups)
            if (failed.Contains(group.Key)) Fail(events);

        void Fail(IEnumerable<int> events)
        {
            foreach (var at in events) Failed[at] = why;
        }
    }
}
