using Yunpipe.Cli.Console;
using Yunpipe.Cli.Images;
using Yunpipe.Images;
using Yunpipe.Local.Images;

namespace Yunpipe.Cli;

/// <summary>What a command may use of the world; made once, in Program.cs.</summary>
/// <param name="Folder">Where this program's companions lie: agent and toolbox.</param>
internal sealed record CliContext(Terminal Terminal, IReadOnlyDictionary<string, string> Environment, string Folder, TimeProvider Time, Interrupts Interrupts)
{
    private AlgorithmFinder? _algorithms;

    public string AgentPath => Path.Combine(Folder, "yunpipe-agent");

    /// <summary>One for the whole command: an image is resolved once.</summary>
    public AlgorithmFinder Algorithms => _algorithms ??= new AlgorithmFinder(new ImageAlgorithms(this));

    /// <summary>Where images lie, besides their names.</summary>
    public ImagePlaceSettings Places => new() { Environment = Environment, Time = Time, Engine = new EngineImages(Environment).Open };

    /// <summary>What can be made again lies here; null where there is no home.</summary>
    public string? Cache => Environment.GetValueOrDefault("XDG_CACHE_HOME") is { Length: > 0 } cache ? Path.Combine(cache, "yunpipe")
        : Environment.GetValueOrDefault("HOME") is { Length: > 0 } home ? Path.Combine(home, ".cache", "yunpipe") : null;
}

/// <summary>What the exit code says (docs/reference/exit-codes.md).</summary>
internal static class ExitCode
{
    public const int AllDone = 0, Bug = 1, Usage = 2, SomeSetAside = 3, NothingToRun = 4, Held = 5, GaveUp = 6, Interrupted = 130;
}
