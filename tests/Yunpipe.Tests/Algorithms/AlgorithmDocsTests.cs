using System.Reflection;
using System.Text.RegularExpressions;
using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Tests.Algorithms;

public class AlgorithmDocsTests
{
    private static string Page(string path) => File.ReadAllText(Path.Combine(Golden.Root, "docs", path));

    public static TheoryData<string> Examples() =>
        [.. Regex.Matches(Page("guide/algorithms.md"), "```yaml\n(name:.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value)];

    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_example_of_the_guide_is_an_algorithm(string text) => AlgorithmReader.Read(text, "example.yaml", "").ShouldBeRead();

    [Fact]
    public void The_guide_tells_the_command_of_its_example_truly()
    {
        var algorithm = AlgorithmReader.Read(Examples().Select(row => row.Data).First(text => text.StartsWith("name: denoise", StringComparison.Ordinal)), "example.yaml", "").ShouldBeRead();
        var values = new Dictionary<string, VariableValue> { ["sigma"] = VariableValue.Of("2"), ["fast"] = VariableValue.Of("true"), ["planes"] = new(["1", "3"], true) };
        CommandPreview.ToLine(CommandPreview.Of(algorithm, values, new Dictionary<string, IReadOnlyList<string>> { ["image"] = ["x.tif"] }).ShouldBeRead())
            .ShouldBe("denoise --sigma=2 --fast --planes 1,3 /in/image/x.tif /out/x.tif");
        Page("guide/algorithms.md").ShouldContain("runs `denoise --sigma=2 --fast --planes 1,3 …`");
    }

    [Fact]
    public void The_reference_has_every_key_of_the_schema()
    {
        var page = Page("reference/algorithm.md");
        foreach (var key in Keys(AlgorithmSchema.ToNode()).Distinct()) page.ShouldMatch($"`[^`]*{Regex.Escape(key)}[^`]*`", $"The reference does not tell of “{key}”.");
    }

    [Fact]
    public void Every_code_is_listed_once_and_none_is_used_for_two_things()
    {
        var codes = new[] { typeof(DocumentCodes), typeof(AlgorithmCodes) }
            .SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static)).Select(field => (string)field.GetRawConstantValue()!).ToList();
        codes.ShouldBeUnique();
        Regex.Matches(Page("reference/problems.md"), @"(?m)^\| (YP10\d\d) \|").Select(match => match.Groups[1].Value).Order().ShouldBe(codes.Order());
    }

    private static IEnumerable<string> Keys(DocumentNode node) => node switch
    {
        MapNode map => ((map["properties"] as MapNode)?.Entries.Select(entry => entry.Key) ?? []).Concat(map.Entries.SelectMany(entry => Keys(entry.Value))),
        ListNode list => list.Items.SelectMany(Keys),
        _ => [],
    };
}
