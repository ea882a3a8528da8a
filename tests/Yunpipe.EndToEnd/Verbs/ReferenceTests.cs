using Yunpipe.Tests;

namespace Yunpipe.EndToEnd.Verbs;

/// <summary>The reference pages are what the command says of itself.</summary>
public sealed class ReferenceTests
{
    [Theory]
    [InlineData("items")]
    [InlineData("plan")]
    [InlineData("status")]
    [InlineData("failures")]
    [InlineData("logs")]
    [InlineData("debug")]
    [InlineData("clean")]
    [InlineData("report")]
    [InlineData("wrap")]
    [InlineData("unwrap")]
    [InlineData("deploy")]
    [InlineData("doctor")]
    [InlineData("destroy")]
    public void Every_verb_has_its_page(string verb)
    {
        using var cli = new Cli();
        Golden.CheckFile($"docs/reference/{verb}.md", $"# yunpipe {verb}\n\n{Page(cli, verb)}");
    }

    [Theory]
    [InlineData("workflow", "validate", "graph", "schema", "import")]
    [InlineData("algorithm", "list", "show", "describe", "validate", "preview", "run", "schema", "test", "new", "import", "export")]
    public void Every_group_of_verbs_has_its_page(string verb, params string[] children)
    {
        using var cli = new Cli();
        Golden.CheckFile($"docs/reference/{verb}-verbs.md", $"# yunpipe {verb}\n\n{Page(cli, verb)}{string.Concat(children.Select(child => $"\n## yunpipe {verb} {child}\n\n{Page(cli, verb, child)}"))}");
    }

    private static string Page(Cli cli, params string[] words)
    {
        var said = cli.Do([.. words, "--help"]);
        said.Exit.ShouldBe(0);
        return $"```\n{string.Join('\n', said.Out.Split('\n').Select(line => line.TrimEnd())).Trim('\n')}\n```\n";
    }
}
