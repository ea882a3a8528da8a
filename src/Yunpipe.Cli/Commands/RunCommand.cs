using System.CommandLine;
using System.Globalization;
using Yunpipe.Documents;
using Yunpipe.Local.Launchers;
using Yunpipe.Local.Runs;
using Yunpipe.Local.Stores;
using Yunpipe.Runs;
using Yunpipe.Work;
using Yunpipe.Workflows;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe run</c>: a workflow over a folder of images.</summary>
internal static class RunCommand
{
    public static Command Create(CliContext context)
    {
        var workflow = new Argument<string>("workflow") { Description = "A workflow file." };
        var input = new Option<string?>("--input", "-i") { Description = "The folder of images; instead of the workflow's own.", HelpName = "DIR" };
        var output = new Option<string?>("--output", "-o") { Description = "Where results go; instead of the workflow's own.", HelpName = "DIR" };
        var jobs = new Option<int?>("--jobs", "-j") { Description = "How many jobs at once.", HelpName = "N" };
        var command = new Command("run", "Runs a workflow over a folder of images.") { workflow, input, output, jobs };
        command.SetAction(parse => Run(context, parse.GetRequiredValue(workflow), parse.GetValue(input), parse.GetValue(output), parse.GetValue(jobs)));
        return command;
    }

    private static async Task<int> Run(CliContext context, string file, string? input, string? output, int? jobs)
    {
        var workflow = WorkflowReader.Read(file, AlgorithmFinder.Find);
        if (!workflow.Ok) return Tell(context, workflow.Problems);
        var plan = Planner.Plan(workflow.Value!);
        if (!plan.Ok) return Tell(context, plan.Problems);
        var cpu = jobs ?? Environment.ProcessorCount;
        var capacity = new Capacity(cpu, 0, [], jobs ?? Environment.ProcessorCount);
        var inputFolder = input ?? Path.Combine(workflow.Value!.Directory, workflow.Value.Input.Location ?? ".");
        var outputFolder = output ?? Path.Combine(workflow.Value!.Directory, workflow.Value.Output.Location ?? "out");
        var self = new Holder(Environment.ProcessId, Environment.MachineName, context.Time.GetUtcNow().ToUnixTimeMilliseconds(), $"yunpipe run {file}");
        var settings = new LocalRunSettings(plan.Value!, inputFolder, outputFolder, null, new RunOptions(capacity), self, true);
        ThreadPool.SetMinThreads(capacity.Jobs + 8, capacity.Jobs + 8);
        var opened = await LocalRun.Open(settings, layout =>
        {
            Directory.CreateDirectory(layout.Attempts);
            var environment = new Dictionary<string, string>(context.Environment, StringComparer.Ordinal) { [OutputLock.Mark] = layout.Root };
            var launcher = new ProcessLauncher(context.AgentPath, environment, layout.Attempts, [context.Folder]);
            return new LauncherSet(_ => new Reading<ILauncher>(launcher, []), [launcher]);
        }, _ => { }, context.Time, context.Interrupts.Finish);
        if (opened.Value is not { } run) return Tell(context, opened.Problems);
        await using var _ = run;
        var summary = await run.Run.Execute(context.Interrupts.Finish, context.Interrupts.Stop);
        foreach (var step in summary.Steps)
            context.Terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{step.Name}: {step.Ran} done, {step.Already} done before, {step.Adopted} adopted, {step.SetAside} set aside, {step.HeldBack} held back"));
        return summary.SetAside > 0 ? ExitCode.SomeSetAside : ExitCode.AllDone;
    }

    private static int Tell(CliContext context, IReadOnlyList<Problem> problems)
    {
        foreach (var problem in problems) context.Terminal.Error.WriteLine(problem.ToString());
        return problems.Any(problem => problem.Code == "YP3001") ? ExitCode.Held : ExitCode.Usage;
    }
}
