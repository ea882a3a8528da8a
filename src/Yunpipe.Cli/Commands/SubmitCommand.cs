using System.CommandLine;
using Yunpipe.Aws.Stores;
using Yunpipe.Cli.Console;
using Yunpipe.Cli.Console.Progress;
using Yunpipe.Cli.Deploying;
using Yunpipe.Dispatch;
using Yunpipe.Documents;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe submit</c>: what lies in a deployment's input bucket already takes the road of uploads.</summary>
internal static class SubmitCommand
{
    /// <summary>Names of one call.</summary>
    private const int Stretch = 500;

    public static Command Create(CliContext context)
    {
        var deployment = DeploymentPlace.Argument();
        var keys = new Argument<string[]>("key") { Description = "Images of the input: path, or s3://bucket/path. [all that lies there]", HelpName = "KEY", Arity = ArgumentArity.ZeroOrMore };
        var list = new Option<string?>("--list") { Description = "A file that names images, one a line; “-” reads standard input.", HelpName = "FILE" };
        var prefix = new Option<string?>("--prefix") { Description = "Only images whose path begins so.", HelpName = "P" };
        var fromStep = new Option<string?>("--from-step") { Description = "Only jobs of this step and of those behind it.", HelpName = "STEP" };
        var again = new Option<bool>("--again") { Description = "Also jobs that were sent lately and are not done yet, as after a queue was emptied." };
        var after = new Option<string?>("--after") { Description = "Go on behind this image, as an interrupted submit says.", HelpName = "KEY" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Count files and open jobs, and send nothing." };
        var command = new Command("submit", """
            Takes what lies in a deployment's input already, or what is named, as if it had just been uploaded.
              What is done, set aside or on its way is left alone, so the same command twice does no harm. Ctrl-C ends it after the call under way.
            """) { deployment, keys, list, prefix, fromStep, again, after, dryRun };
        command.SetAction((parse, _) => Run(context, new Asked(parse.GetRequiredValue(deployment), parse.GetValue(keys) ?? [], parse.GetValue(list), parse.GetValue(prefix), parse.GetValue(fromStep),
            parse.GetValue(again), parse.GetValue(after), parse.GetValue(dryRun), parse.GetValue(GlobalOptions.Json), parse.GetValue(GlobalOptions.Quiet))));
        return command;
    }

    private sealed record Asked(string Deployment, IReadOnlyList<string> Keys, string? List, string? Prefix, string? FromStep, bool Again, string? After, bool DryRun, bool Json, bool Quiet);

    private static async Task<int> Run(CliContext context, Asked asked)
    {
        if ((asked.Keys.Count > 0 ? 1 : 0) + (asked.List is null ? 0 : 1) + (asked.Prefix is null ? 0 : 1) > 1)
            return context.Terminal.Tell([new Problem("YP5000", "Images are named, listed or taken by a prefix: one of these.", null, "See yunpipe submit --help.")], asked.Json);
        if (asked.List is { } file && file != "-" && !File.Exists(file)) return context.Terminal.Tell([new Problem("YP6310", $"There is no list {Wording.Quote(file)}.")], asked.Json);
        var opened = await DeploymentPlace.Open(context, asked.Deployment, context.Interrupts.Finish);
        if (opened.Value is not { } deployment) return context.Terminal.Tell(opened.Problems, asked.Json);
        await using var _ = deployment;
        if (deployment.Lacks(asked.FromStep) is { } unknown) return context.Terminal.Tell([unknown], asked.Json);
        var function = deployment.Dispatcher();
        if (function.Value is not { } dispatcher) return context.Terminal.Tell(function.Problems, asked.Json);
        var tally = new SubmitTally(asked.After);
        try
        {
            using var watch = new SubmitWatch(context.Terminal, asked.Json || asked.Quiet, context.Time, asked.DryRun ? "Counting" : "Submitting");
            using var counting = CancellationTokenSource.CreateLinkedTokenSource(context.Interrupts.Stop);
            var total = Total(asked, deployment, watch.Shows, counting.Token);
            try
            {
                await foreach (var stretch in Stretches(asked, deployment, tally, context.Interrupts.Finish))
                {
                    tally.Add(await dispatcher.Submit(stretch, context.Interrupts.Stop), stretch);
                    watch.Report(tally.Files, total.IsCompletedSuccessfully ? total.Result : null);
                    if (context.Interrupts.Finish.IsCancellationRequested) break;
                }
            }
            finally
            {
                await counting.CancelAsync();
                // What could not be counted is simply not told.
                await ((Task)total).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            tally.Tell(context.Terminal, deployment, asked.DryRun, asked.Json, asked.Quiet);
            var failed = CloudErrors.Of(error, asked.Deployment);
            context.Terminal.Tell([tally.After is null && failed.Advice is not null ? failed : failed with { Advice = $"{failed.Advice} {GoOn(asked, tally)}".Trim() }], asked.Json);
            return ExitCode.Bug;
        }
        catch (OperationCanceledException) when (context.Interrupts.Stop.IsCancellationRequested)
        {
            // What is on its way is told below.
        }
        tally.Tell(context.Terminal, deployment, asked.DryRun, asked.Json, asked.Quiet);
        if (context.Interrupts.Finish.IsCancellationRequested && !tally.Ended)
        {
            context.Terminal.Error.WriteLine($"Interrupted. {GoOn(asked, tally)}");
            return ExitCode.Interrupted;
        }
        if (tally.Files == 0)
        {
            var input = deployment.Parts.Workflow.Deployment.Input;
            context.Terminal.Error.WriteLine($"Nothing to submit: there is no file in {S3Address.Scheme}{input.Bucket}/{input.Prefix}{asked.Prefix}{(asked.After is null ? "" : $" behind {Wording.Quote(asked.After)}")}.");
            return ExitCode.NothingToRun;
        }
        return tally.Problems > 0 ? ExitCode.SomeSetAside : ExitCode.AllDone;
    }

    /// <summary>The calls to make, one after the other: where the next begins is told by the answer to the last.</summary>
    private static async IAsyncEnumerable<SubmitRequest> Stretches(Asked asked, OpenDeployment deployment, SubmitTally tally, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken finish)
    {
        var request = new SubmitRequest([], asked.Prefix ?? "", asked.After, asked.FromStep, asked.Again, asked.DryRun);
        if (asked.Keys.Count == 0 && asked.List is null)
        {
            do yield return request with { After = tally.After };
            while (!tally.Ended);
            yield break;
        }
        var input = deployment.Parts.Workflow.Deployment.Input;
        var root = $"{S3Address.Scheme}{input.Bucket}/{input.Prefix}";
        var some = new List<string>(Stretch);
        var skips = asked.After is not null;
        await foreach (var line in Named(asked, finish))
        {
            var key = line.StartsWith(root, StringComparison.Ordinal) ? line[root.Length..] : line;
            if (skips)
            {
                skips = key != asked.After;
                continue;
            }
            some.Add(key);
            if (some.Count < Stretch) continue;
            yield return request with { Keys = [.. some], After = null };
            some.Clear();
        }
        if (some.Count > 0) yield return request with { Keys = [.. some], After = null };
        tally.Ended = true;
    }

    private static async IAsyncEnumerable<string> Named(Asked asked, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        foreach (var key in asked.Keys) yield return key;
        if (asked.List is null) yield break;
        using var reader = asked.List == "-" ? Terminal.OpenInput() : new StreamReader(asked.List);
        while (await reader.ReadLineAsync(cancel) is { } line)
            if (line.Length > 0) yield return line;
    }

    /// <summary>How many files there are, counted beside the work for those who watch.</summary>
    private static async Task<long> Total(Asked asked, OpenDeployment deployment, bool shows, CancellationToken cancel)
    {
        if (!shows || asked.List == "-") throw new OperationCanceledException();
        if (asked.Keys.Count > 0) return asked.Keys.Count;
        long count = 0;
        if (asked.List is not null)
        {
            await foreach (var _ in Named(asked, cancel)) count++;
            return count;
        }
        var input = deployment.Parts.Input;
        await foreach (var _ in input.Bucket.List(input.Prefix + asked.Prefix, cancel, asked.After is null ? null : input.Prefix + asked.After)) count++;
        return count;
    }

    private static string GoOn(Asked asked, SubmitTally tally)
    {
        if (asked.List == "-" || tally.After is null) return "The same command goes on.";
        var words = new List<string> { "yunpipe", "submit", asked.Deployment };
        words.AddRange(asked.Keys);
        foreach (var (name, value) in ((string, string?)[])[("--list", asked.List), ("--prefix", asked.Prefix), ("--from-step", asked.FromStep), ("--after", tally.After)])
            if (value is not null) words.AddRange([name, value]);
        if (asked.Again) words.Add("--again");
        if (asked.DryRun) words.Add("--dry-run");
        return $"To go on: {Algorithms.CommandPreview.ToLine(words)}";
    }
}
