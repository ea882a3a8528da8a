using Yunpipe.Aws.Deployments;
using Yunpipe.Aws.Stores;
using Yunpipe.Cli.Console;
using Yunpipe.Cli.Deploying;
using Yunpipe.Dispatch;
using Yunpipe.Documents;
using Yunpipe.Runs;
using Yunpipe.Stores;

namespace Yunpipe.Cli.Commands;

/// <summary>What a deployment set aside; and another try, for which its dispatcher is asked. Records are read one after the other and not kept.</summary>
internal static class DeploymentFailures
{
    private const int MostShown = 200, Stretch = 500;

    public static async Task<int> Run(CliContext context, string place, FailuresCommand.Choice choice, CancellationToken cancel)
    {
        if (choice.Flaw is { } flaw) return context.Terminal.Tell([flaw], choice.Json);
        var opened = await DeploymentPlace.Open(context, place, cancel, orFolder: true);
        if (opened.Value is not { } deployment) return context.Terminal.Tell(opened.Problems, choice.Json);
        await using var _ = deployment;
        if (choice.Step != Yunpipe.Runs.Run.InputStep && deployment.Lacks(choice.Step) is { } unknown) return context.Terminal.Tell([unknown], choice.Json);
        try
        {
            if (choice.Retry) return await Retry(context, deployment, choice, cancel);
            return choice.Json ? await Write(context, deployment, choice, cancel) : await List(context, deployment, choice, cancel);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            context.Terminal.Tell([CloudErrors.Of(error, place)], choice.Json);
            return ExitCode.Bug;
        }
    }

    private static async IAsyncEnumerable<FailureRecord> Selected(OpenDeployment deployment, FailuresCommand.Choice choice, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var failure in deployment.Parts.Store.Failures(choice.Step, cancel))
            if (choice.Takes(failure)) yield return failure;
    }

    private static async Task<int> List(CliContext context, OpenDeployment deployment, FailuresCommand.Choice choice, CancellationToken cancel)
    {
        var table = new TextTable("ITEM", "STEP", "CAUSE", "TRIES", "WHAT HAPPENED");
        var causes = new Dictionary<Cause, long>();
        var all = 0L;
        string? began = null;
        await foreach (var failure in Selected(deployment, choice, cancel))
        {
            causes[failure.Cause] = causes.GetValueOrDefault(failure.Cause) + 1;
            if (all++ < MostShown) table.Add(failure.Key, failure.Step, CauseWords.Of(failure.Cause), failure.Attempts.Count, failure.Sentence);
            // What never began wrote nothing.
            if (failure.Attempts.Count > 0) began ??= $"{failure.Step}/{failure.Key}";
        }
        if (all == 0)
        {
            context.Terminal.Out.WriteLine("Nothing is set aside.");
            return ExitCode.AllDone;
        }
        var said = Words.Argument(deployment.Said);
        context.Terminal.Out.Write(table.ToString()
            + (all > MostShown ? $"… and {all - MostShown} more: --json names all of them.\n" : "")
            + $"{all} set aside: {string.Join(", ", causes.OrderByDescending(cause => cause.Value).Select(cause => $"{cause.Value} {CauseWords.Of(cause.Key)}"))}.\n"
            + (began is null ? "" : $"What one wrote: yunpipe logs {Words.Argument(began)} -o {said}\n")
            + $"Try them again: yunpipe failures {said} --retry\n");
        return ExitCode.SomeSetAside;
    }

    /// <summary>The same document as of a folder, written as it is read.</summary>
    private static async Task<int> Write(CliContext context, OpenDeployment deployment, FailuresCommand.Choice choice, CancellationToken cancel)
    {
        var all = 0L;
        context.Terminal.Out.Write("{\"failures\":[");
        await foreach (var failure in Selected(deployment, choice, cancel))
            context.Terminal.Out.Write((all++ > 0 ? "," : "") + JsonLines.ToLine(FailureDocument.Of(failure), VerbsJson.Default.FailureDocument));
        context.Terminal.Out.WriteLine("]}");
        return all > 0 ? ExitCode.SomeSetAside : ExitCode.AllDone;
    }

    private static async Task<int> Retry(CliContext context, OpenDeployment deployment, FailuresCommand.Choice choice, CancellationToken cancel)
    {
        var function = deployment.Dispatcher();
        if (function.Value is not { } dispatcher) return context.Terminal.Tell(function.Problems, choice.Json);
        var named = await Named(deployment, choice, cancel);
        if (named.Value is not { } chosen) return context.Terminal.Tell(named.Problems, choice.Json);
        var (forgotten, sent, problems) = (0L, new Dictionary<string, long>(StringComparer.Ordinal), new List<string>());
        var jobs = new List<string>(Stretch);
        await foreach (var failure in choice.Jobs.Count > 0 ? chosen.ToAsyncEnumerable() : Selected(deployment, choice, cancel))
        {
            jobs.Add($"{failure.Step}/{failure.Job}");
            if (jobs.Count == Stretch) await Ask();
        }
        if (jobs.Count > 0) await Ask();
        foreach (var problem in problems) context.Terminal.Error.WriteLine(Words.Name(problem));
        if (choice.Json) context.Terminal.Json(new RetriedDocument(deployment.Name, forgotten, sent, problems), VerbsJson.Default.RetriedDocument);
        else if (forgotten == 0) context.Terminal.Out.WriteLine("Nothing of that kind is set aside.");
        else context.Terminal.Out.WriteLine($"{Words.Count(forgotten, "failure")} forgotten, {Words.Count(sent.Values.Sum(), "job")} sent.");
        return problems.Count > 0 ? ExitCode.SomeSetAside : forgotten == 0 ? ExitCode.NothingToRun : ExitCode.AllDone;

        async Task Ask()
        {
            var retried = await dispatcher.Retry(jobs, cancel);
            forgotten += retried.Forgotten;
            foreach (var (step, count) in retried.Sent) sent[step] = sent.GetValueOrDefault(step) + count;
            problems.AddRange(retried.Problems);
            jobs.Clear();
        }
    }

    /// <summary>The failures of the jobs that were named; an item's name means all of its.</summary>
    private static async Task<Reading<List<FailureRecord>>> Named(OpenDeployment deployment, FailuresCommand.Choice choice, CancellationToken cancel)
    {
        var (chosen, problems) = (new List<FailureRecord>(), new List<Problem>());
        foreach (var text in choice.Jobs)
        {
            var known = await deployment.Named(text, cancel);
            var failed = known.Select(job => job.Failure).OfType<FailureRecord>().Where(choice.Takes).ToList();
            if (known.Count == 0) problems.AddRange(JobName.One(text, known).Problems);
            else if (failed.Count == 0) problems.Add(new Problem("YP5013", $"{Wording.Quote(text)} is not set aside."));
            chosen.AddRange(failed.Where(failure => chosen.All(other => other.Job != failure.Job)));
        }
        return new(problems.Count == 0 ? chosen : null, problems);
    }
}

/// <param name="Sent">Jobs that were sent, by step.</param>
internal sealed record RetriedDocument(string Deployment, long Forgotten, IReadOnlyDictionary<string, long> Sent, IReadOnlyList<string> Problems);
