using System.Globalization;
using Yunpipe.Algorithms;
using Yunpipe.Local.Launchers;
using Yunpipe.Work;

namespace Yunpipe.EndToEnd.Containers;

/// <summary>A run of its own: its folders, its launcher, and its containers, which are gone at its end.</summary>
internal sealed class ContainerRun : IAsyncDisposable
{
    public static readonly SlotLimits Usual = new(1, 256L << 20, 0, 512, 16L << 20);

    private readonly ScratchFolder _scratch = new();
    private int _attempts;

    public ContainerRun(string engine, Func<ContainerSettings, ContainerSettings>? change = null, string? inputName = null)
    {
        var agent = Published.Agent;
        Engine = Engines.Find(engine);
        Id = $"e2e-{Guid.NewGuid():N}"[..16];
        Input = _scratch.Folder(inputName ?? "input");
        Attempts = _scratch.Folder("attempts");
        var settings = new ContainerSettings
        {
            Run = Id, Agent = agent, Scratch = _scratch.Folder("scratch"), Attempts = Attempts, Input = Input, Jobs = _scratch.Folder("jobs"),
            // The build machine's docker has no bridge.
            Network = engine == "docker" ? "host" : null,
        };
        Settings = change?.Invoke(settings) ?? settings;
        Launcher = new ContainerLauncher(Engine, Settings);
    }

    public ContainerEngine Engine { get; }
    public ContainerSettings Settings { get; }
    public ContainerLauncher Launcher { get; }
    public string Id { get; }
    public string Input { get; }
    public string Attempts { get; }

    public async Task<AlgorithmProgram> Program(string image = "yunpipe-test", Isolation isolation = Isolation.Worker, bool network = false) =>
        (await Launcher.Resolve(Of(image) with { Isolation = isolation, Network = network }, CancellationToken.None)).OrThrow();

    public static Algorithm Of(string image) => new() { Name = "test", Image = image, Command = new CommandTemplate([]) };

    public (AgentRun Run, string Folder) Prepare(params string[] arguments)
    {
        var folder = Path.Combine(Attempts, Interlocked.Increment(ref _attempts).ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(folder);
        if (Settings.Owner is { } owner) Own(folder, owner.User, owner.Group);
        var seen = Launcher.Seen(folder);
        return (new AgentRun
        {
            Attempt = Path.GetFileName(folder), Jobs = ["j"], Arguments = arguments, Directory = seen, Environment = new Dictionary<string, string>(), Log = seen + "/log", Grace = 500,
        }, folder);
    }

    public AgentDone Run(AlgorithmProgram program, params string[] arguments) => Launcher.Run(program, Usual, Prepare(arguments).Run, CancellationToken.None);

    public AgentDone Shell(AlgorithmProgram program, string script) => Run(program, "/bin/sh", "-c", script);

    /// <summary>Ids of this run's containers, also those that have ended.</summary>
    public string[] Containers() =>
        Engines.Ask(Engine, "ps", "--all", "--quiet", "--filter", $"label=yunpipe.run={Id}").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The agent's process as this machine numbers it.</summary>
    public int AgentPid() => int.Parse(Engines.Ask(Engine, "inspect", "--format", "{{.State.Pid}}", Containers().ShouldHaveSingleItem()), CultureInfo.InvariantCulture);

    /// <summary>Until the engine has removed every container of the run.</summary>
    public void ShouldEndAll() => SpinWait.SpinUntil(() => Containers().Length == 0, TimeSpan.FromSeconds(30)).ShouldBeTrue("a container was left behind");

    public async ValueTask DisposeAsync()
    {
        await Launcher.DisposeAsync();
        try
        {
            ShouldEndAll();
        }
        finally
        {
            _scratch.Dispose();
        }
    }

    private static void Own(string folder, uint user, uint group)
    {
        using var chown = System.Diagnostics.Process.Start("chown", [$"{user}:{group}", folder]);
        chown.WaitForExit();
    }
}
