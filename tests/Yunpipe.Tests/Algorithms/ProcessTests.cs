using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Tests.Runs;

namespace Yunpipe.Tests.Algorithms;

/// <summary>How values stand in a command, and what a process finds when it starts.</summary>
public sealed class ProcessTests
{
    private static Algorithm Read(string text) => AlgorithmReader.Read(text, "a.yaml", "").ShouldBeRead();

    [Theory]
    [InlineData("", "a b", "x y")]
    [InlineData("listSeparator: ','", "a,b", "x,y")]
    [InlineData("flag: --x", "--x a b", "--x x y")]
    [InlineData("flag: --x, repeat: true", "--x a --x b", "--x x --x y")]
    [InlineData("flag: --x, listSeparator: ','", "--x a,b", "--x x,y")]
    [InlineData("flag: --x, separator: '='", "--x=a --x=b", "--x=x --x=y")]
    [InlineData("flag: -x, separator: ''", "-xa -xb", "-xx -xy")]
    [InlineData("flag: --x, separator: '=', listSeparator: ':'", "--x=a:b", "--x=x:y")]
    public void Members_stand_in_the_command_as_the_flag_says(string form, string ofVariable, string ofInput)
    {
        var comma = form.Length > 0 ? ", " : "";
        var algorithm = Read($"{{name: x, command: [p, \"${{v}}\", \"${{files}}\"], inputs: {{files: {{list: true{comma}{form}}}}}, variables: {{v: {{type: list{comma}{form}}}}}}}");
        var arguments = CommandPreview.Of(algorithm, new Dictionary<string, VariableValue> { ["v"] = new(["a", "b"], true) }, new Dictionary<string, IReadOnlyList<string>> { ["files"] = ["x", "y"] }).ShouldBeRead();
        string.Join(' ', arguments).Replace("/in/files/", "", StringComparison.Ordinal).ShouldBe($"p {ofVariable} {ofInput}");
    }

    [Theory]
    [InlineData("a=1 b=2", "YP1046")]
    [InlineData("a=1", null)]
    [InlineData("", null)]
    [InlineData("c=1", "YP1046")]
    [InlineData("c=1 d=1", null)]
    [InlineData("m=local", "YP1046")]
    [InlineData("m=local b=1", null)]
    [InlineData("m=otsu", null)]
    [InlineData("m=otsu e=1", "YP1046")]
    [InlineData("above=3", "YP1043")]
    [InlineData("above=3.01", null)]
    [InlineData("above=5", "YP1043")]
    [InlineData("pair=1", "YP1043")]
    [InlineData("pair=1,2", null)]
    [InlineData("pair=1,2,3", "YP1043")]
    public void Values_obey_bounds_counts_and_rules(string values, string? code)
    {
        var algorithm = Read("""
            name: x
            command: [p, $a, $b, $c, $d, $e, $m, $above, $pair]
            variables: {a: , b: , c: , d: , e: , m: {values: [otsu, local]}, above: {type: number, above: 3, below: 5}, pair: {type: list, of: integer, minItems: 2, maxItems: 2}}
            rules: [{atMostOne: [a, b]}, {allOrNone: [c, d]}, {requires: [m=local, b]}, {atMostOne: [m=otsu, e]}]
            """);
        var problems = new ProblemList();
        var given = values.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).ToDictionary(pair => pair[0],
            pair => VariableValues.Parse(algorithm.Variables.First(variable => variable.Name == pair[0]), pair[1], default, problems));
        if (problems.Count == 0) problems.AddRange(VariableValues.Resolve(algorithm, given!, default).Problems);
        problems.Sorted().Select(problem => problem.Code).ShouldBe(code is null ? [] : [code]);
    }

    [Fact]
    public async Task A_job_starts_where_it_should_with_its_streams_and_settings()
    {
        await using var bench = new Bench("deep/a.x.tar.gz");
        bench.Algorithms["tool"] = """
            {name: tool, command: [tool, "${settings}", "${image.name}", "${image.ext}"], inputs: {image: {extensions: [.x.tar.gz]}}, outputs: {o: "logs/${image.stem}.txt"},
             workdir: "${out}", stdin: "${image}", stdout: "logs/${image.stem}.txt", stderr: err.txt, variables: {n: {default: 1}, m: },
             configs: {settings: {path: "sub/s.ini", lines: ["n=${n}", "m=${m}", "", "image=${image.name}"]}}}
            """;
        bench.Launcher.Programs["tool"] = call =>
        {
            var run = call.Run;
            run.Directory.ShouldBe(Path.GetDirectoryName(Path.GetDirectoryName(run.Stdout)));
            run.Stderr.ShouldBe(run.Directory + "/err.txt");
            run.Arguments.ShouldBe(["tool", run.Directory + "/sub/s.ini", "a.x.tar.gz", ".x.tar.gz"]);
            File.WriteAllText(run.Stdout!, File.ReadAllText(run.Stdin!) + "|" + File.ReadAllText(run.Arguments[1]));
            return 0;
        };
        (await bench.Run("{input: ./in, steps: [{name: tool, algorithm: tool}]}")).SetAside.ShouldBe(0);
        bench.Result(bench.View().ShouldHaveSingleItem()).ShouldBe("content of deep/a.x.tar.gz|n=1\n\nimage=a.x.tar.gz\n");
    }
}
