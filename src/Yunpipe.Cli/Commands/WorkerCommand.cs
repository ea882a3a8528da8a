using System.CommandLine;
using System.Globalization;
using Yunpipe.Aws.Work;
using Yunpipe.Cli.Console;
using Yunpipe.Cli.Console.Progress;
using Yunpipe.Deployments;
using Yunpipe.Documents;
using Yunpipe.Local.Runs;
using Yunpipe.Local.Stores;
using Yunpipe.Work;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe worker</c>: this machine drains the queues of a deployment, beside or instead of its tasks on AWS.</summary>
internal static class WorkerCommand
{
    public static Command Create(CliContext context)
    {
        var deployment = DeploymentPlace.Argument();
        var steps = new Option<string[]>("--step") { Description = "Work on this step only; may be repeated. [all]", HelpName = "STEP" };
        var jobs = new Option<int>("--jobs", "-j") { Description = "How many jobs at once.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var idle = new Option<double?>("--idle") { Description = "End after having nothing to do for so many seconds. [never]", HelpName = "SECONDS" };
        var launcher = Launching.Option();
        var command = new Command("worker", """
            Works off the queues of a deployment on this machine, beside or instead of its tasks on AWS, until it is interrupted.
              Ctrl-C lets what runs come to its end; a second one gives it back at once.
            """) { deployment, steps, jobs, idle, launcher };
        command.SetAction((parse, _) => Run(context, new Asked(parse.GetRequiredValue(deployment), parse.GetValue(steps) ?? [], Math.Clamp(parse.GetValue(jobs), 1, 1024),
            parse.GetValue(idle) is { } seconds ? TimeSpan.FromSeconds(seconds) : null, parse.GetValue(launcher), parse.GetValue(GlobalOptions.Json), parse.GetValue(GlobalOptions.Quiet))));
        return command;
    }

    private sealed record Asked(string Deployment, IReadOnlyList<string> Steps, int Jobs, TimeSpan? Idle, string? Launcher, bool Json, bool Quiet);

    private static async Task<int> Run(CliContext context, Asked asked)
    {
        var (finish, stop) = (context.Interrupts.Finish, context.Interrupts.Stop);
        using var places = new S3Places(context);
        var layout = new StoreLayout(places.Scratch("worker", asked.Deployment, Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
        try
        {
            var place = await DeploymentPlace.Find(context, places, asked.Deployment, finish);
            if (place.Value is null) return context.Terminal.Tell(place.Problems, asked.Json);
            var opened = await DeploymentParts.Open(places.Connection, place.Value, layout.Root, new NoLauncher(), finish);
            if (opened.Value is not { } parts) return context.Terminal.Tell(opened.Problems, asked.Json);
            await using var _ = parts;
            if (asked.Steps.FirstOrDefault(name => parts.Workflow.Steps.All(step => step.Name != name)) is { } unknown)
                return context.Terminal.Tell([new Problem("YP6020", $"The deployment has no step {Wording.Quote(unknown)}.", null, Wording.DidYouMean(unknown, parts.Workflow.Steps.Select(step => step.Name)))], asked.Json);
            var choice = await Launching.Choose(context, parts.Workflow.Plan, asked.Launcher, finish);
            if (choice.Value is not { } chosen) return context.Terminal.Tell(choice.Problems, asked.Json);
            var set = Launching.Maker(context, chosen, Directory.CreateDirectory(Path.Combine(layout.Root, "in")).FullName, asked.Quiet ? null : context.Terminal.Error.WriteLine)(layout, parts.Workflow.Plan);
            try
            {
                return await Drain(context, asked, parts, layout, set, finish, stop);
            }
            finally
            {
                foreach (var one in set.All) await one.DisposeAsync();
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return context.Terminal.Tell([new Problem("YP6022", $"The worker cannot go on: {error.Message.TrimEnd('.')}.")], asked.Json);
        }
        finally
        {
            AttemptFolders.Delete(layout.Root);
        }
    }

    private static async Task<int> Drain(CliContext context, Asked asked, DeploymentParts parts, StoreLayout layout, LauncherSet set, CancellationToken finish, CancellationToken stop)
    {
        var steps = await Programs(asked, parts, layout, set, finish);
        if (steps.Value is not { } programs) return context.Terminal.Tell(steps.Problems, asked.Json);
        var told = new WorkerTale(context.Terminal, asked.Json, asked.Quiet);
        told.Begin(parts.Workflow.Deployment.Name, programs.Count, asked.Jobs);
        ThreadPool.SetMinThreads(asked.Jobs * 2 * programs.Count + 8, asked.Jobs * 2 + 8);
        await Task.WhenAll(programs.Select(async step =>
        {
            var length = TimeSpan.FromSeconds(parts.Workflow.StepOf(step.Name).LeaseSeconds);
            await using var queue = parts.QueueOf(step.Name, context.Time, told.Say);
            await using var leases = new LeaseKeeper(context.Time, length);
            var folders = new AttemptFolders(layout.Attempts, Guid.NewGuid().ToString("N")[..12]) { ForgetsFailed = true };
            var worker = new Worker(parts.Store, parts.Input, folders, new DigestCache(), leases, parts.Workflow.Plan.Workflow.Output.Layout, context.Time) { LooksFirst = true };
            using var drain = new Drain(step, queue, worker, new DrainOptions(asked.Jobs, asked.Idle) { IsCurrent = cancel => parts.StillStands(step, cancel) }, context.Time, told.Hear);
            await drain.Run(finish, stop);
        }));
        return told.End(stopped: finish.IsCancellationRequested);
    }

    /// <summary>The steps with what runs them here; refused where that is not what was deployed, since its results would count as the deployment's.</summary>
    private static async Task<Reading<IReadOnlyList<StepProgram>>> Programs(Asked asked, DeploymentParts parts, StoreLayout layout, LauncherSet set, CancellationToken cancel)
    {
        var (programs, problems) = (new List<StepProgram>(), new List<Problem>());
        var slots = set.All.ToDictionary(launcher => launcher, launcher => new SlotLauncher(launcher, asked.Jobs));
        foreach (var step in parts.Workflow.Steps.Where(step => asked.Steps.Count == 0 || asked.Steps.Contains(step.Name)))
        {
            var algorithm = step.Program.Image is { } image ? step.Algorithm with { Image = image } : step.Algorithm;
            var launcher = set.For(algorithm);
            problems.AddRange(launcher.Problems);
            if (launcher.Value is not { } starts) continue;
            var found = await starts.Resolve(algorithm, cancel);
            problems.AddRange(found.Problems);
            if (found.Value is not { } program) continue;
            if (program.Identity != step.Program.Identity)
                problems.Add(new Problem("YP6021", $"Step {Wording.Quote(step.Name)} would run another program here than the one that was deployed.", null, "Use the deployment's own image: --launcher docker or podman."));
            else programs.Add(await parts.WithReferences(step with { Launcher = slots[starts], Program = program }, Path.Combine(layout.Jobs, "references"), cancel));
        }
        return new(problems.Count == 0 ? programs : null, problems);
    }
}
