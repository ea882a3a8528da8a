using Yunpipe.Stores;

namespace Yunpipe.Reports;

/// <summary>A report in the making: failures first, then manifests, so that the results of failed items are known when they come by.</summary>
internal sealed class ReportReading(ReportSettings settings)
{
    private readonly Dictionary<string, StepTally> _tallies = settings.Subject.Steps.ToDictionary(step => step.Name, step => new StepTally(step.Name), StringComparer.Ordinal);
    private readonly Dictionary<string, SubjectStep> _subjects = settings.Subject.Steps.ToDictionary(step => step.Name, StringComparer.Ordinal);
    private readonly FailureGroups _failures = new();
    private readonly Timeline _timeline = new();
    private readonly RecentAttempts _counted = new();
    private readonly ItemSample _items = new(settings.Items), _failed = new(settings.FailedItems), _groups = new(settings.Groups);

    public void Add(FailureRecord failure)
    {
        Tally(failure.Step).SetAside(failure);
        foreach (var attempt in failure.Attempts) Add(failure.Step, attempt);
        settings.Trace?.Add(failure);
        _failures.Add(failure);
        if (_failed.Offer(failure.Origin) is { } item) item.Failure ??= (failure.Step, failure.Sentence);
    }

    public void Add(Manifest manifest, bool current)
    {
        // The attempts of an adopted job are those of the job that did the work.
        if (manifest.OutputsOf is null) settings.Trace?.Add(manifest);
        if (!current)
        {
            Tally(manifest.Step).Supersede();
            return;
        }
        Tally(manifest.Step).Done(manifest);
        if (manifest.OutputsOf is null)
            foreach (var attempt in manifest.Attempts) Add(manifest.Step, attempt);
        var members = Members(manifest);
        _failed.Find(manifest.Origin)?.Add(manifest.Step, manifest.Key, members);
        (members > 0 ? _groups : _items).Offer(manifest.Origin)?.Add(manifest.Step, manifest.Key, members);
    }

    public async Task<Report> Report(IStore store, long made, CancellationToken cancel)
    {
        var tallies = _tallies.Values.OrderBy(tally => Place(tally.Name)).ThenBy(tally => tally.FirstStarted).ThenBy(tally => tally.Name, StringComparer.Ordinal).ToList();
        var names = tallies.Select(tally => tally.Name).ToList();
        var steps = tallies.Select(tally => tally.Report(_subjects.GetValueOrDefault(tally.Name))).ToList();
        var failed = _failed.All;
        var shown = failed.Concat(_items.All.Where(item => _failed.Find(item.Origin) is null)).Concat(_groups.All).ToList();
        var items = await new SampleFiller(store, settings.Pictures, names).Fill(shown, cancel);
        var ran = steps.Where(step => step.FirstStarted > 0).ToList();
        return new Report(settings.Subject.Workflow, made, ran.Count == 0 ? 0 : ran.Min(step => step.FirstStarted), ran.Count == 0 ? 0 : ran.Max(step => step.LastEnded),
            steps, _failures.Report(names), items, _timeline.Report(names));
    }

    private void Add(string step, AttemptRecord attempt)
    {
        if (!_counted.IsNew(step, attempt)) return;
        Tally(step).Add(attempt);
        _timeline.Add(step, attempt.Started, attempt.Ended, attempt.Cause is not null);
    }

    private StepTally Tally(string step)
    {
        if (!_tallies.TryGetValue(step, out var tally)) _tallies[step] = tally = new StepTally(step);
        return tally;
    }

    /// <summary>Items that could not become one, the steps in the workflow's order, then those that it does not have (any more).</summary>
    private int Place(string step)
    {
        if (step == StepReport.Input) return -1;
        for (var i = 0; i < settings.Subject.Steps.Count; i++)
            if (settings.Subject.Steps[i].Name == step) return i;
        return int.MaxValue;
    }

    /// <summary>How many items a group was gathered from; 0 for a workflow item. Without the workflow at hand, several keys at one port tell.</summary>
    private long Members(Manifest manifest)
    {
        long most = 0;
        string? port = null, last = null;
        long count = 0;
        foreach (var input in manifest.Inputs)
        {
            if (input.Name != port) (port, last, count) = (input.Name, input.Key, 1);
            else if (input.Key != last) (last, count) = (input.Key, count + 1);
            most = Math.Max(most, count);
        }
        return _subjects.TryGetValue(manifest.Step, out var step) ? step.Grouped ? Math.Max(1, most) : 0 : most > 1 ? most : 0;
    }
}

/// <summary>Remembers the last attempts, because the jobs of a batch share one and are committed together.</summary>
internal sealed class RecentAttempts
{
    private const int Most = 1 << 16;
    private readonly HashSet<ulong> _seen = new(Most);
    private readonly Queue<ulong> _order = new(Most);

    /// <summary>False where the same process was met before. A folder's name is used again, but never at the same time.</summary>
    public bool IsNew(string step, AttemptRecord attempt)
    {
        var id = StableHash.Of(attempt.Id, StableHash.Of(step, (ulong)attempt.Started * 31 + (ulong)attempt.Ended));
        if (!_seen.Add(id)) return false;
        _order.Enqueue(id);
        if (_order.Count > Most) _seen.Remove(_order.Dequeue());
        return true;
    }
}
