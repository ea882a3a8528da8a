using CsCheck;
using Yunpipe.Algorithms;
using Yunpipe.Algorithms.Scripts;
using Yunpipe.Documents;

namespace Yunpipe.Tests.Algorithms.Scripts;

/// <summary>Scripts are read as text: no Python and no R is needed.</summary>
public sealed class ScriptReaderTests
{
    private static readonly string Folder = Path.Combine(Golden.Root, "tests/Yunpipe.Tests/Algorithms/Scripts/Samples");

    private static Reading<ScriptAlgorithm> Read(string text, string file = "a.py", string? input = null, string? output = null) => ScriptReader.Read(text, file, input, output);

    [Theory]
    [InlineData("segment.py", "requirements.txt")]
    [InlineData("stats.R", null)]
    [InlineData("plain.py", null)]
    public void A_script_becomes_what_a_person_has_read(string file, string? requirements)
    {
        var made = Read(File.ReadAllText(Path.Combine(Folder, file)), file).ShouldBeRead();
        Golden.Check($"Scripts/{file}.txt", $"{string.Join('\n', made.Told)}\n\n{AlgorithmWriter.ToYaml(made.Algorithm)}\n{ScriptImage.Dockerfile(file, requirements)}\n{AlgorithmWriter.ToYaml(ScriptImage.Inside(made.Algorithm, "x:1"))}");
    }

    [Fact]
    public void The_arguments_of_input_and_result_can_be_said()
    {
        const string Text = "p.add_argument('--image'); p.add_argument('--mask'); p.add_argument('--there')";
        var algorithm = Read(Text, input: "mask", output: "there").ShouldBeRead().Algorithm;
        algorithm.Inputs.ShouldHaveSingleItem().Name.ShouldBe("mask");
        algorithm.Command.ToString().ShouldBe("python3 a.py ${image} ${mask} --there ${out}/${stem}_result.tif");
        Read(Text, input: "msk").Problems.ShouldHaveSingleItem().ToString().ShouldBe("a.py: YP1403: “msk” is not an argument of the script. Did you mean “mask”?");
    }

    [Theory]
    [InlineData("print(1)", "a.py", "YP1401")]
    [InlineData("p.add_argument('--x')", "a.sh", "YP1400")]
    [InlineData("p.add_argument('--sigma', type=float)", "a.py", "YP1404")]
    [InlineData("parser.add_argument(", "a.py", "YP1401")]
    [InlineData("parser.add_argument('''", "a.py", "YP1401")]
    public void What_cannot_be_read_is_told(string text, string file, string code) => Read(text, file).Problems.ShouldHaveSingleItem().Code.ShouldBe(code);

    [Fact]
    public void A_file_that_is_none_or_no_text_is_told()
    {
        ScriptReader.Read("/nowhere/a.py", null, null).Problems.ShouldHaveSingleItem().Code.ShouldBe("YP1400");
        ScriptReader.Read(Path.GetTempPath(), null, null).Problems.ShouldHaveSingleItem().Code.ShouldBe("YP1400");
    }

    [Fact]
    public void Any_script_is_read_in_bounded_time_and_never_throws()
    {
        foreach (var text in (string[])[new('(', 500_000), "p.add_argument(" + new string('[', 500_000), string.Concat(Enumerable.Repeat("p.add_argument('--x', default=[", 20_000)), "p.add_argument('image', help='" + new string('\\', 500_000),
            string.Concat(Enumerable.Range(0, 20_000).Select(i => $"p.add_argument('--x{i}')\n"))])
            Read(text);
        Gen.String[Gen.Char["add_argument('\"\\\n()[]{},=-#fr.$<123 xp"], 0, 60].Sample(text => { Read("p.add_argument('image')\n" + text); Read(text, "a.R"); }, iter: 3_000);
    }
}
