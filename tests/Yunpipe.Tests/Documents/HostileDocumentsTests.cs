using System.Text;
using CsCheck;
using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Tests.Algorithms;

namespace Yunpipe.Tests.Documents;

/// <summary>These fill the memory for a moment, which would disturb tests that measure it: they run after all others.</summary>
[CollectionDefinition(nameof(LargeDocuments), DisableParallelization = true)]
public class LargeDocuments;

[Collection(nameof(LargeDocuments))]
public class HostileDocumentsTests
{
    private static Problem Only(string text, string file = "a.yaml") => DocumentReader.Read(Encoding.UTF8.GetBytes(text), file).Problems.ShouldHaveSingleItem();

    [Fact]
    public void More_than_ten_megabytes_is_refused_before_it_is_parsed()
    {
        Only(new string('a', DocumentReader.MaxBytes + 1)).ToString().ShouldBe("a.yaml: YP1003: The file is larger than 10 MB. Is it the right file? Long tables belong into a CSV.");
        Only(new string('é', DocumentReader.MaxBytes / 2 + 1)).Code.ShouldBe("YP1003");
        DocumentReader.ReadFile("/dev/zero").Problems.ShouldHaveSingleItem().Code.ShouldBe("YP1003");
    }

    [Theory]
    [InlineData("a.yaml", "[", "YP1006")]
    [InlineData("a.yaml", "{", "YP1006")]
    [InlineData("a.yaml", "- ", "YP1006")]
    [InlineData("a.json", "[", "YP1006")]
    [InlineData("a.json", "{\"a\":", "YP1006")]
    public void Deep_nesting_is_one_problem(string file, string level, string code) =>
        Only(string.Concat(Enumerable.Repeat(level, 1_000_000 / level.Length)), file).Code.ShouldBe(code);

    [Fact]
    public void A_hundred_levels_are_allowed_and_one_more_is_not()
    {
        // A list of a hundred levels holds its innermost value at the hundredth.
        foreach (var file in (string[])["a.json", "a.yaml"])
        {
            DocumentReader.Read(new string('[', 100) + "1" + new string(']', 100), file).Ok.ShouldBeTrue();
            Only(new string('[', 101) + "1" + new string(']', 101), file).Code.ShouldBe("YP1006");
        }
    }

