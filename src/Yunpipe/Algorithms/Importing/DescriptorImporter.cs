using Yunpipe.Algorithms.Importing.Boutiques;
using Yunpipe.Algorithms.Importing.Cwl;
using Yunpipe.Algorithms.Importing.First;
using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Importing;

/// <summary>Reads descriptors of other formats into algorithms. What comes out was read back by <see cref="AlgorithmReader"/>: it is valid, or nothing comes out.</summary>
public static class DescriptorImporter
{
    /// <summary>The words of <c>--format</c>, and what a file of each is.</summary>
    public static readonly (string Word, ForeignFormat Value, string What)[] Formats =
    [
        ("first", ForeignFormat.First, "a descriptor of the first Yunpipe"), ("boutiques", ForeignFormat.Boutiques, "a descriptor of Boutiques"), ("cwl", ForeignFormat.Cwl, "a tool of CWL"),
    ];

    /// <summary>Reads a file. Paths in it stay relative to its folder.</summary>
    public static Import<Algorithm> Import(string path, ForeignFormat? format, ImportChoices choices)
    {
        var document = DocumentReader.ReadFile(path, lenient: true);
        return Import(document, path, Path.GetDirectoryName(Path.GetFullPath(path)) ?? "", format, choices);
    }

    public static Import<Algorithm> Import(Reading<DocumentNode> document, string fileName, string directory, ForeignFormat? format, ImportChoices choices)
    {
        if (document.Value is not { } root || document.Problems.Count > 0) return new(null, document.Problems, []);
        var notes = new ImportNotes(fileName);
        if (root is not MapNode map) return Refuse(ImportCodes.Unrecognised, new Location(fileName), $"A descriptor is a map, and this is {root.Kind}.");
        if (map.Count() is var count && count > AlgorithmReader.MaxEntries)
            return Refuse(DocumentCodes.TooLarge, new Location(fileName), $"An algorithm has at most {AlgorithmReader.MaxEntries:N0} entries, and this has {count:N0}.", "Is it the right file?");
        if ((format ?? Recognise(map)) is not { } known)
            return Other(map, fileName) is { } other ? new(null, [other], []) : AlgorithmReader.Read(root, fileName, directory) is { Ok: true }
                ? Refuse(ImportCodes.Unrecognised, new Location(fileName), "This is a descriptor of Yunpipe already.", "Use it as it is.")
                : Refuse(ImportCodes.Unrecognised, new Location(fileName), "This is none of the formats that are read: the first Yunpipe's, Boutiques, and CWL's CommandLineTool.",
                    $"If it is one, say which: --format {string.Join(", ", Formats.Select(entry => entry.Word))}.");
        var algorithm = known switch
        {
            ForeignFormat.First => FirstAlgorithm.Import(map, notes),
            ForeignFormat.Boutiques => new BoutiquesImporter(map, choices, notes).Import(),
            _ => new CwlImporter(map, choices, notes).Import(),
        };
        if (algorithm is null || notes.Problems.Count > 0) return new(null, notes.Problems.Sorted(), notes.AllTold());
        return Checked(algorithm, fileName, directory, notes);
    }

    /// <summary>By the keys that no other format has.</summary>
    public static ForeignFormat? Recognise(MapNode map) =>
        map["command-line"] is not null ? ForeignFormat.Boutiques
        : map["cwlVersion"] is not null || map["class"] is ScalarNode { Text: "CommandLineTool" or "Workflow" or "ExpressionTool" or "Operation" } ? ForeignFormat.Cwl
        : map["run_command"] is not null || map["container_name"] is not null ? ForeignFormat.First
        : null;

    /// <summary>What to say of a document that describes no algorithm but something else that is known here; null for any other.</summary>
    public static Problem? Other(MapNode map, string fileName) =>
        map["process"] is MapNode && (map["input_s3_name"] ?? map["output_s3_name"]) is not null ? new Problem(ImportCodes.Unrecognised, "This is a request of the first Yunpipe, which is a workflow.", new Location(fileName), "yunpipe workflow import reads it.")
        : map["steps"] is not null && map["command"] is null ? new Problem(ImportCodes.Unrecognised, "This is a workflow, not an algorithm.", new Location(fileName), "yunpipe workflow validate checks it.")
        : null;

    /// <summary>What was made, written and read again as any other descriptor.</summary>
    internal static Import<Algorithm> Checked(Algorithm algorithm, string fileName, string directory, ImportNotes notes)
    {
        var read = AlgorithmReader.Read(AlgorithmWriter.ToYaml(algorithm), Path.ChangeExtension(fileName, ".yaml"), directory);
        if (read is { Ok: true, Value: { } valid }) return new(valid, [], notes.AllTold());
        var why = read.Problems.Select(problem => new Problem(ImportCodes.NoAlgorithm, $"What this says cannot be an algorithm here: {problem.Message}", new Location(fileName), problem.Advice));
        return new(null, [.. why], notes.AllTold());
    }

    private static Import<Algorithm> Refuse(string code, Location where, string message, string? advice = null) => new(null, [new Problem(code, message, where, advice)], []);
}
