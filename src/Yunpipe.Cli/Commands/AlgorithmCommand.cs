using System.CommandLine;
using Yunpipe.Algorithms;
using Yunpipe.Cli.Console;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe algorithm</c>: looks at descriptors of algorithms, runs one over an image, and runs their tests.</summary>
internal static class AlgorithmCommand
{
    /// <param name="args">The command line: options of <c>run</c> are those of the algorithm that it names.</param>
    public static Command Create(CliContext context, IReadOnlyList<string> args) => new("algorithm", "Lists, shows, checks, tests and runs algorithms: files, tools of the toolbox, and wrapped images.")
    {
        AlgorithmListCommand.Create(context), Show(context), AlgorithmDescribeCommand.Create(context), AlgorithmValidateCommand.Create(context), AlgorithmPreviewCommand.Create(context), AlgorithmRunCommand.Create(context, args), Schema(context),
        AlgorithmTestCommand.Create(context), AlgorithmNewCommand.Create(context), AlgorithmImportCommand.Create(context), AlgorithmExportCommand.Create(context),
    };

    public static Argument<string> Argument() => new("algorithm") { Description = "A file, a name of the toolbox, or a wrapped image.", HelpName = "ALGORITHM" };

    private static Command Show(CliContext context)
    {
        var name = Argument();
        var command = new Command("show", "Prints a descriptor in its shortest form; with --json as JSON.") { name };
        command.SetAction(parse =>
        {
            var json = parse.GetValue(GlobalOptions.Json);
            var found = context.Algorithms.Find(parse.GetRequiredValue(name), "");
            if (found.Value is not { } algorithm) return context.Terminal.Tell(found.Problems, json);
            context.Terminal.Out.Write(json ? AlgorithmWriter.ToJson(algorithm) + "\n" : AlgorithmWriter.ToYaml(algorithm));
            return ExitCode.AllDone;
        });
        return command;
    }

    private static Command Schema(CliContext context)
    {
        var command = new Command("schema", "Prints the JSON Schema of descriptors, for editors.");
        command.SetAction(_ =>
        {
            context.Terminal.Out.Write(AlgorithmSchema.ToJson());
            return ExitCode.AllDone;
        });
        return command;
    }
}
