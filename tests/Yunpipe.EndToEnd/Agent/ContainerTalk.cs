using Yunpipe.EndToEnd.Containers;
using Yunpipe.Local.Launchers;

namespace Yunpipe.EndToEnd.Agent;

/// <summary>The published agent as the first process of a container, under the hardest rules: another user, nothing writable but the attempt, no capability,
/// no new privileges, 32 MiB.</summary>
internal sealed class ContainerTalk : IDisposable
{
    public const long Memory = 32L << 20;
    private readonly ScratchFolder _scratch = new();
    private readonly ContainerEngine _engine;
    private readonly string _name = $"yunpipe-e2e-{Guid.NewGuid():N}"[..24];

    public ContainerTalk(string engine, string image, long memory = Memory, params string[] more)
    {
        var agent = Published.Agent;
        _engine = Engines.Find(engine);
        Folder = _scratch.Folder("attempt");
        File.SetUnixFileMode(Folder, (UnixFileMode)0b111_111_111);
        string[] words =
        [
            _engine.Executable, "run", "--rm", "--interactive", "--name", _name, "--pull=never", "--log-driver", "none", "--network", "none", "--user", "12345:12345", "--read-only",
            "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--memory", $"{memory}", "--memory-swap", $"{memory}", "--workdir", "/",
            "--volume", $"{agent}:/opt/yunpipe/agent:ro", "--volume", $"{Folder}:/attempt", .. more, "--entrypoint", "/opt/yunpipe/agent", image, "serve",
        ];
        Agent = new AgentTalk(_scratch, "/attempt", words, _engine.Environment);
        Agent.Greet();
    }

    public AgentTalk Agent { get; }

    /// <summary>The attempt's folder as this machine sees it.</summary>
    public string Folder { get; }

    public void Dispose()
    {
        // The end of its stdin ends the agent, and that the container; the engine's client must not be killed before it has removed it.
        Agent.End();
        _engine.Ask(["rm", "--force", _name], TimeSpan.FromSeconds(60), CancellationToken.None);
        Agent.Dispose();
        _scratch.Dispose();
    }
}
