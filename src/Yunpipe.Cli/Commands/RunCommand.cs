using System.CommandLine;
using System.Globalization;
using Yunpipe.Cli.Console;
using Yunpipe.Local.Runs;
using Yunpipe.Runs;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe run</c>: a workflow over a folder of images.</summary>
internal static class RunCommand
{
    public static Command Create(CliContext context)
    {
        var workflow = new WorkflowOptions();
        var capacity = new CapacityOptions();
        var launcher = Launching.Option();
        var command = new Command("run", "Runs a workflow over a folder of images.") { workflow.Workflow };
        foreach (var option in (Option[])[.. workflow.All, launcher, .. capacity.All]) command.Options.Add(option);
        command.SetAction((parse, _) => Run(context, parse, workflow, capacity, launcher));
        return command;
    }

    private static async Task<int> Run(CliContext context, ParseResult parse, WorkflowOptions options, CapacityOptions limits, Option<string?> launcher)
    {
        var json = parse.GetValue(GlobalOptions.Json);
        var read = options.Read(parse);
        if (read.Value is not { } file) return context.Terminal.Tell(read.Problems, json);
        var capacity = limits.Read(parse, file.Plan, context.Environment, context.Interrupts.Finish);
        if (capacity.Value is not { } given) return context.Terminal.Tell(capacity.Problems, json);
        var choice = await Launching.Choose(context, file.Plan, parse.GetValue(launcher), context.Interrupts.Finish);
        if (choice.Value is not { } chosen) return context.Terminal.Tell(choice.Problems, json);
        var self = new Holder(Environment.ProcessId, Environment.MachineName, context.Time.GetUtcNow().ToUnixTimeMilliseconds(), $"yunpipe run {parse.GetValue(options.Workflow)}");
        var settings = new LocalRunSettings(file.Plan, file.Input!, file.Output!, file.State, new RunOptions(given), self, true);
        ThreadPool.SetMinThreads(given.Jobs + 8, given.Jobs + 8);
        var opened = await LocalRun.Open(settings, Launching.Maker(context, chosen, file.Plan, file.Input!), _ => { }, context.Time, context.Interrupts.Finish);
        if (opened.Value is not { } run) return context.Terminal.Tell(opened.Problems, json);
        await using var _ = run;
        var summary = await run.Run.Execute(context.Interrupts.Finish, context.Interrupts.Stop);
        foreach (var step in summary.Steps)
            context.Terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{step.Name}: {step.Ran} done, {step.Already} done before, {step.Adopted} adopted, {step.SetAside} set aside, {step.HeldBack} held back"));
        return summary.SetAside > 0 ? ExitCode.SomeSetAside : ExitCode.AllDone;
    }
}
