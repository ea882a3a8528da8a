using System.Collections.Concurrent;
using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Images;
using Yunpipe.Work;

namespace Yunpipe.Local.Launchers;

/// <summary>Runs algorithms as processes of this machine, each in the hand of an agent of its own, so that timeouts, groups and orphans are
/// looked after by the same code as in a container.</summary>
/// <param name="agent">Path of the agent executable.</param>
/// <param name="environment">This process's environment, which the algorithms inherit.</param>
/// <param name="scratch">A folder for the agents' error output.</param>
/// <param name="tools">Folders that come before PATH: where the toolbox lies.</param>
public sealed class ProcessLauncher(string agent, IReadOnlyDictionary<string, string> environment, string scratch, IReadOnlyList<string> tools) : ILauncher
{
    private readonly ConcurrentBag<AgentConnection> _idle = [];
    private readonly ConcurrentDictionary<string, Digest> _digests = new();
    private int _started;

    public string Name => "process";

    public bool InputsAreWritable => true;

    public string Seen(string hostPath) => hostPath;

    public ValueTask<Reading<AlgorithmProgram>> Resolve(Algorithm algorithm, CancellationToken cancel)
    {
        var problems = new List<Problem>();
        var command = algorithm.Command.Tokens[0].Source;
        var executable = algorithm.Directory.Length > 0 && !Path.IsPathRooted(command) && File.Exists(Path.Combine(algorithm.Directory, command))
            ? Path.GetFullPath(Path.Combine(algorithm.Directory, command))
            : Spawn.Find(command, [.. tools, .. environment.GetValueOrDefault("PATH", "").Split(':')]);
        if (executable is null)
            problems.Add(new Problem("YP4001", $"The program “{command}” of algorithm “{algorithm.Name}” is neither beside its file nor in PATH.", algorithm.Source,
                algorithm.Image is null ? "Install it, or name an image." : "Install it, or run the image with --launcher docker or podman."));
        var files = AlgorithmFiles.Digests(algorithm, DigestOf, problems);
        if (problems.Count > 0) return ValueTask.FromResult(new Reading<AlgorithmProgram>(null, problems));
        var program = new AlgorithmProgram($"process {DigestOf(executable!)}", null, executable, files, algorithm.Network, algorithm.Isolation);
        return ValueTask.FromResult(new Reading<AlgorithmProgram>(program, []));
    }

    public AgentDone Run(AlgorithmProgram program, SlotLimits limits, AgentRun run, CancellationToken stop)
    {
        AgentConnection? connection;
        while (_idle.TryTake(out connection) && !connection.IsQuiet) connection.Dispose();
        if (connection is null)
        {
            (connection, var error) = AgentConnection.Start(Command(), stop);
            if (connection is null) return new AgentDone(run.Attempt, EndCause.AgentFailed, 0, new ResourceUse(0, 0, 0), "", 0, error);
        }
        var done = connection.Run(run, stop);
        if (connection.Lost) connection.Dispose();
        else _idle.Add(connection);
        return done;
    }

    private AgentCommand Command()
    {
        // What an agent leaves when it is killed is found by a mark that all below it inherit.
        var mark = $"{LeftBehind.Marker}={Guid.NewGuid():N}";
        var errors = Path.Combine(scratch, $"agent-{Interlocked.Increment(ref _started)}.err");
        return new AgentCommand([agent, "serve"], [.. environment.Select(pair => $"{pair.Key}={pair.Value}"), mark], errors, () => LeftBehind.Kill(mark));
    }

    public ValueTask DisposeAsync()
    {
        while (_idle.TryTake(out var connection)) connection.Dispose();
        return ValueTask.CompletedTask;
    }

    private Digest DigestOf(string path) => _digests.GetOrAdd(path, AlgorithmFiles.DigestOf);
}
