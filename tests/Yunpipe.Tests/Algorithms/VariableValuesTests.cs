using System.Globalization;
using CsCheck;
using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Tests.Algorithms;

public class VariableValuesTests
{
    private static readonly Location Here = new("run.yaml", 4, 9);

    private static string Parse(Variable variable, string text)
    {
        var problems = new ProblemList();
        var value = VariableValues.Parse(variable, text, Here, problems);
        return value?.ToString() ?? problems.Sorted()[0].ToString();
    }

    private static Variable Of(VariableType type) => new() { Name = "v", Type = type };

    [Theory]
    [InlineData("1.50", "1.5")]
    [InlineData("+1.5", "1.5")]
    [InlineData("15e-1", "1.5")]
    [InlineData("-0", "0")]
    [InlineData("-0.0", "0")]
    [InlineData(".5", "0.5")]
    [InlineData("1.", "1")]
    [InlineData("007", "7")]
    [InlineData("1e3", "1000")]
    [InlineData("1E+3", "1000")]
    [InlineData("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827")]
    [InlineData("1e-40", "1e-40")]
    [InlineData("12.5e40", "1.25e41")]
    [InlineData(" 2 ", "2")]
    public void A_number_has_one_spelling(string text, string canonical) => Parse(Of(VariableType.Number), text).ShouldBe(canonical);

    [Theory]
    [InlineData("fast")]
    [InlineData("")]
    [InlineData("1,5")]
    [InlineData("nan")]
    [InlineData("inf")]
    [InlineData("0x10")]
    [InlineData("1e999")]
    [InlineData("1e")]
    [InlineData(".")]
    [InlineData("--1")]
    [InlineData("1_000")]
    [InlineData("١")]
    public void What_is_no_number_is_refused(string text) =>
        Parse(Of(VariableType.Number), text).ShouldBe($"run.yaml:4:9: YP1042: “v” wants a number, and this is “{text}”.");

    [Fact]
    public void Canonical_numbers_are_equal_to_what_was_written_and_stay_as_they_are() => Gen.Select(Gen.Decimal, Gen.Int[0, 5]).Sample((number, zeros) =>
    {
        var text = number.ToString(CultureInfo.InvariantCulture);
        NumberText.TryCanonical(text.Contains('.') ? text + new string('0', zeros) : text, out var canonical).ShouldBeTrue();
        decimal.Parse(canonical, NumberStyles.Float, CultureInfo.InvariantCulture).ShouldBe(number);
        NumberText.TryCanonical(canonical, out var again).ShouldBeTrue();
        again.ShouldBe(canonical);
    });

    [Fact]
    public void Doubles_survive_exactly() => Gen.Double.Where(double.IsFinite).Sample(number =>
    {
        NumberText.TryCanonical(number.ToString("R", CultureInfo.InvariantCulture), out var canonical).ShouldBeTrue();
        double.Parse(canonical, CultureInfo.InvariantCulture).ShouldBe(number == 0 ? 0 : number);
    });

    [Theory]
    [InlineData(VariableType.Integer, "3", "3")]
    [InlineData(VariableType.Integer, "-03", "-3")]
    [InlineData(VariableType.Integer, "3.0", "run.yaml:4:9: YP1042: “v” wants a whole number, and this is “3.0”.")]
    [InlineData(VariableType.Flag, "Yes", "true")]
    [InlineData(VariableType.Flag, "off", "false")]
    [InlineData(VariableType.Flag, "1", "run.yaml:4:9: YP1042: “v” wants true or false, and this is “1”.")]
    [InlineData(VariableType.String, " as is\n", " as is\n")]
    [InlineData(VariableType.String, "", "")]
    [InlineData(VariableType.File, "", "run.yaml:4:9: YP1042: “v” wants the path of a file, and this is empty.")]
    [InlineData(VariableType.File, "../model.pt", "../model.pt")]
    [InlineData(VariableType.List, "a, b,,c", "a,b,c")]
    public void Text_becomes_a_value_by_type(VariableType type, string text, string result) => Parse(Of(type), text).ShouldBe(result);

    [Fact]
    public void Text_too_long_for_a_command_is_refused() =>
        Parse(Of(VariableType.String), new string('é', 60_000)).ShouldContain("more than a command can carry");

    [Theory]
    [InlineData("-1", "YP1043: “v” is -1, and must be at least 0.")]
    [InlineData("10.01", "YP1043: “v” is 10.01, and must be at most 10.")]
    [InlineData("1e300", "YP1043: “v” is 1e300, and must be at most 10.")]
    [InlineData("-1e300", "YP1043: “v” is -1e300, and must be at least 0.")]
    [InlineData("-1e-300", "YP1043: “v” is -1e-300, and must be at least 0.")]
    public void A_number_keeps_to_its_range(string text, string problem) =>
        Parse(Of(VariableType.Number) with { Minimum = 0, Maximum = 10 }, text).ShouldEndWith(problem);

