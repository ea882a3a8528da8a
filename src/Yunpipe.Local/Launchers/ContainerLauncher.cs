using System.Collections.Concurrent;
using System.Globalization;
using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Images;
using Yunpipe.Work;

namespace Yunpipe.Local.Launchers;

/// <summary>Runs algorithms in warm containers of docker or podman. A container is started once per image, limits and network; its entrypoint is our
/// agent, mounted from the host, and jobs go over the client's stdin and stdout. When this process ends in whatever way, the client's stdin closes,
/// the agent ends, and the engine removes the container.</summary>
public sealed class ContainerLauncher : ILauncher
{
    private static readonly TimeSpan RemovePatience = TimeSpan.FromSeconds(30);

    private readonly ContainerEngine _engine;
    private readonly ContainerSettings _settings;
    private readonly ContainerPlaces _places;
    private readonly ContainerImages _images;
    private readonly WarmContainers _warm;
    private readonly ConcurrentDictionary<string, Digest> _digests = new();
    private readonly Lazy<bool> _swept;
    private readonly string _prefix = $"yunpipe-{Guid.NewGuid():N}"[..16];
    private int _started;

    /// <summary>True after something went wrong of which the engine may have left a container, ended or half made.</summary>
    private volatile bool _suspect;

    public ContainerLauncher(ContainerEngine engine, ContainerSettings settings)
    {
        (_engine, _settings) = (engine, settings);
        _places = new ContainerPlaces(settings.Agent, settings.Attempts, settings.Input, settings.Jobs, settings.Reference, settings.Own);
        _images = new ContainerImages(engine, settings.Says);
        _warm = new WarmContainers(settings.Idle);
        _swept = new Lazy<bool>(RemoveLeftovers);
    }

    public string Name => _engine.Name;

    public bool InputsAreWritable => false;

    /// <summary>How many containers were started so far.</summary>
    public int Started => _started;

    public string Seen(string hostPath) => _places.Seen(hostPath);

