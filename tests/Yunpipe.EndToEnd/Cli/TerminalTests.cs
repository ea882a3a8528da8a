namespace Yunpipe.EndToEnd.Cli;

/// <summary>What stands on the screen, in a real terminal.</summary>
public sealed class TerminalTests
{
    [Fact]
    public async Task The_table_is_drawn_over_itself_and_survives_a_change_of_the_windows_size()
    {
        using var bench = new CommandBench().WithScript("while ! test -e \"${2%/attempts/*}/../../go\"; do sleep 0.02; done; grep -q bad \"$1\" && exit 1; cp \"$1\" \"$2\"");
        for (var i = 0; i < 12; i++) bench.Put($"in/{i:d2}.txt", i == 5 ? "bad" : $"{i}");
        using var screen = new Screen(bench, 100, 24);
        screen.Type($"{bench.Command} run workflow.yaml --jobs 2; echo code $?");
        await screen.Shows("images/s");
        await Task.Delay(500);
        var lines = screen.Lines();
        lines.Count(line => line.StartsWith("demo  ", StringComparison.Ordinal)).ShouldBe(1, screen.Text());
        lines.Single(line => line.StartsWith("work ", StringComparison.Ordinal)).ShouldMatch(@"work\s+0.*\s2\s+10\s+0");

        screen.Resize(40, 24);
        await Task.Delay(500);
        screen.Lines().Count(line => line.StartsWith("step ", StringComparison.Ordinal)).ShouldBe(1, screen.Text());
        screen.Lines().ShouldAllBe(line => line.Length < 41);
        screen.Resize(100, 6);
        await Task.Delay(500);
        screen.Resize(100, 24);

        bench.Put("go", "");
        await screen.Shows("code 3");
        var text = screen.Text();
        text.ShouldContain("set aside: work 05.txt: The algorithm ended with exit code 1 and wrote nothing.");
        text.ShouldContain("demo: 12 items in");
        text.ShouldNotContain("time left");
    }

    [Fact]
    public async Task Ctrl_C_ends_with_a_summary_and_a_clean_screen()
    {
        using var bench = new CommandBench().WithScript("sleep 0.2; cp \"$1\" \"$2\"");
        for (var i = 0; i < 500; i++) bench.Put($"in/{i:d3}.txt", $"{i}");
        using var screen = new Screen(bench, 90, 20);
        screen.Type($"{bench.Command} run workflow.yaml --jobs 2; echo code $?");
        await screen.Shows("images/s");
        screen.Key("C-c");
        await screen.Shows("code 130");
        screen.Text().ShouldContain("Interrupted: what is done is kept");
        screen.Text().ShouldNotContain("time left");
        screen.Type("echo still here");
        await screen.Shows("\nstill here");
    }
}
