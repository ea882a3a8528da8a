using System.CommandLine;
using Yunpipe.Algorithms.Importing.First;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe workflow import</c>: a request of the first Yunpipe as a workflow.</summary>
internal static class WorkflowImportCommand
{
    public static Command Create(CliContext context)
    {
        var file = new Argument<string>("file") { Description = "A request of the first Yunpipe: JSON with single_run or sequence_run.", HelpName = "FILE" };
        var output = new Option<string?>("--output", "-o") { Description = "Write into a file, which must not be there. [print]", HelpName = "FILE" };
        var strict = new Option<bool>("--strict") { Description = "Write nothing where something is not carried over." };
        var force = new Option<bool>("--force") { Description = "Write over what is there." };
        var command = new Command("import", "Makes a workflow out of a request of the first Yunpipe, and tells what is not carried over.") { file, output, strict, force };
        command.SetAction(parse =>
        {
            var json = parse.GetValue(GlobalOptions.Json);
            var import = FirstRequest.Import(parse.GetRequiredValue(file));
            if (!parse.GetValue(GlobalOptions.Quiet)) foreach (var note in import.Told) context.Terminal.Error.WriteLine(note.ToString());
            if (import.Value is not { } workflow) return context.Terminal.Tell(import.Problems, json);
            if (parse.GetValue(strict) && import.Lost)
            {
                context.Terminal.Error.WriteLine("Nothing is written: with --strict all must be carried over.");
                return ExitCode.Usage;
            }
            if (parse.GetValue(output) is not { } path)
            {
                if (json) context.Terminal.Json(new ImportedWorkflowDocument(workflow.Name, workflow.Algorithms, workflow.Text), VerbsJson.Default.ImportedWorkflowDocument);
                else context.Terminal.Out.Write(workflow.Text);
            }
            else if (File.Exists(path) && !parse.GetValue(force)) return context.Terminal.Tell([new Problem("YP5004", $"{Wording.Quote(path)} is there already.", null, "Name another file, or say --force.")], json);
            else if (WrittenFile.Write(path, workflow.Text) is { } problem) return context.Terminal.Tell([problem], json);
            var folder = parse.GetValue(output) is { } place ? Path.GetDirectoryName(Path.GetFullPath(place))! : Path.GetFullPath(".");
            if (!parse.GetValue(GlobalOptions.Quiet))
                foreach (var missing in workflow.Algorithms.Where(algorithm => !File.Exists(Path.Combine(folder, algorithm))))
                    context.Terminal.Error.WriteLine($"The workflow wants {missing} beside it: make it by “yunpipe algorithm import … -o {missing}”.");
            return ExitCode.AllDone;
        });
        return command;
    }
}

/// <param name="Algorithms">Descriptors that the steps name, relative to the workflow.</param>
internal sealed record ImportedWorkflowDocument(string Name, IReadOnlyList<string> Algorithms, string Workflow);