    [Fact]
    public void Values_of_a_document_are_checked_one_by_one()
    {
        var node = (MapNode)DocumentReader.Read("a: [1, two, 3.50]\nb: {x: 1}\nc: 7\n", "v.yaml").ShouldBeRead();
        var list = Of(VariableType.List) with { Of = VariableType.Number };
        var problems = new ProblemList();
        VariableValues.Read(list, node["a"]!, problems).ShouldBeNull();
        VariableValues.Read(list, node["b"]!, problems).ShouldBeNull();
        VariableValues.Read(Of(VariableType.Integer), node["a"]!, problems).ShouldBeNull();
        problems.Sorted().Select(problem => problem.ToString()).ShouldBe([
            "v.yaml:1:4: YP1042: “v” wants a whole number, and this is a list.", "v.yaml:1:8: YP1042: “v” wants a number, and this is “two”.", "v.yaml:2:4: YP1042: “v” wants a list, and this is a map."]);
        VariableValues.Read(list, node["c"]!, problems)!.Items.ShouldBe(["7"]);
    }

    [Theory]
    [InlineData(null, null, null, "1 2")]
    [InlineData("--v", null, null, "--v 1 2")]
    [InlineData("--v", "=", null, "--v=1 --v=2")]
    [InlineData("--v", "=", ",", "--v=1,2")]
    [InlineData("--v", null, ",", "--v 1,2")]
    [InlineData("-v", "", ":", "-v1:2")]
    [InlineData(null, null, ",", "1,2")]
    public void A_list_becomes_arguments_by_flag_and_separators(string? flag, string? separator, string? between, string expected)
    {
        var variable = Of(VariableType.List) with { Flag = flag, Separator = separator, ListSeparator = between };
        var value = VariableValues.ToArguments(variable, new VariableValue(["1", "2"], true))!;
        string.Join(' ', value.List ?? [value.Text!]).ShouldBe(expected);
    }

    [Fact]
    public void What_is_missing_empty_or_off_becomes_no_argument()
    {
        VariableValues.ToArguments(Of(VariableType.String) with { Flag = "--v" }, null).ShouldBeNull();
        VariableValues.ToArguments(Of(VariableType.List) with { Flag = "--v" }, new VariableValue([], true)).ShouldBeNull();
        VariableValues.ToArguments(Of(VariableType.Flag) with { Flag = "--v" }, VariableValue.Of("false")).ShouldBeNull();
        VariableValues.ToArguments(Of(VariableType.Flag) with { Flag = "--v" }, VariableValue.Of("true"))!.Text.ShouldBe("--v");
        VariableValues.ToArguments(Of(VariableType.Flag), VariableValue.Of("false"))!.Text.ShouldBe("false");
        VariableValues.ToArguments(Of(VariableType.String), VariableValue.Of(""))!.Text.ShouldBe("");
    }

    [Fact]
    public void Resolving_fills_defaults_leaves_out_the_missing_and_tells_all_problems()
    {
        var algorithm = AlgorithmReaderTests.Read("""
            name: blur
            command: [blur, $sigma, $mode, $seed, $model]
            variables:
              sigma: {type: number, default: 1.50, maximum: 9}
              mode: {values: [fast, exact]}
              seed: {type: integer}
              model: {type: file, required: true, help: The trained network}
            rules: [{requires: [mode, seed]}]
            """);
        VariableValues.Resolve(algorithm, new Dictionary<string, VariableValue> { ["model"] = VariableValue.Of("m.pt") }, Here).ShouldBeRead()
            .Select(entry => $"{entry.Key}={entry.Value}").ShouldBe(["sigma=1.5", "model=m.pt"]);
        var given = new Dictionary<string, VariableValue> { ["sgma"] = VariableValue.Of("1"), ["sigma"] = VariableValue.Of("10"), ["mode"] = VariableValue.Of("exat") };
        Golden.Check("Algorithms/resolve.txt", string.Join('\n', VariableValues.Resolve(algorithm, given, Here).Problems));
    }

    [Theory]
    [InlineData("a", "")]
    [InlineData("", "needs one of “a” or “b”.")]
    [InlineData("a b c", "takes only one of “a” or “b”, and 2 are given.")]
    [InlineData("b", "“b” of “x” needs “c” too.")]
    [InlineData("b c", "")]
    public void Rules_between_variables_hold(string names, string problem)
    {
        var algorithm = AlgorithmReaderTests.Read("name: x\ncommand: [x, $a, $b, $c, $d]\nvariables: {a: , b: , c: , d: {type: flag, default: false}}\nrules: [{oneOf: [a, b]}, {requires: [b, c]}, {requires: [d, c]}]");
        var given = names.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToDictionary(name => name, _ => VariableValue.Of("1"));
        var problems = VariableValues.Resolve(algorithm, given, Here).Problems;
        if (problem.Length == 0) problems.ShouldBeEmpty();
        else problems.ShouldHaveSingleItem().Message.ShouldContain(problem);
    }

    [Fact]
    public void Reference_data_is_relative_to_the_file_that_names_it()
    {
        var algorithm = AlgorithmReaderTests.Read("name: x\ncommand: [x, $m, $n, $s]\nvariables: {m: {type: file}, n: {type: list, of: directory}, s: {}}");
        var values = new Dictionary<string, VariableValue> { ["m"] = VariableValue.Of("../m.pt"), ["n"] = new(["/abs", "s3://b/../k"], true), ["s"] = VariableValue.Of("../m.pt") };
        ReferencePath.Anchor(algorithm, values, "/lab/flows").Select(entry => $"{entry.Key}={entry.Value}").ShouldBe(["m=/lab/m.pt", "n=/abs,s3://b/../k", "s=../m.pt"]);
    }
}
