using System.CommandLine;
using Yunpipe.Cli.Console;
using Yunpipe.Local.Stores;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe logs</c>: what a job wrote to its standard output and error.</summary>
internal static class LogsCommand
{
    public static Command Create(CliContext context)
    {
        var job = JobName.Argument();
        var output = StoreFolder.Option();
        var state = StoreFolder.State();
        var attempt = new Option<string?>("--attempt") { Description = "Of an earlier attempt, by its id as “failures --json” tells it. [the last]", HelpName = "ID" };
        var command = new Command("logs", "Prints what a job wrote.") { job, output, state, attempt };
        command.SetAction((parse, _) => Run(context, parse.GetRequiredValue(job), parse.GetValue(output), parse.GetValue(state), parse.GetValue(attempt), parse.GetValue(GlobalOptions.Json)));
        return command;
    }

    private static async Task<int> Run(CliContext context, string name, string? output, string? state, string? attempt, bool json)
    {
        var found = StoreFolder.Find(output, state, name);
        if (found.Value is not { } layout) return context.Terminal.Tell(found.Problems, json);
        var opened = StoreFolder.Open(layout);
        if (opened.Value is not { } reading) return context.Terminal.Tell(opened.Problems, json);
        await using var store = reading;
        var named = JobName.Find(store, name);
        if (named.Value is not { } job) return context.Terminal.Tell(named.Problems, json);
        if (attempt is not null && job.Attempts.All(known => known.Id != attempt))
            return context.Terminal.Tell([new("YP5014", $"“{JobName.Of(job)}” has no attempt “{attempt}”.", null, $"It has {string.Join(", ", job.Attempts.Select(known => known.Id))}.")], json);

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
}

/// <param name="Path">Absent where only the last words are known, or nothing was written.</param>
internal sealed record LogDocument(string Job, string Step, string Key, string State, string? Attempt, string? Path, string? Text);