    [Fact]
    public void Nested_aliases_cannot_blow_up()
    {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i <= 12; i++) text.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        var problem = Only(text.ToString());
        problem.Code.ShouldBe("YP1008");
        problem.Message.ShouldBe("The document has more than 1,000,000 entries, aliases counted.");
    }

    [Fact]
    public void A_map_of_equal_keys_and_a_list_of_wrong_things_are_told_a_hundred_times_at_most()
    {
        var keys = AlgorithmReader.Read(string.Concat(Enumerable.Repeat("x: 1\n", 100_000)), "a.yaml", "").Problems;
        keys.Count.ShouldBe(101);
        keys[^1].Message.ShouldBe("There are 99899 more problems.");
        var unknown = AlgorithmReader.Read("name: x\ncommand: [x]\n" + string.Concat(Enumerable.Range(0, 15_000).Select(i => $"x{i}: 1\n")), "a.yaml", "").Problems;
        unknown.Count.ShouldBe(101);
        unknown[^1].ToString().ShouldBe("a.yaml: YP1015: There are 14900 more problems. Mend these first.");
    }

    [Fact]
    public void The_largest_documents_are_read_or_refused_in_seconds()
    {
        var clock = ThreadClock.Start();
        foreach (var (text, file) in ((string, string)[])
            [("a: [" + string.Concat(Enumerable.Repeat("1,", 4_000_000)) + "1]", "a.yaml"), ("[" + string.Concat(Enumerable.Repeat("1,", 4_000_000)) + "1]", "a.json"),
             ("a: \"" + new string('b', 9_000_000) + "\"", "a.yaml"), ("a: " + new string('b', 9_000_000), "a.yaml"), ("\"" + new string('b', 9_000_000) + "\"", "a.json"),
             (new string(' ', 9_000_000), "a.yaml"), (new string('\n', 9_000_000) + "x", "a.yaml"), (new string('#', 9_000_000), "a.yaml"), (new string('{', 9_000_000), "a.json"),
             (string.Concat(Enumerable.Repeat("? ", 1_000_000)), "a.yaml"), (new string('&', 1_000_000), "a.yaml"), (new string('!', 1_000_000), "a.yaml"), ("a: " + new string('$', 9_000_000), "a.yaml"),
             ("name: x\ncommand: [\"" + string.Concat(Enumerable.Repeat("${image}", 1_000_000)) + "\"]\ninputs: image", "a.yaml")])
            AlgorithmReader.Read(text, file, "").Problems.Count.ShouldBeLessThan(105);
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void An_algorithm_with_more_entries_than_names_can_be_compared_is_refused()
    {
        static string Many(int count, string prefix) => string.Join(", ", Enumerable.Range(0, count).Select(i => $"{prefix}{i}: "));
        var clock = ThreadClock.Start();
        foreach (var count in (int[])[9_000, 200_000])
        {
            var problems = AlgorithmReader.Read($"name: x\ncommand: [x]\ninputs: {{{Many(count, "i")}}}\nvariables: {{{Many(count, "v")}}}", "a.yaml", "").Problems;
            if (count > AlgorithmReader.MaxEntries) problems.ShouldHaveSingleItem().Message.ShouldBe("An algorithm has at most 20,000 entries, and this has 400,006.");
            else problems.Count.ShouldBe(101);
        }
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Any_bytes_are_read_or_refused_and_never_throw()
    {
        Gen.Byte.Array[0, 60].Sample(bytes => { DocumentReader.Read(bytes, "a.yaml"); DocumentReader.Read(bytes, "a.json"); }, iter: 2000);
        Gen.String[Gen.Char["ab01 :#-'\"\\{}[],&*!|>%@`~?\n\t$<é\u0085\u2028"], 0, 40].Sample(text =>
        {
            AlgorithmReader.Read(text, "a.yaml", "");
            AlgorithmReader.Read(text, "a.json", "");
        }, iter: 5_000);
    }

    [Fact]
    public void A_broken_algorithm_is_refused_and_never_throws()
    {
        const string Good = AlgorithmTexts.Rich;
        Gen.Select(Gen.Int[0, Good.Length - 1], Gen.Int[0, 12], Gen.String[Gen.Char["ab01 :#-'\"\\{}[],&*!|>~?\n$"], 0, 4]).Sample((at, length, insert) =>
        {
            var text = Good[..at] + insert + Good[Math.Min(Good.Length, at + length)..];
            var reading = AlgorithmReader.Read(text, "a.yaml", "");
            if (!reading.Ok) reading.Problems.ShouldNotBeEmpty();
        }, iter: 1_000);
    }

    [Fact]
    public void A_pattern_that_would_hang_a_backtracking_matcher_is_linear()
    {
        var variable = new Variable { Name = "x", Pattern = "(a+)+b" };
        var problems = new ProblemList();
        var clock = ThreadClock.Start();
        VariableValues.Parse(variable, new string('a', 50_000), default, problems).ShouldBeNull();
        problems.Sorted().ShouldHaveSingleItem().Code.ShouldBe("YP1044");
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("(?<a>x)\\k<a>")]
    [InlineData("(?=x)")]
    [InlineData("((((a{1000}){1000}){1000}){1000})")]
    [InlineData("a)(b")]
    [InlineData("(?P<a>")]
    [InlineData("[")]
    public void Patterns_that_are_wrong_or_not_linear_are_refused(string pattern)
    {
        LinearPattern.TryParse(pattern, whole: true, out var flaw).ShouldBeNull();
        flaw.ShouldNotBeNull();
    }

    [Fact]
    public void Named_groups_are_read_in_both_spellings()
    {
        LinearPattern.TryParse("(?P<row>[A-P])(?<col>[0-9]+)", whole: true, out _)!.Match("B07").Groups["row"].Value.ShouldBe("B");
        LinearPattern.TryParse("a|b", whole: true, out _)!.IsMatch("xb").ShouldBeFalse();
    }
}
