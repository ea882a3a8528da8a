using Yunpipe.Algorithms;
using Yunpipe.Algorithms.Describing;
using Yunpipe.Documents;
using Yunpipe.Tests.Algorithms.Importing;

namespace Yunpipe.Tests.Algorithms.Describing;

/// <summary>From a typed command to a descriptor, and back.</summary>
public sealed class DescribingTests
{
    [Fact]
    public void A_command_alone_is_enough()
    {
        var draft = Draft.Empty.With("command", "segment $input --sigma $sigma $output");
        Questionnaire.Of(draft).Select(question => question.Id).ShouldBe(
        [
            "image", "command", "use.input", "use.sigma", "use.output", "input.input.accepts", "input.input.kind", "input.input.required", "output.output.path", "output.output.required", "more",
            "variable.sigma.type", "variable.sigma.default", "variable.sigma.required", "variable.sigma.range", "variable.sigma.help",
            "files", "name", "version", "description", "cpu", "memory", "gpu", "timeout", "network", "exits", "file",
        ]);
        Written(draft).ShouldBe("""
            name: segment
            command: [segment, "${input}", "--sigma", "${sigma}", "${out}/${stem}_result.tif"]
            inputs: {input: {}}
            outputs: {output: "${stem}_result.tif"}
            variables:
              sigma: {type: number, required: true}

            """);
        DraftDocument.Preview(draft).ShouldBe("segment /in/input/input.tif --sigma 1.5 /out/input_result.tif");
    }

    [Fact]
    public void A_value_that_may_be_absent_takes_its_flag_along()
    {
        var draft = Draft.Empty.With("command", "segment $image --sigma $sigma --size=$size $verbose $output.png")
            .With("variable.sigma.required", "no").With("variable.size.required", "no").With("variable.size.type", "integer").With("variable.sigma.range", "0..10").With("input.image.accepts", "*.tif *.png");
        Written(draft).ShouldBe("""
            name: segment
            command: [segment, "${image}", "${sigma}", "${size}", "${verbose}", "${out}/${stem}_result.png"]
            inputs:
              image: {accepts: ["*.tif", "*.png"]}
            outputs: {output: "${stem}_result.png"}
            variables:
              sigma: {type: number, minimum: 0, maximum: 10, flag: "--sigma"}
              size: {type: integer, flag: "--size", separator: "="}
              verbose: {type: flag, flag: "--verbose"}

            """);
        var read = DraftDocument.Read(draft);
        read.Problems.ShouldBeEmpty();
        CommandPreview.ToLine(CommandPreview.Of(read.Value!, null, new Dictionary<string, IReadOnlyList<string>> { ["image"] = ["a.tif"] }).OrThrow()).ShouldBe("segment /in/image/a.tif /out/a_result.png");
    }

    [Theory]
    [InlineData("segment $input | tee log", "“|” means something to a shell, and no shell runs this.")]
    [InlineData("segment 'a", "A single quote is opened and never closed.")]
    [InlineData("$program $input", "The first word is the program, and stays the same.")]
    [InlineData("", "This needs an answer.")]
    [InlineData("segment ${in put}", "“$in put” cannot be a name. A name starts with a letter and holds letters, digits, “_” and “-”, at most 64.")]
    public void A_command_that_cannot_be_run_is_told_at_once(string command, string flaw) => FlawOf(Draft.Empty.With("command", command), "command").ShouldBe(flaw);

    [Theory]
    [InlineData("variable.sigma.type", "colour", "Answer “number”, “integer”, “string”, “enum”, “flag”, “file”, “directory” or “list”.")]
    [InlineData("variable.sigma.range", "1 to 2", "Write it as 0..10, 0.. or ..1.")]
    [InlineData("variable.sigma.default", "much", "The default is against the variable's own rules: “sigma” wants a number, and this is “much”.")]
    [InlineData("name", "my algorithm", "A name starts with a letter or digit and holds letters, digits, “.”, “_” and “-”, at most 64.")]
    [InlineData("memory", "lots", "A size such as 2 GiB is wanted, or two such as 1 GiB..2 GiB.")]
    [InlineData("exits", "300=too many", "“300” is not an exit code: they go from 0 to 255.")]
    [InlineData("exits", "3 maybe=odd", "“maybe” is neither permanent, transient nor success.")]
    [InlineData("more", "labels", "“labels” says no file. Write it as labels=${stem}_labels.tif.")]
    [InlineData("image", "Lab/Nuclei:1", "This is not the name of an image: names of images are in lower case.")]
    [InlineData("output.output.path", "../x.tif", null)]
    public void A_wrong_answer_is_told_where_it_was_given(string question, string answer, string? flaw)
    {
        var told = FlawOf(Draft.Empty.With("command", "segment $input --sigma $sigma $output").With(question, answer), question);
        if (flaw is not null) told.ShouldBe(flaw);
        else told.ShouldNotBeNull();
    }

