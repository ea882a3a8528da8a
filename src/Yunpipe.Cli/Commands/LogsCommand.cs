using System.CommandLine;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;
using Yunpipe.Local.Runs;
using Yunpipe.Local.Stores;
using Yunpipe.Stores;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe logs</c>: what a job wrote to its standard output and error, or has written so far.</summary>
internal static class LogsCommand
{
    public static Command Create(CliContext context)
    {
        var job = new Argument<string>("job") { Description = "A job: its id or the first letters of it, step/item, an item, or the path of a result. With --follow: the deployment.", HelpName = "JOB" };
        var output = new Option<string?>("--output", "-o")
        {
            Description = "The output folder of a run, or a deployment: its name, or where it keeps its records, s3://bucket/prefix. [the folder that JOB or the current folder lies in]", HelpName = "OUT",
        };
        var state = StoreFolder.State();
        var attempt = new Option<string?>("--attempt") { Description = "Of an earlier attempt, by its id as “failures --json” tells it. [the last; of a deployment all]", HelpName = "ID" };
        var follow = new Option<bool>("--follow", "-f") { Description = "Print what a deployment's tasks write, as they write it, until Ctrl-C." };
        var step = new Option<string?>("--step") { Description = "With --follow: tasks of this step only.", HelpName = "STEP" };
        var command = new Command("logs", "Prints what a job wrote, or what the tasks of a deployment write.") { job, output, state, attempt, follow, step };
        command.SetAction((parse, cancel) =>
        {
            var (name, place, json) = (parse.GetRequiredValue(job), parse.GetValue(output), parse.GetValue(GlobalOptions.Json));
            if (parse.GetValue(follow)) return Follow(context, place ?? name, parse.GetValue(step), json);
            return DeploymentPlace.IsMeant(context, place) ? DeploymentLogs.OfJob(context, place!, name, parse.GetValue(attempt), json, cancel)
                : Run(context, name, place, parse.GetValue(state), parse.GetValue(attempt), json);
        });
        return command;
    }

    private static Task<int> Follow(CliContext context, string place, string? step, bool json) => DeploymentPlace.IsMeant(context, place) ? FollowedLogs.Run(context, place, step, json)
        : Task.FromResult(context.Terminal.Tell([new Problem("YP6320", $"{Wording.Quote(place)} is not a deployment, and only those are followed.", null, "A run on this machine tells what it does itself; yunpipe logs JOB prints what a job wrote.")], json));

    private static async Task<int> Run(CliContext context, string name, string? output, string? state, string? attempt, bool json)
    {
        var found = StoreFolder.Find(output, state, name);
        if (found.Value is not { } layout) return context.Terminal.Tell(found.Problems, json);
        var opened = StoreFolder.Open(layout);
        if (opened.Value is not { } reading) return context.Terminal.Tell(opened.Problems, json);
        await using var store = reading;
        var running = RunProgress.Read(layout, OutputLock.HolderNow(layout), context.Time)?.Jobs ?? [];
        var named = JobName.One(name, RunningJobs.With(name, [.. RunningJobs.Known(running)], store.Named(name)));
        if (named.Value is not { } job) return context.Terminal.Tell(named.Problems, json);
        if (attempt is null && running.FirstOrDefault(own => own.Job == job.Id.ToString()) is { } live) return await SoFar(context, layout, job, live, json);
        if (JobName.Lacks(job, attempt) is { } unknown) return context.Terminal.Tell([unknown], json);

        var path = JobLog.Find(layout, job, attempt);
        var text = path is not null ? await File.ReadAllTextAsync(path) : job.Failure?.Tail is { Length: > 0 } tail ? tail : null;
        if (json)
        {
            context.Terminal.Json(new LogDocument(job.Id.ToString(), job.Step, job.Key, job.Failure is null ? "done" : "set-aside", attempt ?? (job.Attempts.Count > 0 ? job.Attempts[^1].Id : null), path, text), VerbsJson.Default.LogDocument);
            return ExitCode.AllDone;
        }
        if (job.Failure is { } failure && attempt is null) context.Terminal.Error.WriteLine($"{JobName.Of(job)} was set aside: {failure.Sentence}");
        if (text is null) context.Terminal.Error.WriteLine(job.Attempts.Count == 0 ? $"{JobName.Of(job)} was never started." : $"{JobName.Of(job)} wrote nothing.");
        else context.Terminal.Out.Write(text.Length == 0 || text.EndsWith('\n') ? text : text + "\n");
        return ExitCode.AllDone;
    }

    /// <summary>Of a job that runs at this moment: what is in its attempt's folder.</summary>
    private static async Task<int> SoFar(CliContext context, StoreLayout layout, KnownJob job, RunningJob live, bool json)
    {
        var path = Path.Combine(layout.Attempts, live.Attempt, "log");
        string? text;
        try
        {
            text = await File.ReadAllTextAsync(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            // Nothing was written yet; or it has ended just now, and the same command finds what it wrote.
            text = null;
        }
        if (json) context.Terminal.Json(new LogDocument(live.Job, live.Step, live.Key, RunningJobs.Running, live.Attempt, text is null ? null : path, text), VerbsJson.Default.LogDocument);
        else
        {
            context.Terminal.Error.WriteLine(RunningJobs.Words(job, RunningJobs.Running, !string.IsNullOrEmpty(text)));
            context.Terminal.Out.Write(string.IsNullOrEmpty(text) || text.EndsWith('\n') ? text : text + "\n");
        }
        return ExitCode.AllDone;
    }
}

/// <param name="State"><c>done</c>, <c>set-aside</c>, <c>running</c>, or <c>waiting</c> for another try.</param>
/// <param name="Path">Absent where only the last words are known, nothing was written, or it lies on AWS.</param>
internal sealed record LogDocument(string Job, string Step, string Key, string State, string? Attempt, string? Path, string? Text);
