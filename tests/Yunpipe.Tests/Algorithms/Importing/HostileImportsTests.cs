using System.Text;
using CsCheck;
using Yunpipe.Algorithms.Importing;
using Yunpipe.Algorithms.Importing.First;
using Yunpipe.Documents;
using Yunpipe.Tests.Documents;

namespace Yunpipe.Tests.Algorithms.Importing;

/// <summary>Documents that mean harm: one clear error each, in bounded time and memory.</summary>
[Collection(nameof(LargeDocuments))]
public sealed class HostileImportsTests
{
    private static IReadOnlyList<Problem> Problems(string text, string file, ForeignFormat? format = null) => Problems(Encoding.UTF8.GetBytes(text), file, format);

    private static IReadOnlyList<Problem> Problems(byte[] bytes, string file, ForeignFormat? format = null) =>
        DescriptorImporter.Import(DocumentReader.Read(bytes, file, lenient: true), file, "", format, ImportChoices.None).Problems;

    [Theory]
    [InlineData("a.json")]
    [InlineData("a.cwl")]
    public void Size_depth_and_bytes_are_bounded(string file)
    {
        Problems(new string(' ', DocumentReader.MaxBytes + 1), file).ShouldHaveSingleItem().Code.ShouldBe("YP1003");
        Problems(string.Concat(Enumerable.Repeat("{\"command-line\":", 100_000)), file).ShouldHaveSingleItem().Code.ShouldBe("YP1006");
        Problems([0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D], file).ShouldHaveSingleItem().Code.ShouldBe("YP1004");
        Problems("{\"command-line\": \"x\", \"name\": \"a\", \"name\": \"b\"}", file).ShouldHaveSingleItem().Code.ShouldBe("YP1007");
        Problems("{\"command-line\": ", file).ShouldHaveSingleItem().Code.ShouldBe("YP1005");
        Problems("{\"command-line\": \"x\", \"inputs\": [" + string.Join(',', Enumerable.Repeat("{}", 30_000)) + "]}", file).ShouldHaveSingleItem().Code.ShouldBe("YP1003");
        Problems("/* " + new string('*', 1_000_000), "a.json").ShouldHaveSingleItem().Code.ShouldBe("YP1005");
    }

    [Fact]
    public void Paths_and_types_that_are_made_of_themselves_are_told()
    {
        var outputs = string.Join(',', Enumerable.Range(0, 50).Select(i => $"{{\"id\": \"o{i}\", \"name\": \"o\", \"value-key\": \"[O{i}]\", \"path-template\": \"[O{(i + 1) % 50}]\"}}"));
        Problems($"{{\"name\": \"x\", \"command-line\": \"x [O0]\", \"inputs\": [], \"output-files\": [{outputs}]}}", "a.json").Count.ShouldBeInRange(1, ProblemList.Kept + 1);
        Problems("{cwlVersion: v1.2, class: CommandLineTool, baseCommand: x, inputs: {a: t}, outputs: [], requirements: {SchemaDefRequirement: {types: [{name: t, type: array, items: t}]}}}", "a.cwl").ShouldContain(problem => problem.Code == ImportCodes.BadForeign);
    }

    [Fact]
    public void Requirements_in_a_circle_and_thousands_of_keys_end()
    {
        var inputs = string.Join(',', Enumerable.Range(0, 400).Select(i => $"{{\"id\": \"i{i}\", \"name\": \"i\", \"type\": \"String\", \"optional\": true, \"value-key\": \"[I{i}]\", \"requires-inputs\": [\"i{(i + 1) % 400}\"]}}"));
        var line = string.Join(' ', Enumerable.Range(0, 400).Select(i => $"[I{i}]"));
        Problems($"{{\"schema-version\": \"0.5\", \"name\": \"x\", \"tool-version\": \"1\", \"description\": \"d\", \"command-line\": \"x {line}\", \"inputs\": [{inputs}]}}", "a.json").ShouldBeEmpty();
        Problems("{\"command-line\": \"" + new string('[', 1_000_000) + "\", \"name\": \"x\", \"inputs\": [{\"id\": \"a\", \"name\": \"a\", \"type\": \"String\", \"value-key\": \"[[[[[x\"}]}", "a.json").Count.ShouldBeLessThan(ProblemList.Kept + 2);
        Problems("{class: CommandLineTool, cwlVersion: v1.2, baseCommand: x, arguments: ['" + string.Concat(Enumerable.Repeat("$(inputs.", 100_000)) + "'], inputs: [], outputs: []}", "a.cwl").Count.ShouldBeLessThan(5);
    }

    [Fact]
    public void Whatever_is_broken_is_told_and_never_throws()
    {
        foreach (var file in (string[])["boutiques/everything.json", "boutiques/shell.json", "cwl/everything.cwl", "first/template.json"])
        {
            var good = File.ReadAllText(Path.Combine(ImportTests.Folder, file));
            Gen.Select(Gen.Int[0, good.Length - 1], Gen.Int[0, 12], Gen.String[Gen.Char["ab01 :#-'\"\\{}[],&*$()<>|;\n"], 0, 4]).Sample((at, length, insert) =>
            {
                var text = good[..at] + insert + good[Math.Min(good.Length, at + length)..];
                var import = DescriptorImporter.Import(DocumentReader.Read(text, file, lenient: true), file, "", null, ImportChoices.None);
                (import.Value is null).ShouldBe(import.Problems.Count > 0);
                FirstRequest.Import(DocumentReader.Read(text, file, lenient: true), file);
            }, iter: 300);
        }
    }
}
