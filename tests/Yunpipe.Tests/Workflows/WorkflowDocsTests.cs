using System.Reflection;
using System.Text.RegularExpressions;
using Yunpipe.Documents;
using Yunpipe.Items;
using Yunpipe.Workflows;

namespace Yunpipe.Tests.Workflows;

/// <summary>What the pages say is what the code does.</summary>
public sealed class WorkflowDocsTests
{
    private static string Page(string name) => File.ReadAllText(Path.Combine(Golden.Root, "docs", name)).ReplaceLineEndings("\n");

    public static TheoryData<string> Workflows() => [.. Regex.Matches(Page("guide/workflows.md"), "```yaml\n(.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value)];

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Every_example_of_the_guide_is_a_workflow(string text) => TestAlgorithms.Planned(text);

    [Fact]
    public void Every_listing_of_the_guide_is_what_the_files_above_it_give()
    {
        var blocks = Regex.Matches(Page("guide/items.md"), "```(\\w+)\n(.*?)```", RegexOptions.Singleline).Select(match => (Kind: match.Groups[1].Value, Text: match.Groups[2].Value)).ToList();
        string Last(int before, string kind) => blocks.Take(before).Reverse().TakeWhile(block => block.Kind != "listing").FirstOrDefault(block => block.Kind == kind).Text ?? "";
        var listings = 0;
        for (var i = 0; i < blocks.Count; i++)
        {
            if (blocks[i].Kind != "listing") continue;
            var files = Last(i, "files").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(path => new SourceFile(path, 1, "v")).ToList();
            var spec = TestAlgorithms.Read(Regex.Replace(Last(i, "yaml"), "  table:.*\n", "  pattern: '{_}'\n") + "steps: [copy]\n").ShouldBeRead().Input;
            if (Last(i, "table").Length > 0) spec = spec with { Pattern = null, Table = "plate1.csv" };
            var source = ItemSource.Open(spec, path => files.Any(file => file.Path == path) ? files.First(file => file.Path == path) : null, () => new StringReader(Last(i, "table"))).OrThrow();
            ItemListing.Read(source, files).ToText().ShouldBe(blocks[i].Text);
            listings++;
        }
        listings.ShouldBe(4);
        foreach (var (kind, text) in blocks)
            if (kind == "yaml" && !text.Contains("table:", StringComparison.Ordinal)) TestAlgorithms.Read(text + "steps: [copy]\n").ShouldBeRead();
    }

    [Theory]
    [InlineData(typeof(WorkflowCodes))]
    [InlineData(typeof(ItemCodes))]
    public void Every_code_is_explained(Type codes)
    {
        var page = Page("reference/problems.md");
        foreach (var field in codes.GetFields(BindingFlags.Public | BindingFlags.Static)) page.ShouldContain($"| {field.GetValue(null)} | ");
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("input", "## Input")]
    [InlineData("step", "## Steps")]
    [InlineData("gather", "## Gather")]
    public void Every_key_has_its_row(string definition, string heading)
    {
        var page = Page("reference/workflow.md");
        var section = heading.Length == 0 ? page[..page.IndexOf("\n## ", StringComparison.Ordinal)] : page[page.IndexOf(heading, StringComparison.Ordinal)..].Split("\n## ")[0];
        var schema = WorkflowSchema.ToNode();
        DocumentNode node = definition.Length == 0 ? schema : ((MapNode)schema["$defs"]!)[definition]!;
        if (node is MapNode { } map && map["anyOf"] is ListNode options) node = options.Items[^1];
        var keys = ((MapNode)((MapNode)node)["properties"]!).Entries;
        keys.ShouldNotBeEmpty();
        var first = string.Join('\n', section.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('|')[1]));
        foreach (var key in keys) first.ShouldContain($"`{key.Key}`");
    }
}
