using System.Diagnostics;

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

    /// <summary>A terminal that nobody looks at.</summary>
    private sealed class Screen : IDisposable
    {
        private readonly string _socket = $"yunpipe-{Guid.NewGuid():N}";

        public Screen(CommandBench bench, int width, int height)
        {
            if (!"/usr/bin:/bin:/usr/local/bin".Split(':').Any(folder => File.Exists($"{folder}/tmux"))) Assert.Skip("There is no tmux on this machine; apt-get install tmux brings it.");
            Tmux("-f", "/dev/null", "new-session", "-d", "-s", "s", "-x", $"{width}", "-y", $"{height}", "-c", bench.Root, "env", "-u", "CI", "PS1=$ ", "sh");
        }

        public void Type(string line)
        {
            Tmux("send-keys", "-t", "s", "-l", line);
            Key("Enter");
        }

        public void Key(string key) => Tmux("send-keys", "-t", "s", key);

        public void Resize(int width, int height) => Tmux("resize-window", "-t", "s", "-x", $"{width}", "-y", $"{height}");

        public string Text() => Tmux("capture-pane", "-p", "-t", "s");

        public List<string> Lines() => [.. Text().Split('\n')];

        public Task Shows(string text) => CommandBench.Until(() => Text().Contains(text, StringComparison.Ordinal), $"The screen never shows “{text}”:\n{Text()}");

        public void Dispose() => Tmux("kill-server");

        private string Tmux(params string[] words)
        {
            using var process = Process.Start(new ProcessStartInfo("tmux", ["-L", _socket, .. words]) { RedirectStandardOutput = true })!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            process.ExitCode.ShouldBe(0, $"tmux {string.Join(' ', words)}");
            return output;
        }
    }
}
