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

    /// <summary>What each importer takes for its own.</summary>
    public static TheoryData<string, string> Beginnings => new()
    {
        { "a.json", "\"command-line\": \"x\", \"name\": \"x\", \"inputs\": []" }, { "a.cwl", "\"class\": \"CommandLineTool\", \"cwlVersion\": \"v1.2\", \"baseCommand\": \"x\", \"inputs\": [], \"outputs\": []" },
        { "a.json", "\"run_command\": \"x $input $output\", \"name\": \"x\"" }, { "a.json", "\"input_s3_name\": \"i\", \"output_s3_name\": \"o\", \"process\": {\"type\": \"single_run\", \"algorithms\": [{\"name\": \"a\"}]}" },
    };

    [Theory, MemberData(nameof(Beginnings))]
    public void Every_importer_tells_what_is_wrong_with_a_file_by_one_code(string file, string begin)
    {
        IReadOnlyList<Problem> Told(byte[] bytes) => begin.Contains("process", StringComparison.Ordinal)
            ? FirstRequest.Import(DocumentReader.Read(bytes, file, lenient: true), file).Problems : Problems(bytes, file);
        string Codes(string text) => string.Join(' ', Told(Encoding.UTF8.GetBytes(text)).Select(problem => problem.Code).Distinct());
        Codes($"{{{begin}}}").ShouldBe("");
        Codes($"{{{begin}, \"description\": \"{new string('a', DocumentReader.MaxBytes)}\"}}").ShouldBe("YP1003");
        Codes($"{{{begin}, \"custom\": {string.Concat(Enumerable.Repeat("[", 1_000_000))}").ShouldBe("YP1006");
        Codes($"{{{begin}, \"custom\": {string.Concat(Enumerable.Repeat("{\"a\":", 1_000_000))}").ShouldBe("YP1006");
        Codes($"{{{begin}, \"name\": \"a\", \"name\": \"b\"}}").ShouldBe("YP1007");
        Codes($"{{{begin}, \"x\": \"\\ud800\"}}").ShouldBe(file == "a.json" ? "YP1004" : "YP1005");
        Codes($"{{{begin}, \"x\": \"").ShouldBe("YP1005");
        Codes($"{{{begin}").ShouldBe("YP1005");
        Codes($"{{{begin}, \"x\": [{string.Join(',', Enumerable.Repeat("1", 1_100_000))}]}}").ShouldBe("YP1003");
        string.Join(' ', Told([.. Encoding.UTF8.GetBytes($"{{{begin}, \"x\": \""), 0xE9, .. "\"}"u8]).Select(problem => problem.Code)).ShouldBe("YP1004");
        string.Join(' ', Told([0xFF, 0xFE, .. Encoding.Unicode.GetBytes($"{{{begin}}}")]).Select(problem => problem.Code)).ShouldBe("YP1004");
    }

    [Fact]
    public void Aliases_of_aliases_are_counted_as_often_as_they_stand()
    {
        static string Bomb(int levels) => "class: CommandLineTool\ncwlVersion: v1.2\nbaseCommand: x\ninputs: []\noutputs: []\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
            + string.Concat(Enumerable.Range(1, levels).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"));
        Problems(Bomb(12), "a.cwl").ShouldHaveSingleItem().Code.ShouldBe("YP1008");
        Problems(Bomb(4), "a.cwl").ShouldHaveSingleItem().Code.ShouldBe("YP1003");
        Problems("class: CommandLineTool\ncwlVersion: v1.2\nbaseCommand: x\ninputs: &i {a: *i}\noutputs: []\n", "a.cwl").ShouldHaveSingleItem().Code.ShouldBe("YP1008");
    }

    [Fact]
    public void What_multiplies_within_itself_is_refused_and_not_made()
    {
        static string Tool(string inputs, string outputs, string line = "x", string more = "") => $"{{\"name\": \"x\", \"command-line\": \"{line}\", \"inputs\": [{inputs}], \"output-files\": [{outputs}]{more}}}";
        static string Many(int count, Func<int, string> each) => string.Join(',', Enumerable.Range(0, count).Select(each));
        static string Output(int i, string template) => $"{{\"id\": \"o{i}\", \"name\": \"o\", \"value-key\": \"[O{i}]\", \"path-template\": \"{template}\"}}";
        static string Input(string id, string key, string more = "") => $"{{\"id\": \"{id}\", \"name\": \"i\", \"type\": \"String\", \"optional\": true, \"value-key\": \"{key}\"{more}}}";
        var clock = ThreadClock.Start();
        var before = GC.GetAllocatedBytesForCurrentThread();
        // Each path twice in the next one: 2 to the power of 60 letters.
        Problems(Tool("", Many(60, i => Output(i, i == 59 ? "end" : $"[O{i + 1}]/[O{i + 1}]/[O{i + 1}]/[O{i + 1}]/[O{i + 1}]"))), "a.json").Count.ShouldBeLessThan(3);
        // The same in a circle.
        Problems(Tool("", Many(60, i => Output(i, $"[O{(i + 1) % 60}][O{(i + 1) % 60}]"))), "a.json").ShouldContain(problem => problem.Message.Contains("is made of itself"));
        // A path of thousands of letters, in each word of a file.
        var file = $"{{\"id\": \"c\", \"name\": \"c\", \"path-template\": \"c.ini\", \"file-template\": [\"{string.Concat(Enumerable.Repeat("[O0]", 500_000))}\"]}}";
        Problems(Tool("", Output(0, string.Concat(Enumerable.Repeat("ab/", 300)) + "x") + "," + file), "a.json").ShouldContain(problem => problem.Message.Contains("has more than 1,000,000 characters"));
        // Every input requires every other, by way of a group.
        Problems(Tool(Many(1_500, i => Input($"i{i}", $"[I{i}]", ", \"requires-inputs\": [\"g\"]")), "", string.Concat(Enumerable.Range(0, 1_500).Select(i => $"[I{i}] ")), $", \"groups\": [{{\"id\": \"g\", \"name\": \"g\", \"members\": [{Many(1_500, i => $"\"i{i}\"")}]}}]"), "a.json")
            .ShouldContain(problem => problem.Message.Contains("Rules between inputs have more than 20,000 members"));
        // Megabytes in which any of thousands of keys might begin.
        Problems(Tool(Many(1_500, i => Input($"i{i}", new string('[', 100) + i)), Output(0, "o"), new string('[', 8_000_000)), "a.json").ShouldContain(problem => problem.Message.StartsWith("The command line has 8,000,000 characters", StringComparison.Ordinal));
        Problems(Tool(Many(1_500, i => Input($"i{i}", new string('[', 100) + i)), Output(0, new string('[', 8_000_000))), "a.json").ShouldContain(problem => problem.Code == ImportCodes.BadForeign);
        Problems(Tool(Input("i", new string('k', 200)), ""), "a.json").ShouldContain(problem => problem.Message.Contains("is longer than 128 characters"));
        // Thousands of names that would be one name here.
        Problems(Tool(Many(2_500, i => Input(new string('a', 70) + i, $"[I{i}]")), "", "x " + string.Concat(Enumerable.Range(0, 2_500).Select(i => $"[I{i}] "))), "a.json").ShouldBeEmpty();
        // Thousands of inputs, and a megabyte of references to the last of them.
        Problems($"{{class: CommandLineTool, cwlVersion: v1.2, baseCommand: x, outputs: [], inputs: {{{Many(5_000, i => $"i{i}: string?")}}}, arguments: ['{string.Concat(Enumerable.Repeat("$(inputs.i4999)", 60_000))}']}}", "a.cwl").Count.ShouldBeLessThan(ProblemList.Kept + 2);
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60));
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(4_000_000_000);
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
