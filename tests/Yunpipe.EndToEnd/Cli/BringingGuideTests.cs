using System.Diagnostics;
using System.Text.RegularExpressions;
using Yunpipe.Tests;

namespace Yunpipe.EndToEnd.Cli;

/// <summary>The pages about bringing an algorithm along are followed word by word: a block with the name of a file is that file, before the commands or after them.</summary>
public sealed partial class BringingGuideTests
{
    [Theory]
    [InlineData("describing.md", 3)]
    [InlineData("importing.md", 9)]
    public async Task Every_example_does_what_it_says(string page, int least)
    {
        using var bench = new CommandBench();
        var text = await File.ReadAllTextAsync(Path.Combine(Tests.Golden.Root, "docs/guide", page));
        var commands = 0;
        Said? last = null;
        foreach (Match block in Blocks().Matches(text.ReplaceLineEndings("\n")))
        {
            var (kind, name, content) = (block.Groups[1].Value, block.Groups[2].Value, block.Groups[3].Value);
            if (name.Length > 0)
            {
                // What is there already was written by a command.
                if (File.Exists(bench.At(name))) bench.Text(name).ShouldBe(content, $"{page}: {name}");
                else bench.Put(name, content);
            }
            else if (kind == "text") last.ShouldNotBeNull().All.ShouldBe(content, $"{page}: what the command before says");
            else if (kind == "sh")
            {
                foreach (var line in content.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n', StringSplitOptions.RemoveEmptyEntries))
                {
                    last = await Run(bench, line);
                    var expected = ExitCode().Match(line) is { Success: true } told ? int.Parse(told.Groups[1].Value) : 0;
                    last.Exit.ShouldBe(expected, $"{page}: {line}\n{last}");
                    commands++;
                }
            }
        }
        commands.ShouldBeGreaterThanOrEqualTo(least);
    }

    private static async Task<Said> Run(CommandBench bench, string line)
    {
        var start = new ProcessStartInfo("sh", ["-c", line]) { WorkingDirectory = bench.Root, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["PATH"] = $"{Path.GetDirectoryName(bench.Command)}:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!;
        return await CommandBench.End(process);
    }

    [GeneratedRegex("```(\\w+)(?: ([\\w./-]+))?\n(.*?)```", RegexOptions.Singleline)] private static partial Regex Blocks();

    [GeneratedRegex("# exit code ([0-9]+)")] private static partial Regex ExitCode();
}
