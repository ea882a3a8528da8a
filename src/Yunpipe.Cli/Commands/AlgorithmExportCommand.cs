using System.CommandLine;
using Yunpipe.Algorithms.Importing.Boutiques;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe algorithm export --boutiques</c>: a descriptor for programs that read Boutiques.</summary>
internal static class AlgorithmExportCommand
{
    public static Command Create(CliContext context)
    {
        var name = AlgorithmCommand.Argument();
        var boutiques = new Option<bool>("--boutiques") { Description = "As a Boutiques descriptor, schema 0.5: JSON.", Required = true };
        var output = new Option<string?>("--output", "-o") { Description = "Write into a file, which must not be there. [print]", HelpName = "FILE" };
        var force = new Option<bool>("--force") { Description = "Write over what is there." };
        var command = new Command("export", "Writes a descriptor in the format of other programs; importing it gives the algorithm back.") { name, boutiques, output, force };
        command.SetAction(parse =>
        {
            var json = parse.GetValue(GlobalOptions.Json);
            var found = context.Algorithms.Find(parse.GetRequiredValue(name), "");
            if (found.Value is not { } algorithm) return context.Terminal.Tell(found.Problems, json);
            var (document, told) = BoutiquesExporter.Export(algorithm);
            if (!parse.GetValue(GlobalOptions.Quiet)) foreach (var note in told) context.Terminal.Error.WriteLine(note.ToString());
            var text = DocumentWriter.ToJson(document, indented: !json) + (json ? "\n" : "");
            if (parse.GetValue(output) is not { } path) context.Terminal.Out.Write(text);
            else if (File.Exists(path) && !parse.GetValue(force)) return context.Terminal.Tell([new Problem("YP5004", $"{Wording.Quote(path)} is there already.", null, "Name another file, or say --force.")], json);
            else if (WrittenFile.Write(path, text) is { } problem) return context.Terminal.Tell([problem], json);
            return ExitCode.AllDone;
        });
        return command;
    }
}