    [Fact]
    public void A_default_outside_its_range_is_told() =>
        FlawOf(Draft.Empty.With("command", "segment $input $sigma $output").With("variable.sigma.range", "0..10").With("variable.sigma.default", "11"), "variable.sigma.default").ShouldNotBeNull();

    [Fact]
    public void An_image_offers_what_it_starts()
    {
        var facts = new ImageFacts("lab/nuclei:1.2", ["linux/amd64"], ["python3", "/app/segment.py"], ["--in", "$input"], "app", "/app", [], []);
        var draft = new Draft(new Dictionary<string, string>(), facts);
        draft.Value("command").ShouldBe("python3 /app/segment.py --in '$input'");
        draft.Value("name").ShouldBe("nuclei");
        draft.Value("image").ShouldBe("lab/nuclei:1.2");
    }

    [Fact]
    public void A_wrapped_image_says_that_it_carries_an_algorithm_and_nothing_of_what_carries_it() =>
        new ImageFacts("lab/nuclei:1-yunpipe", ["linux/amd64"], ["/opt/yunpipe/agent"], [], "", "/app", ["PATH=/bin", "LAB=x", "YUNPIPE_IMAGE=H4s"], [], "{}").Lines()
            .ShouldBe(["lab/nuclei:1-yunpipe is for linux/amd64", "carries  an algorithm already: its answers stand here", "in       /app", "with     LAB=x"]);

    public static TheoryData<string> Descriptors => [.. Directory.EnumerateFiles(Path.Combine(Golden.Root, "src/Yunpipe.Toolbox/algorithms")).Concat(Directory.EnumerateFiles(Path.Combine(Golden.Root, "catalogue"), "*.yaml")).Select(path => Path.GetRelativePath(Golden.Root, path))];

    [Theory, MemberData(nameof(Descriptors))]
    public void What_is_edited_and_left_alone_stays_the_same(string path) => Stays(AlgorithmReader.Read(Path.Combine(Golden.Root, path)).OrThrow());

    public static TheoryData<string> Imported => ImportTests.Files();

    [Theory, MemberData(nameof(Imported))]
    public void What_was_imported_and_is_edited_stays_the_same_too(string file)
    {
        if (ImportTests.Import(file).Value is { } algorithm) Stays(algorithm);
    }

    [Fact]
    public void What_stands_outside_the_command_stays_the_same() => Stays(AlgorithmReader.Read(AlgorithmTexts.Rich, "a.yaml", "").OrThrow());

    [Fact]
    public void A_variable_that_leaves_the_command_takes_its_rules_along_and_one_of_the_environment_stays()
    {
        var before = AlgorithmReader.Read("""
            name: x
            command: [x, "${image}", "${a}", "${b}", "${c}"]
            inputs: image
            outputs: x
            variables: {a: {flag: -a}, b: {flag: -b}, c: {flag: -c}, d: {type: integer, default: 1}}
            environment: {D: "${d}", C: "${c}"}
            rules: [{oneOf: [a, b]}, {requires: [c, a]}]
            """, "a.yaml", "").OrThrow();
        var draft = DraftReading.Of(before, "a.yaml");
        var after = DraftDocument.Read(draft.With("command", draft["command"]!.Replace("${b}", "", StringComparison.Ordinal).Replace("${c}", "", StringComparison.Ordinal))).OrThrow();
        after.Variables.Select(variable => variable.Name).ShouldBe(["a", "c", "d"]);
        after.Rules.ShouldHaveSingleItem().Variables.ShouldBe(["c", "a"]);
    }

    private static void Stays(Algorithm before)
    {
        var after = DraftDocument.Read(DraftReading.Of(before, "a.yaml"));
        after.Problems.Select(problem => problem.ToString()).ShouldBeEmpty();
        var (now, was) = (AlgorithmWriter.ToYaml(after.Value!), AlgorithmWriter.ToYaml(before));
        if (now != was) Assert.Fail(Golden.Diff(was, now));
    }

    private static string Written(Draft draft) => DraftDocument.ToYaml(draft);

    private static string? FlawOf(Draft draft, string id) => DraftDocument.Flaw(draft, Questionnaire.Of(draft).Single(question => question.Id == id));
}
