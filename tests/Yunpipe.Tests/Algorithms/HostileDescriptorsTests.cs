using Yunpipe.Algorithms;
using Yunpipe.Algorithms.Describing;
using Yunpipe.Documents;
using Yunpipe.Tests.Documents;

namespace Yunpipe.Tests.Algorithms;

/// <summary>Descriptors that mean harm: an answer in bounded time, whatever multiplies in them.</summary>
[Collection(nameof(LargeDocuments))]
public sealed class HostileDescriptorsTests
{
    private static string Many(int count, Func<int, string> each, string between = ", ") => string.Join(between, Enumerable.Range(0, count).Select(each));

    [Theory]
    [InlineData("(a+)+b")]
    [InlineData("(a|aa)+b")]
    [InlineData("(a|a)*b")]
    [InlineData("(.*a){20}b")]
    [InlineData("(a*)*b")]
    [InlineData("^(([a-z])+.)+[A-Z]([a-z])+$")]
    [InlineData("(a?){100}a{100}b")]
    [InlineData("[a-z]{0,500}[a-z]{0,500}b")]
    public void A_pattern_that_would_hang_a_backtracking_matcher_answers_at_once(string pattern)
    {
        var clock = ThreadClock.Start();
        var read = AlgorithmReader.Read($"{{name: x, command: [x, \"${{v}}\"], variables: {{v: {{pattern: '{pattern}'}}}}}}", "a.yaml", "");
        if (read.Value is { } algorithm)
        {
            var problems = new ProblemList();
            VariableValues.Parse(algorithm.Variables[0], new string('a', 50_000), default, problems);
            problems.Sorted().ShouldHaveSingleItem().Code.ShouldBe(AlgorithmCodes.PatternMismatch);
        }
        else read.Problems.ShouldHaveSingleItem().Code.ShouldBe(AlgorithmCodes.BadPattern);
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Variables_that_require_each_other_in_a_circle_are_all_or_none()
    {
        var algorithm = AlgorithmReader.Read($"{{name: x, command: [x, {Many(900, i => $"\"${{v{i}}}\"")}], variables: {{{Many(900, i => $"v{i}: {{flag: -v{i}}}")}}}, rules: [{Many(900, i => $"{{requires: [v{i}, v{(i + 1) % 900}]}}")}]}}", "a.yaml", "").ShouldBeRead();
        VariableValues.Resolve(algorithm, null, default).Problems.ShouldBeEmpty();
        VariableValues.Resolve(algorithm, new Dictionary<string, VariableValue> { ["v0"] = VariableValue.Of("x") }, default).Problems.ShouldHaveSingleItem().Code.ShouldBe(AlgorithmCodes.RuleBroken);
        SampleJob.For(algorithm, new Dictionary<string, VariableValue> { ["v0"] = VariableValue.Of("x") }).Values.Count.ShouldBe(900);
    }

    [Fact]
    public void A_command_of_megabytes_over_thousands_of_names_is_read_or_refused_in_seconds()
    {
        var clock = ThreadClock.Start();
        // The last of thousands of variables, a million times.
        AlgorithmReader.Read($"{{name: x, command: [x, \"{string.Concat(Enumerable.Repeat("${v4999}", 1_000_000))}\"], variables: {{{Many(5_000, i => $"v{i}: ")}}}}}", "a.yaml", "").Problems.Count.ShouldBeInRange(1, ProblemList.Kept + 1);
        AlgorithmReader.Read($"{{name: x, command: [x, \"{string.Concat(Enumerable.Repeat("${w}", 1_000_000))}\"], variables: {{{Many(5_000, i => $"v{i}: ")}}}}}", "a.yaml", "").Problems.Count.ShouldBeInRange(1, ProblemList.Kept + 1);
        AlgorithmReader.Read($"{{name: x, command: [x], variables: {{v: {{type: enum, values: [{Many(15_000, i => $"a{i}")}], default: [{Many(4_000, i => $"b{i}")}]}}}}}}", "a.yaml", "").Problems.Count.ShouldBeInRange(1, ProblemList.Kept + 1);
        AlgorithmReader.Read($"{{name: x, command: [x], variables: {{{Many(100, i => $"v{i}: {{pattern: '(a{{1,900}}b){{1,9}}'}}")}}}}}", "a.yaml", "").Problems.Count.ShouldBeInRange(1, ProblemList.Kept + 1);
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60));
    }
}
