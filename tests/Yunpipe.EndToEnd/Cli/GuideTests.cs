using System.Diagnostics;
using System.Text.RegularExpressions;
using Yunpipe.Tests;

namespace Yunpipe.EndToEnd.Cli;

/// <summary>What the pages about running say is what happens.</summary>
public sealed class GuideTests
{
    private static string Page(string name) => File.ReadAllText(Path.Combine(Tests.Golden.Root, "docs", name)).ReplaceLineEndings("\n");

    [Fact]
    public async Task The_reference_of_run_is_its_help()
    {
        using var bench = new CommandBench();
        var said = await bench.Yunpipe("run", "--help");
        said.Exit.ShouldBe(0);
        var lines = said.Out.Split('\n').Select(line => line.TrimEnd());
        Tests.Golden.CheckFile("docs/reference/run.md", $"""
            # yunpipe run

            What `yunpipe run --help` says. [Running workflows](../guide/running.md) shows it in use, [Exit codes](exit-codes.md) and [Documents of a run](run-json.md) are for scripts.

            ```text
            {string.Join('\n', lines).Trim()}
            ```
            """);
    }

    /// <summary>Blocks of yaml are files, named in their first line; each line of a shell block is a command; <c># exit code 3</c> behind it says how it ends.</summary>
    [Fact]
    public async Task Every_example_of_the_guide_does_what_it_says()
    {
        Published.Find("yunpipe-toolbox");
        using var bench = new CommandBench();
        var commands = 0;
        foreach (Match block in Regex.Matches(Page("guide/running.md"), "```(yaml|sh)\n(.*?)```", RegexOptions.Singleline))
        {
            var text = block.Groups[2].Value;
            if (block.Groups[1].Value == "yaml")
            {
                bench.Put(Regex.Match(text, "^# ([\\w./-]+)\n").Groups[1].Value, text);
                continue;
            }
            foreach (var line in text.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                var start = new ProcessStartInfo("sh", ["-c", line]) { WorkingDirectory = bench.Root, RedirectStandardOutput = true, RedirectStandardError = true };
                start.Environment["PATH"] = $"{Path.GetDirectoryName(bench.Command)}:{Environment.GetEnvironmentVariable("PATH")}";
                using var process = Process.Start(start)!;
                var said = await CommandBench.End(process);
                var expected = Regex.Match(line, "# exit code ([0-9]+)") is { Success: true } told ? int.Parse(told.Groups[1].Value) : 0;
                said.Exit.ShouldBe(expected, $"{line}\n{said}");
                commands++;
            }
        }
        commands.ShouldBeGreaterThan(10);
    }

    [Fact]
    public void Every_exit_code_is_explained()
    {
        var page = Page("reference/exit-codes.md");
        foreach (var code in (int[])[0, 1, 2, 3, 4, 5, 6, 130]) page.ShouldContain($"| {code} | ");
    }

    [Fact]
    public void Every_name_in_the_documents_of_a_run_is_explained()
    {
        var page = Page("reference/run-json.md");
        var documents = string.Concat(((string[])["run-json", "run-bad-workflow-json", "run-changed-variable-json"])
            .Select(name => File.ReadAllText(Path.Combine(Tests.Golden.Root, $"tests/Yunpipe.EndToEnd/Golden/{name}.txt"))));
        var names = Regex.Matches(documents, "\"(\\w+)\":").Select(match => match.Groups[1].Value).Concat(Regex.Matches(documents, "\"event\":\"([\\w-]+)\"").Select(match => match.Groups[1].Value)).ToHashSet();
        names.Count.ShouldBeGreaterThan(25);
        foreach (var name in names) page.ShouldContain($"`{name}`");
    }
}
