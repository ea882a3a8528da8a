using System.Text;
using Yunpipe.Aws.Calls;
using Yunpipe.Cli.Console;
using Yunpipe.Cli.Deploying;
using Yunpipe.Documents;
using Yunpipe.Stores;

namespace Yunpipe.Cli.Commands;

/// <summary>What a job of a deployment wrote, or has written so far: the lines of its tasks' log that name it; where those are gone, or may not be read, what its record keeps.</summary>
internal static class DeploymentLogs
{
    /// <summary>Between the clocks of a task and of its log, and for a line's way there.</summary>
    private static readonly TimeSpan Around = TimeSpan.FromMinutes(2), AroundAttempt = TimeSpan.FromSeconds(2);

    public static async Task<int> OfJob(CliContext context, string place, string name, string? attempt, bool json, CancellationToken cancel)
    {
        var opened = await DeploymentPlace.Open(context, place, cancel, orFolder: true);
        if (opened.Value is not { } deployment) return context.Terminal.Tell(opened.Problems, json);
        await using var _ = deployment;
        try
        {
            var settled = await deployment.Named(name, cancel);
            var (running, hidden) = await Running(context, deployment, name, settled, cancel);
            var jobs = RunningJobs.With(deployment.Item(name), [.. running.Select(found => found.Job)], settled);
            // Whoever names an item that failed means where it did.
            var named = JobName.One(name, jobs.Count(known => known.Failure is not null) == 1 ? [.. jobs.Where(known => known.Failure is not null)] : jobs);
            if (named.Value is null && hidden is not null) context.Terminal.Error.WriteLine($"The log cannot be read: {hidden}");
            if (named.Value is not { } job) return context.Terminal.Tell(named.Problems, json);
            if (attempt is null && running.FirstOrDefault(found => found.Job.Id == job.Id) is { } live) return await SoFar(context, deployment, live, json, cancel);
            if (JobName.Lacks(job, attempt) is { } unknown) return context.Terminal.Tell([unknown], json);
            return await Print(context, deployment, job, attempt, json, cancel);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            context.Terminal.Tell([CloudErrors.Of(error, place)], json);
            return ExitCode.Bug;
        }
    }

    /// <summary>Whoever may not read the logs sees what is on record all the same.</summary>
    private static async Task<(IReadOnlyList<RunningJobs.Found> Jobs, string? Hidden)> Running(CliContext context, OpenDeployment deployment, string name, IReadOnlyList<KnownJob> settled, CancellationToken cancel)
    {
        try
        {
            return (await RunningJobs.Find(deployment, name, settled, context.Time.GetUtcNow(), cancel), null);
        }
        catch (AwsRefusal refusal)
        {
            return ([], refusal.Message);
        }
    }

    private static async Task<int> SoFar(CliContext context, OpenDeployment deployment, RunningJobs.Found live, bool json, CancellationToken cancel)
    {
        var wrote = new StringBuilder();
        await foreach (var line in Lines(deployment, live.Job, live.From, null, cancel)) wrote.Append(line.Text).Append('\n');
        if (json) context.Terminal.Json(new LogDocument(live.Job.Id.ToString(), live.Job.Step, live.Job.Key, live.State, null, null, wrote.Length > 0 ? wrote.ToString() : null), VerbsJson.Default.LogDocument);
        else
        {
            context.Terminal.Error.WriteLine(RunningJobs.Words(live.Job, live.State, wrote.Length > 0));
            context.Terminal.Out.Write(wrote.ToString());
        }
        return ExitCode.AllDone;
    }

    private static async Task<int> Print(CliContext context, OpenDeployment deployment, KnownJob job, string? attempt, bool json, CancellationToken cancel)
    {
        var terminal = context.Terminal;
        var wrote = new StringBuilder();
        var (lines, why) = (0L, (string?)null);
        if (!json) Introduce(terminal, job, attempt);
        try
        {
            await foreach (var line in Lines(deployment, job, attempt, cancel))
            {
                lines++;
                if (json) wrote.Append(line.Text).Append('\n');
                else terminal.Out.WriteLine(line.Text);
            }
        }
        catch (AwsRefusal refusal)
        {
            why = refusal.Message;
        }
        var tail = lines == 0 && job.Failure?.Tail is { Length: > 0 } kept && (attempt is null || attempt == job.Attempts[^1].Id) ? kept : null;
        if (json)
        {
            terminal.Json(new LogDocument(job.Id.ToString(), job.Step, job.Key, job.Failure is null ? "done" : "set-aside", attempt, null, lines > 0 ? wrote.ToString() : tail), VerbsJson.Default.LogDocument);
            return ExitCode.AllDone;
        }
        if (why is not null) terminal.Error.WriteLine($"The log cannot be read: {why}");
        if (tail is not null)
        {
            terminal.Error.WriteLine("Its last words, as its record keeps them:");
            terminal.Out.Write(tail.EndsWith('\n') ? tail : tail + "\n");
        }
        else if (lines == 0 && why is null)
            terminal.Error.WriteLine(job.Attempts.Count == 0 ? $"{JobName.Of(job)} was never started." : $"{JobName.Of(job)} wrote nothing, or its log is not kept any more.");
        return ExitCode.AllDone;
    }

    private static void Introduce(Terminal terminal, KnownJob job, string? attempt)
    {
        if (job.Failure is { } failure && attempt is null) terminal.Error.WriteLine($"{JobName.Of(job)} was set aside: {failure.Sentence}");
        if (job.Manifest is { OutputsOf: { } other }) terminal.Error.WriteLine($"{JobName.Of(job)} did not run: its input has the content of one that was done, and it has the results of job {other}.");
        if (job.Attempts.Count < 2 || attempt is not null) return;
        foreach (var (n, tried) in job.Attempts.Index())
            terminal.Error.WriteLine($"Attempt {n + 1} ({tried.Id}), {Words.Time(TimeSpan.FromMilliseconds(tried.Ended - tried.Started))}: {tried.Sentence ?? "done"}");
    }

    /// <summary>What the job wrote in all attempts or in one: an attempt is known by its time.</summary>
    private static IAsyncEnumerable<TaskLine> Lines(OpenDeployment deployment, KnownJob job, string? attempt, CancellationToken cancel)
    {
        if (job.Attempts.Count == 0) return AsyncEnumerable.Empty<TaskLine>();
        var meant = attempt is null ? job.Attempts : [.. job.Attempts.Where(tried => tried.Id == attempt)];
        var around = (long)(attempt is null ? Around : AroundAttempt).TotalMilliseconds;
        return Lines(deployment, job, meant.Min(tried => tried.Started) - around, meant.Max(tried => tried.Ended) + around, cancel);
    }

    private static async IAsyncEnumerable<TaskLine> Lines(OpenDeployment deployment, KnownJob job, long from, long? to, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        if (deployment.Parts.Workflow.Deployment.Steps.FirstOrDefault(step => step.Name == job.Step)?.Logs is not { } group) yield break;
        var id = job.Id.ToString();
        await foreach (var found in new LogCalls(deployment.Calls()).Events(group, LogPattern.Of(id), from, to, cancel))
            if (TaskLine.Of(found) is { IsOutput: true } line && line.Jobs.Contains(id)) yield return line;
    }
}
