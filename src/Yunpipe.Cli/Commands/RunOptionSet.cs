using System.CommandLine;

namespace Yunpipe.Cli.Commands;

/// <summary>All that <c>yunpipe run</c> understands.</summary>
internal sealed class RunOptionSet
{
    public WorkflowOptions Workflow { get; } = new();
    public CapacityOptions Capacity { get; } = new();
    public Argument<string[]> Command { get; } = new("command")
    {
        Description = "Behind “--”: a program and its arguments, for a run without a workflow file.", HelpName = "-- COMMAND", Arity = ArgumentArity.ZeroOrMore,
    };
    public Option<string?> Launcher { get; } = Launching.Option();
    public Option<bool> Retry { get; } = new("--retry") { Description = "Try what was set aside again." };
    public Option<string[]> Only { get; } = new("--only") { Description = "Run only this item, or the items of this folder; may be repeated.", HelpName = "KEY" };
    public Option<bool> NoFlush { get; } = new("--no-flush") { Description = "Do not wait for the disk: faster, and a power cut may cost what was done last." };
    public Option<bool> NoReport { get; } = new("--no-report") { Description = "Write no report.html and trace.csv at the end." };
    public Option<string?> Save { get; } = new("--save") { Description = "Write a run without a workflow file as algorithm.yaml and workflow.yaml into a folder.", HelpName = "DIR" };

    public S3Options S3 { get; } = new();

    public RunOptionSet()
    {
        Workflow.Input.Description = "The folder of images, or s3://bucket/prefix; instead of the workflow's own.";
        Workflow.Output.Description = "Where results go, a folder or s3://bucket/prefix; instead of the workflow's own.";
        Workflow.Workflow.Arity = ArgumentArity.ZeroOrOne;
        Workflow.Workflow.Description = "A workflow file; or an image, with a command behind “--”.";
    }

    public IReadOnlyList<Option> All => [.. Workflow.All, Launcher, .. Capacity.All, Retry, Only, NoFlush, NoReport, Save, .. S3.All];
}
