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
        Golden.Check($"Scripts/{file}.txt", $"{string.Join('\n', made.Told)}\n\n{AlgorithmWriter.ToYaml(made.Algorithm)}\n{ScriptImage.Dockerfile(made.Algorithm, requirements, null)}\n{AlgorithmWriter.ToYaml(ScriptImage.Inside(made.Algorithm, "x:1"))}");
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

    [Fact]
    public void A_list_of_values_does_not_swallow_the_image_behind_it()
    {
        Read("p.add_argument('image'); p.add_argument('--names', nargs='+')").ShouldBeRead().Algorithm.Command.ToString().ShouldBe("python3 a.py ${names} -- ${image}");
        Read("p.add_argument('image'); p.add_argument('--names', nargs='+'); p.add_argument('--fast', action='store_true')").ShouldBeRead().Algorithm.Command.ToString().ShouldBe("python3 a.py ${names} ${fast} ${image}");
    }

    [Fact]
    public void Modules_beside_the_script_belong_to_it_and_go_into_its_image()
    {
        var folder = Directory.CreateTempSubdirectory("yunpipe-script-").FullName;
        try
        {
            void Put(string file, string text)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, file))!);
                File.WriteAllText(Path.Combine(folder, file), text);
            }
            Put("count.py", "import numpy, helpers as h; from sys import argv\nfrom lab.masks import make\n'import other'\np.add_argument('image')\np.add_argument('output')\n");
            Put("helpers.py", "from . import deeper\nfrom deeper import x\nimport helpers\n");
            foreach (var file in (string[])["deeper.py", "other.py", "argv.py", "lab/__init__.py", "lab/masks.py", "nothing/x.py"]) Put(file, "");
            var algorithm = ScriptReader.Read(Path.Combine(folder, "count.py"), null, null).ShouldBeRead().Algorithm;
            algorithm.Files.ShouldBe(["count.py", "deeper.py", "helpers.py", "lab/__init__.py", "lab/masks.py"]);
            ScriptImage.Dockerfile(algorithm, "a \"b\" [1] $x.txt", "lab/base:1").ShouldBe("""
                FROM lab/base:1
                WORKDIR /app
                COPY ["a \"b\" [[]1] \\$x.txt", "/app/requirements.txt"]
                RUN PIP_BREAK_SYSTEM_PACKAGES=1 python3 -m pip install --no-cache-dir -r /app/requirements.txt
                COPY ["deeper.py", "/app/deeper.py"]
                COPY ["helpers.py", "/app/helpers.py"]
                COPY ["lab", "/app/lab"]
                COPY ["count.py", "/app/count.py"]

                """);
            Put("stats.R", "source('util.R'); source(\"../outside.R\"); source('gone.R')\nmake_option('--image')");
            Put("util.R", "");
            ScriptReader.Read(Path.Combine(folder, "stats.R"), null, null).ShouldBeRead().Algorithm.Files.ShouldBe(["stats.R", "util.R"]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
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
