using System.Text;
using Yunpipe.Algorithms;
using Yunpipe.Algorithms.Importing;

namespace Yunpipe.Tests.Algorithms.Importing;

/// <summary>Every construct of the formats that are read, with what comes of it and what is told.</summary>
public sealed class ImportTests
{
    internal static readonly string Folder = Path.Combine(Golden.Root, "tests/Yunpipe.Tests/Algorithms/Importing/Foreign");

    internal static Import<Algorithm> Import(string file, ImportChoices? choices = null, ForeignFormat? format = null)
    {
        var path = Path.Combine(Folder, file);
        return DescriptorImporter.Import(Yunpipe.Documents.DocumentReader.ReadFile(path, file, lenient: true), file, Path.GetDirectoryName(path)!, format, choices ?? ImportChoices.None);
    }

    public static TheoryData<string> Files() =>
        [.. Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".txt", StringComparison.Ordinal) && Path.GetFileName(file) != "user_request.json")
            .Select(file => Path.GetRelativePath(Folder, file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void What_is_imported_and_what_is_told_is_as_it_was_read_by_a_person(string file)
    {
        var import = Import(file);
        Golden.Check($"Importing/{file}.txt", Told(import));
        if (import.Value is not { } algorithm) return;
        // What was written reads back as the same.
        AlgorithmWriter.ToYaml(AlgorithmReader.Read(AlgorithmWriter.ToYaml(algorithm), "a.yaml", "").ShouldBeRead()).ShouldBe(AlgorithmWriter.ToYaml(algorithm));
        import.Problems.ShouldBeEmpty();
    }

    [Fact]
    public void A_person_decides_what_comes_with_each_item_and_what_is_a_directory()
    {
        var import = Import("boutiques/singularity.json", new ImportChoices(["who"], ["folder"], ["folder"]));
        var algorithm = import.Value.ShouldNotBeNull();
        algorithm.Inputs.ShouldHaveSingleItem().Name.ShouldBe("who");
        algorithm.Variables.First(variable => variable.Name == "folder").Type.ShouldBe(VariableType.Directory);
        Import("boutiques/singularity.json", new ImportChoices(["whom"], [], ["nothing"])).Problems.Select(problem => problem.ToString()).ShouldBe([
            "boutiques/singularity.json:2:3: YP1307: “nothing” is neither a file input nor an output of this tool.".Replace(":2:3", ":1:1", StringComparison.Ordinal),
            "boutiques/singularity.json:5:13: YP1307: “whom” is not a file input of this tool. Did you mean “who”?"]);
        Import("cwl/everything.cwl", new ImportChoices(["mates"], ["reads"], [])).Value!.Inputs.Select(port => port.Name).ShouldBe(["mates"]);
    }

    [Fact]
    public void A_format_can_be_said_and_is_then_not_guessed()
    {
        Import("cwl/short.cwl", format: ForeignFormat.Boutiques).Problems.Select(problem => problem.Code).Distinct().ShouldBe([ImportCodes.BadForeign]);
        Import("boutiques/redirect.json", format: ForeignFormat.First).Value.ShouldBeNull();
    }

    [Theory]
    [InlineData("{\"name\": \"x\", \"command\": [\"y\"]}", "a.json: YP1300: This is a descriptor of Yunpipe already. Use it as it is.")]
    [InlineData("{\"some\": 1}", "a.json: YP1300: This is none of the formats that are read: the first Yunpipe's, Boutiques, and CWL's CommandLineTool. If it is one, say which: --format first, boutiques, cwl.")]
    [InlineData("[1]", "a.json: YP1300: A descriptor is a map, and this is a list.")]
    public void What_is_no_foreign_descriptor_is_told(string text, string problem) =>
        DescriptorImporter.Import(Yunpipe.Documents.DocumentReader.Read(text, "a.json", lenient: true), "a.json", "", null, ImportChoices.None).Problems.ShouldHaveSingleItem().ToString().ShouldBe(problem);

    internal static string Told(Import<Algorithm> import)
    {
        var text = new StringBuilder();
        foreach (var line in import.Problems.Concat(import.Told)) text.Append(line).Append('\n');
        if (import.Value is { } algorithm) text.Append('\n').Append(AlgorithmWriter.ToYaml(algorithm));
        return text.ToString();
    }
}
