using System.Globalization;
using Yunpipe.Aws.Calls;
using Yunpipe.Cli.Console;
using Yunpipe.Cli.Deploying;
using Yunpipe.Documents;

namespace Yunpipe.Cli.Commands;

/// <summary>What the tasks of a deployment write, as it comes in.</summary>
internal sealed class FollowedLogs(CliContext context, bool json)
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(2);

    /// <summary>Lines of several tasks come in out of order, and late by so much: each look begins again this long before the newest line.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(20);
    private const int MostKeys = 10_000;

    private readonly Dictionary<string, string> _keys = new(StringComparer.Ordinal);

    public static async Task<int> Run(CliContext context, string place, string? step, bool json)
    {
        var (finish, stop) = (context.Interrupts.Finish, context.Interrupts.Stop);
        var opened = await DeploymentPlace.Open(context, place, finish);
        if (opened.Value is not { } deployment) return context.Terminal.Tell(opened.Problems, json);
        await using var _ = deployment;
        if (deployment.Lacks(step) is { } unknown) return context.Terminal.Tell([unknown], json);
        var groups = deployment.Parts.Workflow.Deployment.Steps.Where(own => own.Logs is not null && (step is null || own.Name == step)).Select(own => (own.Name, Group: own.Logs!)).ToList();
        if (groups.Count == 0) return context.Terminal.Tell([new Problem("YP6321", $"The deployment {Wording.Quote(deployment.Name)} says of no log that its tasks write to.", null, "Deploy the workflow again with this release.")], json);
        var followed = new FollowedLogs(context, json);
        try
        {
            var calls = new LogCalls(deployment.Calls());
            await Task.WhenAll(groups.Select(own => followed.Follow(calls, own.Name, own.Group, finish)));
        }
        catch (OperationCanceledException) when (finish.IsCancellationRequested || stop.IsCancellationRequested)
        {
            // That is how it ends.
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            context.Terminal.Tell([CloudErrors.Of(error, place)], json);
            return ExitCode.Bug;
        }
        return ExitCode.Interrupted;
    }

    private async Task Follow(LogCalls calls, string step, string group, CancellationToken cancel)
    {
        var late = (long)Late.TotalMilliseconds;
        var newest = context.Time.GetUtcNow().ToUnixTimeMilliseconds();
        // Only what the next look can bring again is remembered.
        var told = new Dictionary<string, long>(StringComparer.Ordinal);
        while (true)
        {
            var from = newest - late;
            await foreach (var found in calls.Events(group, null, from, null, cancel))
            {
                newest = Math.Max(newest, found.Timestamp);
                if (told.TryAdd(found.EventId, found.Timestamp)) Tell(step, TaskLine.Of(found));
            }
            foreach (var old in told.Where(entry => entry.Value < newest - late).Select(entry => entry.Key).ToList()) told.Remove(old);
            await Task.Delay(Between, context.Time, cancel);
        }
    }

    private void Tell(string step, TaskLine line)
    {
        lock (_keys)
        {
            if (line is { Key: { } key, Jobs: [var job, ..] })
            {
                if (_keys.Count >= MostKeys) _keys.Clear();
                _keys[job] = key;
            }
            if (json) context.Terminal.Json(new FollowedDocument(line.Event.Timestamp, step, line.Event.LogStreamName, line.Jobs, line.Level, line.Happened, line.Key, line.How, line.Text), VerbsJson.Default.FollowedDocument);
            else if (line.Words is { } words)
            {
                var time = TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(line.Event.Timestamp), context.Time.LocalTimeZone).ToString("HH:mm:ss", CultureInfo.InvariantCulture);
                var about = line.Jobs is [var first, ..] ? _keys.GetValueOrDefault(first, first[..Math.Min(8, first.Length)]) : "";
                context.Terminal.Out.WriteLine(Words.Name($"{time} {step}  {(about.Length > 0 ? about + "  " : "")}{words}"));
            }
        }
    }
}

/// <param name="Time">Milliseconds since 1970.</param>
/// <param name="Task">The log stream of the task.</param>
internal sealed record FollowedDocument(long Time, string Step, string Task, IReadOnlyList<string> Jobs, string? Level, string? Event, string? Key, string? How, string? Text);
