using System.CommandLine;
using Yunpipe.Cli.Console;
using Yunpipe.Workflows;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe workflow</c>: looks at workflow files without running them.</summary>
internal static class WorkflowCommand
{
    public static Command Create(CliContext context) => new("workflow", "Checks and draws workflow files.") { Validate(context), Graph(context), Schema(context), WorkflowImportCommand.Create(context) };

    private static Command Validate(CliContext context)
    {
        var files = new Argument<string[]>("files") { Description = "Workflow files.", HelpName = "FILE", Arity = ArgumentArity.OneOrMore };
        var command = new Command("validate", "Tells everything that is wrong with workflow files.") { files };
        command.SetAction(parse => Validation.Tell(context.Terminal, parse.GetValue(GlobalOptions.Json), parse.GetRequiredValue(files), file =>
        {
            var read = PlanReader.Read(file, context.Algorithms.Find);
            return (read.Problems, read.Value is { } plan ? Words.Count(plan.Steps.Count, "step") : "");
        }));
        return command;
    }

    private static Command Graph(CliContext context)
    {
        var file = new Argument<string>("file") { Description = "A workflow file.", HelpName = "FILE" };
        var format = new Option<string>("--format") { Description = "text, mermaid or svg.", HelpName = "FORMAT", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "mermaid", "svg");
        var output = new Option<string?>("--output", "-o") { Description = "Write into a file. [print]", HelpName = "FILE" };
        var command = new Command("graph", "Draws a workflow: what reads what, and what is gathered, multiplied and filtered on the way.") { file, format, output };
        command.SetAction(parse =>
        {
            var json = parse.GetValue(GlobalOptions.Json);
            var read = PlanReader.Read(parse.GetRequiredValue(file), context.Algorithms.Find);
            if (read.Value is not { } plan || read.Problems.Count > 0) return context.Terminal.Tell(read.Problems, json);
            var graph = WorkflowGraph.Of(plan);
            var text = parse.GetValue(format) switch { "svg" => graph.ToSvg(), "mermaid" => graph.ToMermaid(), _ => graph.ToText() };
            if (json) context.Terminal.Json(GraphDocument.Of(plan), VerbsJson.Default.GraphDocument);
            else if (parse.GetValue(output) is not { } path) context.Terminal.Out.Write(text);
            else if (WrittenFile.Write(path, text) is { } problem) return context.Terminal.Tell([problem], json);
            return ExitCode.AllDone;
        });
        return command;
    }

    private static Command Schema(CliContext context)
    {
        var command = new Command("schema", "Prints the JSON Schema of workflow files, for editors.");
        command.SetAction(_ =>
        {
            context.Terminal.Out.Write(WorkflowSchema.ToJson());
            return ExitCode.AllDone;
        });
        return command;
    }
}

/// <summary>A workflow as nodes and edges, in the order in which the steps run.</summary>
internal sealed record GraphDocument(string Name, int Passes, IReadOnlyList<GraphStepDocument> Steps)
{
    public static GraphDocument Of(Plan plan) => new(plan.Workflow.Name, plan.Passes,
        [.. plan.Steps.Select(step => new GraphStepDocument(step.Name, step.Step.AlgorithmReference, step.Depth, step.Pass,
            [.. step.Inputs.Select(input => new GraphInputDocument(input.Port.Name, input.From?.Name ?? InputSource.InputWord, input.Output?.Name ?? input.Part, input.Join.ToString().ToLowerInvariant()))],
            step.Variants.Count, step.Readers))]);
}

/// <param name="Variants">Jobs for every item: the matrix multiplied out.</param>
internal sealed record GraphStepDocument(string Name, string Algorithm, int Depth, int Pass, IReadOnlyList<GraphInputDocument> Inputs, int Variants, IReadOnlyList<string> Readers);

/// <param name="Join">origin, group or members: how its items find the job's.</param>
internal sealed record GraphInputDocument(string Port, string From, string? Part, string Join);
