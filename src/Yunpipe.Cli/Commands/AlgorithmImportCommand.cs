using System.CommandLine;
using Yunpipe.Algorithms;
using Yunpipe.Algorithms.Importing;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe algorithm import</c>: descriptors of other formats as descriptors of ours. What is not carried over is told, never dropped in silence.</summary>
internal static class AlgorithmImportCommand
{
    public static Command Create(CliContext context)
    {
        var files = new Argument<string[]>("files") { Description = "Descriptors of Boutiques, CWL or the first Yunpipe.", HelpName = "FILE", Arity = ArgumentArity.OneOrMore };
        var format = new Option<string?>("--format") { Description = "Say what the files are: boutiques, cwl or first. [by their content]", HelpName = "FORMAT" };
        format.AcceptOnlyFromAmong([.. DescriptorImporter.Formats.Select(entry => entry.Word)]);
        var output = new Option<string?>("--output", "-o") { Description = "Write into a file, which must not be there; of several files into a folder. [print]", HelpName = "FILE" };
        var strict = new Option<bool>("--strict") { Description = "Write nothing where something is not carried over." };
        var input = new Option<string[]>("--input", "-i") { Description = "A file input that each item brings; may be repeated. [those that must be given]", HelpName = "NAME" };
        var reference = new Option<string[]>("--reference") { Description = "A file input that is the same for all items, and so a variable; may be repeated. [those that may be left out]", HelpName = "NAME" };
        var directory = new Option<string[]>("--directory") { Description = "A file input or output that is a directory; may be repeated.", HelpName = "NAME" };
        var force = new Option<bool>("--force") { Description = "Write over what is there." };
        var command = new Command("import", "Makes descriptors out of those of other programs, and tells what is not carried over.") { files, format, output, strict, input, reference, directory, force };
        command.SetAction(parse =>
        {
            var choices = new ImportChoices(parse.GetValue(input) ?? [], parse.GetValue(reference) ?? [], parse.GetValue(directory) ?? []);
            ForeignFormat? known = parse.GetValue(format) is { } word ? DescriptorImporter.Formats.First(entry => entry.Word == word).Value : null;
            var imports = parse.GetRequiredValue(files).Select(file => new Imported(file, DescriptorImporter.Import(file, known, choices))).ToList();
            return new ImportEnding(context.Terminal, parse.GetValue(GlobalOptions.Json), parse.GetValue(GlobalOptions.Quiet), parse.GetValue(strict), parse.GetValue(force)).Tell(imports, parse.GetValue(output));
        });
        return command;
    }
}

/// <summary>A file and what came of it.</summary>
internal sealed record Imported(string File, Import<Algorithm> Import);

/// <summary>Tells and writes what was imported.</summary>
internal sealed class ImportEnding(Terminal terminal, bool json, bool quiet, bool strict, bool force)
{
    public int Tell(IReadOnlyList<Imported> imports, string? output)
    {
        var problems = imports.SelectMany(one => one.Import.Problems).ToList();
        problems.AddRange(Written.Flaws(imports, output, force));
        var told = imports.SelectMany(one => one.Import.Told).ToList();
        if (!quiet || strict) foreach (var note in told.Where(note => !quiet || note.Code == ImportCodes.NotCarried)) terminal.Error.WriteLine(note.ToString());
        var refused = strict && imports.Any(one => one.Import.Lost);
        if (problems.Count == 0 && !refused) problems.AddRange(Written.Write(imports, output, terminal, json));
        if (json) terminal.Json(new ImportsDocument([.. imports.Select(one => Document(one, output is null))]), VerbsJson.Default.ImportsDocument);
        if (problems.Count > 0) return terminal.Tell(problems);
        if (refused)
        {
            terminal.Error.WriteLine("Nothing is written: with --strict all must be carried over.");
            return ExitCode.Usage;
        }
        if (!quiet && told.Count(note => note.Code == ImportCodes.NotCarried) is > 0 and var lost)
            terminal.Error.WriteLine($"{Words.Count(lost, "thing is", "things are")} not carried over: see the lines above with {ImportCodes.NotCarried}.");
        return ExitCode.AllDone;
    }

    private static ImportDocument Document(Imported one, bool whole) => new(one.File, one.Import.Value?.Name, [.. one.Import.Problems.Select(Line)], [.. one.Import.Told.Select(Line)],
        whole && one.Import.Value is { } algorithm ? AlgorithmWriter.ToYaml(algorithm) : null);

    private static ValidationProblem Line(Problem problem) => new(problem.Code, problem.Message, problem.Where?.File, problem.Where?.Line, problem.Where?.Column, problem.Advice);
}

/// <summary>Where imported descriptors go.</summary>
file static class Written
{
    public static IEnumerable<Problem> Flaws(IReadOnlyList<Imported> imports, string? output, bool force)
    {
        if (output is null || force) yield break;
        foreach (var one in imports.Where(one => one.Import.Value is not null))
            if (File.Exists(Place(one, imports.Count, output))) yield return new Problem("YP5004", $"{Wording.Quote(Place(one, imports.Count, output))} is there already.", null, "Name another file, or say --force.");
        foreach (var same in imports.Where(one => one.Import.Value is not null).GroupBy(one => Place(one, imports.Count, output)).Where(group => group.Count() > 1))
            yield return new Problem("YP5004", $"{Wording.Quote(same.Key)} would be written for {Wording.AllOf(same.Select(one => one.File))}.", null, "Import them one by one.");
    }

    public static IEnumerable<Problem> Write(IReadOnlyList<Imported> imports, string? output, Terminal terminal, bool json)
    {
        foreach (var one in imports)
        {
            if (one.Import.Value is not { } algorithm) continue;
            var text = AlgorithmWriter.ToYaml(algorithm);
            if (output is not null)
            {
                if (imports.Count > 1) Directory.CreateDirectory(output);
                if (WrittenFile.Write(Place(one, imports.Count, output), text) is { } problem) yield return problem;
            }
            else if (!json)
            {
                // Several descriptors in one stream are told apart as YAML does it.
                if (imports.Count > 1) terminal.Out.WriteLine($"--- # {Words.Name(one.File)}");
                terminal.Out.Write(text);
            }
        }
    }

    private static string Place(Imported one, int count, string output) => count > 1 ? Path.Combine(output, one.Import.Value!.Name + ".yaml") : output;
}

internal sealed record ImportsDocument(IReadOnlyList<ImportDocument> Files);

/// <param name="Told">What was not carried over, left out or renamed.</param>
/// <param name="Descriptor">As YAML, where no file was asked for.</param>
internal sealed record ImportDocument(string File, string? Name, IReadOnlyList<ValidationProblem> Problems, IReadOnlyList<ValidationProblem> Told, string? Descriptor);
