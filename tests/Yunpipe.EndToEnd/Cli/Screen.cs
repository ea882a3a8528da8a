using System.Diagnostics;

namespace Yunpipe.EndToEnd.Cli;

/// <summary>A terminal that nobody looks at.</summary>
internal sealed class Screen : IDisposable
{
    private readonly string _socket = $"yunpipe-{Guid.NewGuid():N}";

    public Screen(CommandBench bench, int width, int height, params string[] environment)
    {
        if (!"/usr/bin:/bin:/usr/local/bin".Split(':').Any(folder => File.Exists($"{folder}/tmux"))) Assert.Skip("There is no tmux on this machine; apt-get install tmux brings it.");
        Tmux(["-f", "/dev/null", "new-session", "-d", "-s", "s", "-x", $"{width}", "-y", $"{height}", "-c", bench.Root, "env", "-u", "CI", "PS1=$ ", .. environment, "sh"]);
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
