using Yunpipe.Aws.Calls;
using Yunpipe.Local.Runs;
using Yunpipe.Stores;

namespace Yunpipe.Cli.Commands;

/// <summary>Jobs that have no record yet: they run, or wait for another try. A run on this machine tells of its own; those of a deployment are known by the logs of its tasks.
/// <code>
/// the last that a job's log tells    then it is
/// job-started                        running
/// job-ended, retried or given-back   waiting
/// job-ended, anything else           settled, and has a record
/// </code></summary>
internal static class RunningJobs
{
    public const string Running = "running", Waiting = "waiting";

    /// <summary>No job of a deployment runs for longer than a message may be held.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(12);

    /// <summary>A job that is told of, and whether it runs.</summary>
    /// <param name="From">When it began; milliseconds since 1970.</param>
    public sealed record Found(KnownJob Job, string State, long From);

    public static IEnumerable<KnownJob> Known(IEnumerable<RunningJob> jobs)
    {
        foreach (var job in jobs)
            if (JobId.TryParse(job.Job, out var id)) yield return new KnownJob(id, job.Step, job.Key, null, null);
    }

    /// <summary>What is known by a name, together with what runs under it: of an item at a step the running job is meant.</summary>
    public static IReadOnlyList<KnownJob> With(string text, IReadOnlyList<KnownJob> running, IReadOnlyList<KnownJob> known)
    {
        if (JobId.TryParse(text, out _) && known.Count > 0) return known;
        var meant = running.Where(job => IsNamed(job, text)).ToList();
        return [.. meant, .. known.Where(job => meant.All(other => other.Id != job.Id && (other.Step != job.Step || other.Key != job.Key)))];
    }

    public static string Words(KnownJob job, string state, bool wrote) => (state, wrote) switch
    {
        (Waiting, true) => $"{JobName.Of(job)} waits to be tried again. What it wrote:",
        (Waiting, false) => $"{JobName.Of(job)} waits to be tried again, and wrote nothing.",
        (_, true) => $"{JobName.Of(job)} still runs. What it has written so far:",
        _ => $"{JobName.Of(job)} still runs, and has written nothing so far.",
    };

    /// <summary>The jobs of a deployment that a text can mean and that have not settled.</summary>
    /// <param name="known">Settled jobs of that name; where there are any, only steps that somebody works on are looked at, from then on.</param>
    public static async Task<IReadOnlyList<Found>> Find(OpenDeployment deployment, string text, IReadOnlyList<KnownJob> known, DateTimeOffset now, CancellationToken cancel)
    {
        if (known.Count > 0 && JobId.TryParse(text, out _)) return [];
        var calls = new LogCalls(deployment.Calls());
        var found = new List<Found>();
        foreach (var step in deployment.Parts.Workflow.Deployment.Steps)
        {
            if (step.Logs is not { } group || Pattern(deployment, step.Name, text) is not { } pattern) continue;
            var settled = known.Where(job => job.Step == step.Name).SelectMany(job => job.Attempts).Select(attempt => attempt.Ended).DefaultIfEmpty().Max();
            if (known.Count > 0 && (settled == 0 || !await deployment.IsWorkedOn(step.Name, cancel))) continue;
            var begun = new Dictionary<JobId, (string Key, long First, long Last)>();
            await foreach (var line in calls.Events(group, pattern, Math.Max(settled, (now - Longest).ToUnixTimeMilliseconds()), null, cancel))
                if (TaskLine.Of(line) is { Happened: "job-started", Key: { } key, Jobs: [var job, ..] } && JobId.TryParse(job, out var id) && IsNamed(new KnownJob(id, step.Name, key, null, null), deployment.Item(text)))
                    begun[id] = (key, begun.TryGetValue(id, out var before) ? before.First : line.Timestamp, line.Timestamp);
            foreach (var (job, (key, first, last)) in begun)
                if (known.All(other => other.Id != job) && await State(calls, group, job.ToString(), last, cancel) is { } state) found.Add(new Found(new KnownJob(job, step.Name, key, null, null), state, first));
        }
        return found;
    }

    /// <summary>Null where it has settled.</summary>
    private static async Task<string?> State(LogCalls calls, string group, string job, long from, CancellationToken cancel)
    {
        var state = Running;
        await foreach (var line in calls.Events(group, LogPattern.Of(("event", "job-ended"), ("job", job)), from, null, cancel))
            state = TaskLine.Of(line).How is "retried" or "given-back" ? Waiting : null;
        return state;
    }

    /// <summary>Lines that tell of the beginning of such a job; null where the text cannot be of the step.</summary>
    private static string? Pattern(OpenDeployment deployment, string step, string text)
    {
        if (JobId.TryParse(text.PadRight(32, 'a'), out _) && text.Length >= KnownJob.ShortestPrefix) return LogPattern.Of(("event", "job-started"), ("job", text.Length < 32 ? text + "*" : text));
        var item = deployment.Item(text);
        var slash = item.IndexOf('/');
        if (slash > 0 && deployment.Steps.Contains(item[..slash])) return item[..slash] == step ? LogPattern.Of(("event", "job-started"), ("key", LogPattern.Literal(item[(slash + 1)..]))) : null;
        return LogPattern.Of(("event", "job-started"), ("key", LogPattern.Literal(item)));
    }

    private static bool IsNamed(KnownJob job, string text) =>
        job.Key == text || $"{job.Step}/{job.Key}" == text || text.Length >= KnownJob.ShortestPrefix && job.Id.ToString().StartsWith(text, StringComparison.Ordinal);
}
