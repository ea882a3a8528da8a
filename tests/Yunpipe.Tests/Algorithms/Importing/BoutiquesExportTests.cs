using System.Text;
using Yunpipe.Algorithms;
using Yunpipe.Algorithms.Importing;
using Yunpipe.Algorithms.Importing.Boutiques;
using Yunpipe.Documents;

namespace Yunpipe.Tests.Algorithms.Importing;

/// <summary>An import of an export is the algorithm again.</summary>
public sealed class BoutiquesExportTests
{
    private static IEnumerable<string> Files() => new[] { "catalogue", "src/Yunpipe.Toolbox/algorithms" }.SelectMany(folder => Directory.GetFiles(Path.Combine(Golden.Root, folder), "*.yaml")).Order(StringComparer.Ordinal);

    private static string Json(Algorithm algorithm) => DocumentWriter.ToJson(BoutiquesExporter.Export(algorithm).Document, indented: true);

    private static Algorithm Back(string json) => DescriptorImporter.Import(DocumentReader.Read(json, "back.json"), "back.json", "", null, ImportChoices.None) is { Value: { } back } import ? back : throw new InvalidOperationException("Not imported.");

    [Fact]
    public void The_toolbox_and_the_catalogue_come_back_as_they_were()
    {
        var text = new StringBuilder();
        foreach (var file in Files())
        {
            var algorithm = AlgorithmReader.Read(file).ShouldBeRead();
            var json = Json(algorithm);
            AlgorithmWriter.ToYaml(Back(json)).ShouldBe(AlgorithmWriter.ToYaml(algorithm), file);
            var document = (MapNode)DocumentReader.Read(json, "export.json").ShouldBeRead();
            text.Append(((ScalarNode)document["command-line"]!).Text).Append('\n').Append(DocumentWriter.ToJson(document["custom"]!)).Append("\n\n");
        }
        // What stands here under “custom” is all that Boutiques cannot say.
        Golden.Check("Importing/exports.txt", text.ToString());
    }

    [Fact]
    public void The_algorithm_with_every_key_comes_back_too_and_says_what_is_kept_beside()
    {
        var algorithm = AlgorithmReader.Read(AlgorithmTexts.Rich, "a.yaml", "").ShouldBeRead();
        AlgorithmWriter.ToYaml(Back(Json(algorithm))).ShouldBe(AlgorithmWriter.ToYaml(algorithm));
        Golden.Check("Importing/rich-export.json", Json(algorithm));
        BoutiquesExporter.Export(algorithm).Told.ShouldAllBe(note => note.Code == ImportCodes.NotExported);
        BoutiquesExporter.Export(algorithm).Told.ShouldNotBeEmpty();
    }

    [Fact]
    public void An_imported_descriptor_exports_to_one_that_imports_to_the_same()
    {
        foreach (var file in (string[])["boutiques/everything.json", "boutiques/forms.json", "boutiques/redirect.json", "boutiques/shell.json", "cwl/everything.cwl"])
        {
            var algorithm = ImportTests.Import(file).Value.ShouldNotBeNull();
            AlgorithmWriter.ToYaml(Back(Json(algorithm))).ShouldBe(AlgorithmWriter.ToYaml(algorithm), file);
        }
    }
}
