using System.CommandLine;
using Yunpipe.Aws.Stores;
using Yunpipe.Documents;
using Yunpipe.Workflows;

namespace Yunpipe.Cli.Commands;

/// <summary>A workflow file, planned, with the folders that it is to work on.</summary>
/// <param name="Input">Null where neither file nor command line name one, and nobody needs it.</param>
internal sealed record WorkflowFile(Plan Plan, string? Input, string? Output, string? State)
{
    /// <param name="input">Instead of the file's own, which is relative to the file; this one to the current folder.</param>
    /// <param name="settings">Each <c>step.variable=value</c>.</param>
    public static Reading<WorkflowFile> Read(CliContext context, string file, string? input, string? output, string? state, IReadOnlyList<string> settings, FolderNeeds needs)
    {
        var read = PlanReader.Read(file, context.Algorithms.Find, settings);
        return read.Value is not { } plan || read.Problems.Count > 0 ? new(null, read.Problems) : With(plan, input, output, state, needs);
    }

    public static Reading<WorkflowFile> With(Plan plan, string? input, string? output, string? state, FolderNeeds needs)
    {
        var problems = new List<Problem>();
        var workflow = plan.Workflow;
        var from = Folder(workflow, workflow.Input.Location, input, needs, FolderNeeds.Input, "input", workflow.Input.Source, problems);
        var to = Folder(workflow, workflow.Output.Location, output, needs, FolderNeeds.Output, "output", workflow.Output.Source, problems);
        return new(problems.Count > 0 ? null : new WorkflowFile(plan, from, to, state), problems);
    }

    private static string? Folder(Workflow workflow, string? own, string? given, FolderNeeds needs, FolderNeeds which, string word, Location where, List<Problem> problems)
    {
        if ((given ?? own) is not { Length: > 0 } folder)
        {
            Location? file = workflow.Source.File is { Length: > 0 } name ? new Location(name) : null;
            if (needs.HasFlag(which)) problems.Add(new Problem("YP5001", file is null ? $"There is no {word} folder." : $"The workflow names no {word} folder.", file, $"Say which: --{word} DIR."));
            return null;
        }
        if (S3Address.Names(folder))
        {
            if (!needs.HasFlag(FolderNeeds.Buckets)) problems.Add(new Problem("YP5002", $"{Wording.Quote(folder)} is not a folder of this machine.", given is null ? where : null, $"Say another: --{word} DIR."));
            return folder;
        }
        return given ?? Path.GetFullPath(Path.Combine(workflow.Directory, folder));
    }
}

[Flags]
internal enum FolderNeeds { None = 0, Input = 1, Output = 2, Both = 3, Buckets = 4, Anywhere = Both | Buckets }

/// <summary>The argument and options by which a verb takes a workflow file; add <see cref="All"/> to its command.</summary>
internal sealed class WorkflowOptions
{
    public Argument<string> Workflow { get; } = new("workflow") { Description = "A workflow file.", HelpName = "WORKFLOW" };
    public Option<string?> Input { get; } = new("--input", "-i") { Description = "The folder of images; instead of the workflow's own.", HelpName = "DIR" };
    public Option<string?> Output { get; } = new("--output", "-o") { Description = "Where results go; instead of the workflow's own.", HelpName = "DIR" };
    public Option<string?> State { get; } = new("--state") { Description = "Keep records and lock in another folder than the output: for network file systems.", HelpName = "DIR" };
    public Option<string[]> Set { get; } = new("--set") { Description = "Give a variable of a step another value; may be repeated.", HelpName = "STEP.VARIABLE=VALUE" };

    public IReadOnlyList<Option> All => [Input, Output, State, Set];

    public Reading<WorkflowFile> Read(CliContext context, ParseResult parse, FolderNeeds needs = FolderNeeds.Both) =>
        WorkflowFile.Read(context, parse.GetRequiredValue(Workflow), parse.GetValue(Input), parse.GetValue(Output), parse.GetValue(State), parse.GetValue(Set) ?? [], needs);
}
