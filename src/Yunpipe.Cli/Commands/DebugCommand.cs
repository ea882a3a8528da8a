using System.CommandLine;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;
using Yunpipe.Local.Launchers;
using Yunpipe.Local.Runs;
using Yunpipe.Local.Stores;
using Yunpipe.Runs;
using Yunpipe.Work;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe debug</c>: one job again, by hand, in a folder of its own. The output folder is only read.</summary>
internal static class DebugCommand
{
    internal sealed record Asked(string Job, string? Output, string? State, bool Show, bool Shell, bool Json);

    public static Command Create(CliContext context)
    {
        var job = JobName.Argument();
        var output = StoreFolder.Option();
        var state = StoreFolder.State();
        var show = new Option<bool>("--show") { Description = "Only show what would run." };
        var shell = new Option<bool>("--shell") { Description = "Open a shell in the folder instead: run.sh there is the command." };
        var command = new Command("debug", "Runs one job again by hand, in a fresh folder with the same inputs, command, environment and limits.") { job, output, state, show, shell };
        command.SetAction((parse, cancel) => Run(context,
            new Asked(parse.GetRequiredValue(job), parse.GetValue(output), parse.GetValue(state), parse.GetValue(show), parse.GetValue(shell), parse.GetValue(GlobalOptions.Json)), cancel));
        return command;
    }

    private static async Task<int> Run(CliContext context, Asked asked, CancellationToken cancel)
    {
        var found = StoreFolder.Find(asked.Output, asked.State, asked.Job);
        if (found.Value is not { } layout) return context.Terminal.Tell(found.Problems, asked.Json);
        var opened = StoreFolder.Open(layout);
        if (opened.Value is not { } reading) return context.Terminal.Tell(opened.Problems, asked.Json);
        await using var store = reading;
        var named = JobName.Find(store, asked.Job);
        if (named.Value is not { } job) return context.Terminal.Tell(named.Problems, asked.Json);

        var recorded = DebugAttempt.Recorded(layout, job);
        if (recorded is { Launcher: "process" })
        {
            // Everything is on record, so the workflow may have been edited since.
            var scratch = new StoreLayout(Directory.CreateTempSubdirectory("yunpipe-debug-").FullName);
            Directory.CreateDirectory(scratch.Attempts);
            await using var process = new ProcessLauncher(context.AgentPath, context.Environment, scratch.Attempts, [context.Folder]);
            return await new DebugSession(context, layout, job, asked, DebugAttempt.Repeat(layout, scratch, recorded, process)).Execute();
        }
        if (LastRun.Read(layout) is not { Workflow: { } path } last)
            return context.Terminal.Tell([new Problem("YP5026", $"It is not known which workflow “{JobName.Of(job)}” was run by.", null, "Run the workflow again with this release, then debug.")], asked.Json);
        var read = WorkflowFile.Read(context, path, last.Input, layout.Root, asked.State, last.Settings, FolderNeeds.Both);
        if (read.Value is not { } file) return context.Terminal.Tell(read.Problems, asked.Json);
        var everything = new Capacity(int.MaxValue, 0, [.. Enumerable.Range(0, 64)], 1);
        using var references = new ReferenceData(context, asked.Json);
        await using var programs = await StepsInScratch.Find(context, file, references, recorded?.Launcher ?? last.Launcher, everything, cancel, layout.Jobs);
        if (programs.Steps.Value is not { } steps) return context.Terminal.Tell(programs.Steps.Problems, asked.Json);
        var attempt = recorded is not null && steps.FirstOrDefault(step => step.Name == recorded.Step && step.Launcher.Name == recorded.Launcher) is { } same
            ? new Reading<DebugAttempt>(DebugAttempt.Repeat(layout, programs.Layout, recorded, same.Launcher), [])
            : await DebugAttempt.Make(programs.Layout, file, steps, store, job, cancel);
        if (attempt.Value is not { } ready) return context.Terminal.Tell(attempt.Problems, asked.Json);
        programs.Keep = true;
        return await new DebugSession(context, layout, job, asked, ready).Execute();
    }
}
