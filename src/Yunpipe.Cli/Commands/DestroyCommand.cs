using System.CommandLine;
using Yunpipe.Aws.Deploying;
using Yunpipe.Cli.Console;
using Yunpipe.Cli.Console.Progress;
using Yunpipe.Cli.Deploying;
using Yunpipe.Documents;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe destroy</c>: removes a deployment with everything that was made for it; data only when asked.</summary>
internal static class DestroyCommand
{
    public static Command Create(CliContext context)
    {
        var deployment = new Argument<string>("deployment") { Description = "The name of a deployment.", HelpName = "DEPLOYMENT" };
        var data = new Option<bool>("--with-data") { Description = "Remove its buckets with all images and results in them. [empty buckets go, others stay]" };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask." };
        var command = new Command("destroy", """
            Removes a deployment: queues, tasks, machines, images, and whatever else was made for it, also where making it failed half-way.
              Buckets that hold something stay, unless --with-data is said; buckets of your own are not touched.
            """) { deployment, data, yes };
        command.SetAction((parse, _) =>
        {
            var json = parse.GetValue(GlobalOptions.Json);
            return CloudErrors.Tell(context, json, () => Run(context, parse.GetRequiredValue(deployment), parse.GetValue(data), parse.GetValue(yes), json, parse.GetValue(GlobalOptions.Quiet), context.Interrupts.Finish));
        });
        return command;
    }

    private static async Task<int> Run(CliContext context, string name, bool data, bool yes, bool json, bool quiet, CancellationToken cancel)
    {
        var terminal = context.Terminal;
        if (!DeploymentNames.IsName(name)) return terminal.Tell([new Problem("YP5000", $"{Wording.Quote(name)} cannot be the name of a deployment.", null, DeploymentNames.Rule)], json);
        using var account = await CloudAccount.Open(context, cancel);
        var destruction = new Destruction(account.Calls, account.Stacks, account.Registry, account.Tags, account.Connection.S3(), account.Staging, context.Time, name) { BetweenLooks = CloudAccount.BetweenLooks(context) };
        var remains = await destruction.Look(cancel);
        if (remains.IsNothing)
            return terminal.Tell([new Problem("YP6240", $"There is no deployment {Wording.Quote(name)} in the account {account.Who.Account}, {account.Region}.", null, "Check its name and AWS_REGION.")], json);
        if (!yes)
        {
            terminal.Error.WriteLine($"{name}, in the account {account.Who.Account}, {account.Region}:");
            if (remains.Stack is { } stack) terminal.Error.WriteLine($"  the stack {stack.Name} with {Words.Count(remains.Resources.Count, "resource")} will be removed; what runs is stopped");
            if (remains.Repository) terminal.Error.WriteLine($"  its images in ECR ({DeploymentNames.Repository(name)}) will be removed");
            foreach (var (bucket, empty) in remains.Buckets)
                terminal.Error.WriteLine(empty ? $"  the empty bucket {bucket} will be removed" : data ? $"  the bucket {bucket} will be removed WITH ALL DATA IN IT" : $"  the bucket {bucket} holds data and stays");
            if (!terminal.CanAsk) return terminal.Tell([new Problem("YP6224", "Nobody can be asked here whether this is to be done.", null, "Say so beforehand: --yes.")], json);
            if (!terminal.Agree("Do this?"))
            {
                terminal.Error.WriteLine("Nothing was removed.");
                return ExitCode.Interrupted;
            }
        }
        using (var watch = new Steps(terminal, json || quiet, context.Time))
            if (await destruction.Run(remains, data, watch.Report, cancel) is { } problem) return terminal.Tell([problem], json);
        var kept = (await destruction.Look(cancel)).Buckets.Select(bucket => bucket.Name).ToList();
        if (json) terminal.Json(new DestroyedDocument(name, kept), VerbsJson.Default.DestroyedDocument);
        else
        {
            terminal.Out.WriteLine($"{name} is removed.");
            foreach (var bucket in kept) terminal.Out.WriteLine($"Its data stays in s3://{bucket}; to remove that too: yunpipe destroy {name} --with-data");
        }
        return ExitCode.AllDone;
    }

    /// <summary>One bar after the other.</summary>
    private sealed class Steps(Terminal terminal, bool silent, TimeProvider time) : IDisposable
    {
        private string _doing = "";
        private CountWatch? _watch;

        public void Report(string doing, long done, long total)
        {
            if (doing != _doing)
            {
                _watch?.Dispose();
                (_doing, _watch) = (doing, new CountWatch(terminal, silent, time, doing));
            }
            _watch!.Report(done, total, "");
        }

        public void Dispose() => _watch?.Dispose();
    }
}

/// <param name="Kept">Buckets that hold data and stay.</param>
internal sealed record DestroyedDocument(string Deployment, IReadOnlyList<string> Kept);
