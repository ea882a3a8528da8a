using System.CommandLine;
using Yunpipe.Algorithms;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe algorithm</c>: looks at descriptors of algorithms, and runs their tests.</summary>
internal static class AlgorithmCommand
{
    public static Command Create(CliContext context) => new("algorithm", "Lists, shows, checks and tests descriptors of algorithms.")
    {
        List(context), Show(context), Validate(context), AlgorithmPreviewCommand.Create(context), Schema(context), AlgorithmTestCommand.Create(context),
    };

    /// <summary>An algorithm by a toolbox name or a file.</summary>
    public static Reading<Algorithm> Find(string name)
    {
        var found = AlgorithmFinder.Find(name, "");
        var looksLikeImage = !File.Exists(name) && (name.Contains(':', StringComparison.Ordinal) || name.Contains('/', StringComparison.Ordinal)) && !name.EndsWith(".yaml", StringComparison.Ordinal)
            && !name.EndsWith(".yml", StringComparison.Ordinal) && !name.EndsWith(".json", StringComparison.Ordinal);
        return found.Value is null && looksLikeImage
            ? new(null, [new Problem("YP5030", $"{Wording.Quote(name)} looks like an image: descriptors are read from files and from the toolbox so far, not from images.", null, "Name the algorithm's file.")]) : found;
    }

    public static Argument<string> Argument() => new("algorithm") { Description = "A file, or a name of the toolbox.", HelpName = "ALGORITHM" };

    private static Command List(CliContext context)
    {
        var command = new Command("list", "Lists the algorithms of the toolbox, which workflows name without a file.");
        command.SetAction(parse =>
        {
            var algorithms = AlgorithmFinder.ToolboxNames.Select(name => AlgorithmFinder.Find(name, "").OrThrow()).ToList();
            if (parse.GetValue(GlobalOptions.Json))
                context.Terminal.Json(new AlgorithmsDocument([.. algorithms.Select(algorithm => new AlgorithmLine(algorithm.Name, algorithm.Version, algorithm.Description))]), VerbsJson.Default.AlgorithmsDocument);
            else
            {
                var table = new TextTable("NAME", "TAKES", "MAKES", "WHAT IT DOES");
                foreach (var algorithm in algorithms)
                    table.Add(algorithm.Name, string.Join(", ", algorithm.Inputs.Select(input => input.Name)), string.Join(", ", algorithm.Outputs.Select(output => output.Name)), algorithm.Description);
                context.Terminal.Out.Write(table.ToString());
            }
            return ExitCode.AllDone;
        });
        return command;
    }

    private static Command Show(CliContext context)
    {
        var name = Argument();
        var command = new Command("show", "Prints a descriptor in its shortest form; with --json as JSON.") { name };
        command.SetAction(parse =>
        {
            var json = parse.GetValue(GlobalOptions.Json);
            var found = Find(parse.GetRequiredValue(name));
            if (found.Value is not { } algorithm) return context.Terminal.Tell(found.Problems, json);
            context.Terminal.Out.Write(json ? AlgorithmWriter.ToJson(algorithm) + "\n" : AlgorithmWriter.ToYaml(algorithm));
            return ExitCode.AllDone;
        });
        return command;
    }

    private static Command Validate(CliContext context)
    {
        var files = new Argument<string[]>("files") { Description = "Descriptors.", HelpName = "FILE", Arity = ArgumentArity.OneOrMore };
        var command = new Command("validate", "Tells everything that is wrong with descriptors.") { files };
        command.SetAction(parse => Validation.Tell(context.Terminal, parse.GetValue(GlobalOptions.Json), parse.GetRequiredValue(files), file =>
        {
            var read = AlgorithmFinder.ToolboxNames.Contains(file) ? AlgorithmFinder.Find(file, "") : AlgorithmReader.Read(file);
            return (read.Problems, read.Value is { } algorithm ? $"{algorithm.Name}{(algorithm.Version.Length > 0 ? " " + algorithm.Version : "")}" : "");
        }));
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

internal sealed record AlgorithmsDocument(IReadOnlyList<AlgorithmLine> Algorithms);

internal sealed record AlgorithmLine(string Name, string Version, string Description);
