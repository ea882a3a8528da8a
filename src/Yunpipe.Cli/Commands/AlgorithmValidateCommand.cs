using System.CommandLine;
using Yunpipe.Algorithms;
using Yunpipe.Algorithms.Importing;
using Yunpipe.Documents;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe algorithm validate</c>: everything that is wrong with descriptors; of other programs' descriptors also what an import would not carry over.</summary>
internal static class AlgorithmValidateCommand
{
    public static Command Create(CliContext context)
    {
        var files = new Argument<string[]>("files") { Description = "Descriptors: files, names of the toolbox, or wrapped images; also files of Boutiques, CWL and the first Yunpipe.", HelpName = "ALGORITHM", Arity = ArgumentArity.OneOrMore };
        var strict = new Option<bool>("--strict") { Description = "Count as wrong what an import would not carry over." };
        var command = new Command("validate", "Tells what descriptors are, and everything that is wrong with them.") { files, strict };
        command.SetAction(parse => Validation.Tell(context.Terminal, parse.GetValue(GlobalOptions.Json), parse.GetRequiredValue(files), file => Check(context, file), parse.GetValue(strict)));
        return command;
    }

    private static Validated Check(CliContext context, string file)
    {
        if (AlgorithmFinder.Knows(file)) return Own(context.Algorithms.Find(file, ""));
        var document = DocumentReader.ReadFile(file);
        // Other programs allow comments and trailing commas, and ours does not.
        if (document.Value is null && DocumentReader.ReadFile(file, lenient: true) is { Value: MapNode loose } lenient && DescriptorImporter.Recognise(loose) is not null) document = lenient;
        var folder = Path.GetDirectoryName(Path.GetFullPath(file)) ?? "";
        if (document.Value is not MapNode map) return Own(AlgorithmReader.Read(document, file, folder));
        if (DescriptorImporter.Recognise(map) is { } format)
        {
            var import = DescriptorImporter.Import(document, file, folder, format, ImportChoices.None);
            var (word, _, what) = DescriptorImporter.Formats.First(entry => entry.Value == format);
            return new Validated(import.Problems, import.Value is { } value ? $"{Title(value)}, {what}" : what, word, [.. import.Told.Where(note => note.Code == ImportCodes.NotCarried)]);
        }
        return DescriptorImporter.Other(map, file) is { } other ? new Validated([other]) : Own(AlgorithmReader.Read(document, file, folder));
    }

    private static Validated Own(Reading<Algorithm> read) => new(read.Problems, read.Value is { } algorithm ? Title(algorithm) : "", "yunpipe");

    private static string Title(Algorithm algorithm) => algorithm.Version.Length > 0 ? $"{algorithm.Name} {algorithm.Version}" : algorithm.Name;
}
