using System.CommandLine;
using Yunpipe.Algorithms;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;
using Yunpipe.Local.Stores;
using Yunpipe.Stores;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe failures</c>: what was set aside and why; and, after it was mended, another try.</summary>
internal static class FailuresCommand
{
    /// <summary>Which failures are meant, and what is to be done with them.</summary>
    public sealed record Choice(string? Step, string? Cause, IReadOnlyList<string> Jobs, bool Retry, bool Json)
    {
        public Problem? Flaw => Cause is { } word && !CauseWords.All.Contains(word)
            ? new Problem("YP5015", $"{Wording.Quote(word)} is no cause.", null, Wording.DidYouMean(word, CauseWords.All) ?? $"There are {string.Join(", ", CauseWords.All)}.") : null;

        public bool Takes(FailureRecord failure) => (Step is null || failure.Step == Step) && (Cause is null || CauseWords.Of(failure.Cause) == Cause);
    }

    private sealed record Asked(StoreLayout Layout, Choice Choice)
    {
        public bool Json => Choice.Json;
    }

    public static Command Create(CliContext context)
    {
        var output = DeploymentPlace.OrFolder();
        var state = StoreFolder.State();
        var step = new Option<string?>("--step") { Description = "Only those of one step.", HelpName = "STEP" };
        var cause = new Option<string?>("--cause") { Description = "Only those of one cause.", HelpName = "CAUSE" };
        var retry = new Option<string[]>("--retry")
        {
            Description = "Forget the listed failures, or those of the jobs named. A deployment tries them again at once, a folder with its next run. A job may be named by its item.", HelpName = "JOB",
            Arity = ArgumentArity.ZeroOrMore, AllowMultipleArgumentsPerToken = true,
        };
        var command = new Command("failures", "Lists what was set aside, with the cause; after you mended it, queues it again.") { output, state, step, cause, retry };
        command.SetAction((parse, cancel) =>
        {
            var choice = new Choice(parse.GetValue(step), parse.GetValue(cause), parse.GetValue(retry) ?? [], parse.GetResult(retry) is not null, parse.GetValue(GlobalOptions.Json));
            var place = parse.GetRequiredValue(output);
            if (DeploymentPlace.IsMeant(context, place)) return DeploymentFailures.Run(context, place, choice, cancel);
            var found = StoreFolder.Find(place, parse.GetValue(state));
            return found.Value is { } layout ? Run(context, new Asked(layout, choice), cancel) : Task.FromResult(context.Terminal.Tell(found.Problems, choice.Json));
        });
        return command;
    }

    private static async Task<int> Run(CliContext context, Asked asked, CancellationToken cancel)
    {
        List<FailureRecord> listed;
        var opened = StoreFolder.Open(asked.Layout);
        if (opened.Value is not { } reading) return context.Terminal.Tell(opened.Problems, asked.Json);
        await using (var store = reading)
        {
            var selected = await Select(store, asked, cancel);
            if (selected.Value is not { } failures) return context.Terminal.Tell(selected.Problems, asked.Json);
            listed = failures;
        }
        if (asked.Choice.Retry) return await Retry(context, asked, listed);
        if (asked.Json) context.Terminal.Json(new FailuresDocument([.. listed.Select(FailureDocument.Of)], null, null), VerbsJson.Default.FailuresDocument);
        else context.Terminal.Out.Write(ToText(asked, listed));
        return listed.Count > 0 ? ExitCode.SomeSetAside : ExitCode.AllDone;
    }