    public async ValueTask<Reading<AlgorithmProgram>> Resolve(Algorithm algorithm, CancellationToken cancel) =>
        await Task.Factory.StartNew(() => ResolveNow(algorithm, cancel), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private Reading<AlgorithmProgram> ResolveNow(Algorithm algorithm, CancellationToken cancel)
    {
        if (algorithm.Image is null)
            return new Reading<AlgorithmProgram>(null, [new Problem("YP4108", $"Algorithm “{algorithm.Name}” names no image, which {Name} needs.", algorithm.Source,
                "Name one, or run with --launcher process.")]);
        var problems = new List<Problem>();
        var files = AlgorithmFiles.Digests(algorithm, path => _digests.GetOrAdd(path, AlgorithmFiles.DigestOf), problems);
        var image = _images.Find(algorithm.Image, cancel);
        problems.AddRange(image.Problems.Select(problem => problem with { Where = algorithm.Source.File is null ? null : algorithm.Source }));
        _ = _swept.Value;
        return problems.Count > 0
            ? new Reading<AlgorithmProgram>(null, problems)
            : new Reading<AlgorithmProgram>(new AlgorithmProgram(image.Value!.Identity.ToString(), image.Value.Reference, null, files, algorithm.Network, algorithm.Isolation), []);
    }

    public AgentDone Run(AlgorithmProgram program, SlotLimits limits, AgentRun run, CancellationToken stop)
    {
        var image = program.Image ?? throw new ArgumentException("A container needs an image.", nameof(program));
        var kind = ContainerKind.Of(image, program.Network, limits);
        var container = program.Isolation == Isolation.Job ? null : _warm.Take(kind);
        if (container is null)
        {
            (container, var failed) = Start(kind, run, stop);
            // An engine under which a container is killed may blame its image, its limits or its network: what is really wrong is so once more.
            if (failed is { Cause: EndCause.NotStarted or EndCause.ImagePull }) (container, failed) = Start(kind, run, stop);
            if (container is null) return failed!;
        }
        var done = container.Agent.Run(Numbered(run, limits), stop);
        if (done.Cause == EndCause.Lost)
        {
            _suspect = true;
            done = done with { Message = string.IsNullOrEmpty(done.Message) ? null : EngineWords.Condense(done.Message) + "." };
        }
        if (Keeps(program, done)) _warm.Return(container);
        else _warm.End(container);
        return done;
    }

    /// <summary>The command that opens a shell where a job would run: same image, limits, mounts and environment.</summary>
    /// <param name="terminal">True where a person sits at it.</param>
    public IReadOnlyList<string> Shell(AlgorithmProgram program, SlotLimits limits, AgentRun run, bool terminal)
    {
        var kind = ContainerKind.Of(program.Image ?? throw new ArgumentException("A container needs an image.", nameof(program)), program.Network, limits);
        var words = ContainerArguments.Of(_engine, _settings, _places, kind with { Image = _images.IdOf(kind.Image) }, $"{_prefix}-shell");
        var image = words[^2];
        words.RemoveRange(words.Count - 4, 4);
        if (terminal) words.Add("--tty");
        words.AddRange(["--workdir", run.Directory]);
        foreach (var (name, value) in run.Environment) words.AddRange(["--env", $"{name}={value}"]);
        return [.. words, "--entrypoint", "/bin/sh", image];
    }

    public async ValueTask DisposeAsync()
    {
        await _warm.EndAll();
        if (_suspect) await Task.Run(RemoveLeftovers);
    }

    /// <summary>Inside, the given devices are all that there are, and are counted from 0.</summary>
    private static AgentRun Numbered(AgentRun run, SlotLimits limits) => limits.Devices is { Count: > 0 } devices
        ? run with { Environment = new Dictionary<string, string>(run.Environment) { ["CUDA_VISIBLE_DEVICES"] = string.Join(',', Enumerable.Range(0, devices.Count)) } } : run;

    /// <summary>A container that a job has shaken is not given to the next; nor is one in which somebody else kills.</summary>
    private static bool Keeps(AlgorithmProgram program, AgentDone done) => program.Isolation == Isolation.Worker && done switch
    {
        { Cause: EndCause.Exited or EndCause.NotStarted } => true,
        { Cause: EndCause.Signalled, Exit: not Posix.SigKill } => true,
        _ => false,
    };

    private (WarmContainer? Container, AgentDone? Failed) Start(ContainerKind kind, AgentRun run, CancellationToken stop)
    {
        _ = _swept.Value;
        var number = Interlocked.Increment(ref _started);
        var name = string.Create(CultureInfo.InvariantCulture, $"{_prefix}-{number}");
        var words = ContainerArguments.Of(_engine, _settings, _places, kind with { Image = _images.IdOf(kind.Image) }, name);
        var errors = Path.Combine(_settings.Scratch, $"{name}.err");
        var command = new AgentCommand(words, _engine.Environment, errors, () => Remove([name]))
        {
            StartPatience = _settings.StartPatience,
            // Removing a container can take long on a busy machine, and an engine's client that is killed meanwhile leaves it behind.
            EndPatience = TimeSpan.FromSeconds(20),
        };
        var (agent, error) = AgentConnection.Start(command, stop);
        if (agent is not null) return (new WarmContainer(kind, name, agent), null);
        _suspect = true;
        var (cause, problem) = stop.IsCancellationRequested
            ? (EndCause.Stopped, new Problem("YP4128", "The run was stopped while a container started."))
            : EngineWords.Start(Name, kind.Image, error!);
        return (null, new AgentDone(run.Attempt, cause, 0, new ResourceUse(0, 0, 0), "", 0, problem.ToString()));
    }

    /// <summary>Removes every container that carries this run's label: those of a run before that was killed in a bad moment.</summary>
    private bool RemoveLeftovers()
    {
        var listed = _engine.Ask(["ps", "--all", "--quiet", "--filter", $"label={ContainerArguments.RunLabel}={_settings.Run}"], RemovePatience, CancellationToken.None);
        var names = listed.Output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (listed.Ok && names.Length > 0) Remove(names);
        return true;
    }

    private void Remove(IReadOnlyList<string> names) => _ = _engine.Ask(["rm", "--force", "--volumes", .. names], RemovePatience, CancellationToken.None);
}