    private static async Task<Reading<List<FailureRecord>>> Select(FolderStore store, Asked asked, CancellationToken cancel)
    {
        var problems = new List<Problem>();
        if (asked.Choice.Flaw is { } flaw) problems.Add(flaw);
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in asked.Choice.Jobs)
        {
            var job = JobName.Find(store, text);
            problems.AddRange(job.Problems);
            if (job.Value is { Failure: null } done) problems.Add(new Problem("YP5013", $"“{JobName.Of(done)}” is not set aside."));
            else if (job.Value is { } found) named.Add(found.Id.ToString());
        }
        var listed = new List<FailureRecord>();
        await foreach (var failure in store.Failures(asked.Choice.Step, cancel))
            if (asked.Choice.Takes(failure) && (named.Count == 0 || named.Contains(failure.Job))) listed.Add(failure);
        return new(problems.Count > 0 ? null : listed, problems);
    }

    private static async Task<int> Retry(CliContext context, Asked asked, List<FailureRecord> listed)
    {
        var taken = StoreFolder.Take(asked.Layout, context, "failures --retry");
        if (taken.Value is not { } held) return context.Terminal.Tell(taken.Problems, asked.Json);
        using var _ = held;
        await using var store = FolderStore.Open(asked.Layout);
        foreach (var failure in listed)
            if (JobId.TryParse(failure.Job, out var id)) await store.ForgetFailure(failure.Step, id, CancellationToken.None);
        var next = NextRun(asked.Layout);
        if (asked.Json) context.Terminal.Json(new FailuresDocument([.. listed.Select(FailureDocument.Of)], listed.Count, next), VerbsJson.Default.FailuresDocument);
        else if (listed.Count == 0) context.Terminal.Out.WriteLine("Nothing of that kind is set aside.");
        else context.Terminal.Out.WriteLine($"{Words.Count(listed.Count, "failure")} forgotten. The next run tries {(listed.Count == 1 ? "it" : "them")} again: {next ?? "the same “yunpipe run” as before."}");
        return listed.Count == 0 ? ExitCode.NothingToRun : ExitCode.AllDone;
    }

    /// <summary>The command that the last run was; with its folder, where that is another.</summary>
    private static string? NextRun(StoreLayout layout)
    {
        if (LastRun.Read(layout) is not { } last) return null;
        var command = CommandPreview.ToLine(["yunpipe", .. last.Command]);
        return last.Folder == Directory.GetCurrentDirectory() ? command : $"cd {Words.Argument(last.Folder)} && {command}";
    }

    private static string ToText(Asked asked, List<FailureRecord> listed)
    {
        if (listed.Count == 0) return "Nothing is set aside.\n";
        var table = new TextTable("ITEM", "STEP", "CAUSE", "TRIES", "WHAT HAPPENED");
        foreach (var failure in listed) table.Add(failure.Key, failure.Step, CauseWords.Of(failure.Cause), failure.Attempts.Count, failure.Sentence);
        var causes = listed.GroupBy(failure => failure.Cause).OrderByDescending(group => group.Count()).Select(group => $"{group.Count()} {CauseWords.Of(group.Key)}");
        var output = Words.Argument(Words.Path(asked.Layout.Root));
        // What never began wrote nothing.
        var wrote = listed.Find(failure => failure.Attempts.Count > 0) is { } began ? $"What one wrote: yunpipe logs {Words.Argument($"{began.Step}/{began.Key}")} -o {output}\n" : "";
        return $"{table}{listed.Count} set aside: {string.Join(", ", causes)}.\n{wrote}Try them again: yunpipe failures {output} --retry\n";
    }
}

/// <param name="Forgotten">With <c>--retry</c>: how many were forgotten.</param>
/// <param name="Next">With <c>--retry</c>: the command that tries them again.</param>
internal sealed record FailuresDocument(IReadOnlyList<FailureDocument> Failures, int? Forgotten, string? Next);

internal sealed record FailureDocument(string Job, string Step, string Key, string Cause, string Sentence, IReadOnlyDictionary<string, string> Meta, IReadOnlyList<AttemptDocument> Attempts)
{
    public static FailureDocument Of(FailureRecord failure) =>
        new(failure.Job, failure.Step, failure.Key, CauseWords.Of(failure.Cause), failure.Sentence, failure.Meta, [.. failure.Attempts.Select(AttemptDocument.Of)]);
}

/// <param name="Started">Milliseconds since 1970, UTC.</param>
internal sealed record AttemptDocument(string Id, long Started, long Ended, string? Cause, int Exit, string? Sentence, double? Seconds, long? PeakMemory)
{
    public static AttemptDocument Of(AttemptRecord attempt) => new(attempt.Id, attempt.Started, attempt.Ended, attempt.Cause is { } cause ? CauseWords.Of(cause) : null, attempt.Exit, attempt.Sentence,
        attempt.Use is { } use ? Math.Round(use.Wall / 1000, 3) : null, attempt.Use?.PeakMemory);
}
