using Yunpipe.Documents;

namespace Yunpipe.Algorithms;

/// <summary>The descriptor of an algorithm (model.md, "Algorithms"): everything that is needed to run it, and nothing of any one machine.</summary>
public sealed record Algorithm
{
    public required string Name { get; init; }
    public string Version { get; init; } = "";
    public string Description { get; init; } = "";

    /// <summary>The image reference as written; null for an algorithm that only the process launcher can run.</summary>
    public string? Image { get; init; }
    public required CommandTemplate Command { get; init; }
    public IReadOnlyList<InputPort> Inputs { get; init; } = [];
    public IReadOnlyList<OutputPort> Outputs { get; init; } = [];
    public IReadOnlyList<Variable> Variables { get; init; } = [];
    public IReadOnlyList<VariableRule> Rules { get; init; } = [];
    public Resources Resources { get; init; } = new();
    public IReadOnlyDictionary<int, ExitMeaning> ExitCodes { get; init; } = new Dictionary<int, ExitMeaning>();

    /// <summary>Extra environment of the process; values may insert <c>${variables}</c>.</summary>
    public IReadOnlyDictionary<string, Template> Environment { get; init; } = new Dictionary<string, Template>();
    public Isolation Isolation { get; init; } = Isolation.Worker;

    /// <summary>Where the process starts: <c>${out}</c>, <c>${tmp}</c> or an absolute place inside the container; null for the job's own folder.</summary>
    public Template? Workdir { get; init; }

    /// <summary>The file that the process reads as its standard input; null for an empty one.</summary>
    public Template? Stdin { get; init; }

    /// <summary>Files, relative to <c>${out}</c>, that take what the process writes, instead of the job's log.</summary>
    public Template? Stdout { get; init; }
    public Template? Stderr { get; init; }

    /// <summary>Files that are written for each job before it starts.</summary>
    public IReadOnlyList<ConfigFile> Configs { get; init; } = [];

    /// <summary>Whether the algorithm may reach the network. Held by the container launchers only.</summary>
    public bool Network { get; init; }

    /// <summary>Further files that a script on this machine consists of, relative to <see cref="Directory"/>; their digests enter the identity.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];
    public IReadOnlyList<AlgorithmTest> Tests { get; init; } = [];
    public RetryPolicy Retry { get; init; } = RetryPolicy.Default;

    /// <summary>The folder of the file that described it: relative paths start here. Empty for a descriptor without a file.</summary>
    public string Directory { get; init; } = "";
    public Location Source { get; init; }
}

/// <summary>A port through which an item's part comes in.</summary>
/// <param name="Accepts">Globs on the file name; empty accepts all.</param>
/// <param name="List">True where a gathered group (or a batch) is taken as a list.</param>
/// <param name="Path">A fixed absolute place inside the container, linked there for each job; null for the usual folder.</param>
public sealed record InputPort(string Name, IReadOnlyList<string> Accepts, bool List = false, string? Path = null, bool Required = true, bool Directory = false)
{
    /// <summary>For example <c>--mask</c>: stands before the path, and goes with it where an optional input is missing.</summary>
    public string? Flag { get; init; }

    /// <summary>Between flag and path: null makes two arguments.</summary>
    public string? Separator { get; init; }

    /// <summary>Between the paths of a list inside one argument; null makes one argument each.</summary>
    public string? ListSeparator { get; init; }

    /// <summary>Whether every path of a list has the flag before it.</summary>
    public bool Repeat { get; init; }

    /// <summary>What <c>${name.stem}</c> leaves off beside the usual extensions, each with its dot.</summary>
    public IReadOnlyList<string> Extensions { get; init; } = [];

    /// <summary>What the input puts into the command; nothing where it is missing.</summary>
    public CommandValue? ToArguments(IReadOnlyList<string>? paths)
    {
        if (paths is null || paths.Count == 0) return null;
        return FlaggedValue.Of(List ? paths : [paths[0]], List, Flag, Separator, ListSeparator, Repeat);
    }
}

/// <summary>A port through which files leave.</summary>
/// <param name="Path">A template relative to <c>${out}</c>, with <c>*</c> allowed; or an absolute place inside the container.</param>
/// <param name="Each">True where one job makes many items: one per file.</param>
/// <param name="Minimum">A file smaller than this counts as missing.</param>
public sealed record OutputPort(string Name, Template Path, bool Required = true, bool Each = false, ByteSize Minimum = default, bool Directory = false);

/// <summary>A file that a job finds when it starts.</summary>
/// <param name="Path">Relative to the working directory where that is <c>${out}</c>, else to <c>${tmp}</c>. <c>${name}</c> in the command is its whole path.</param>
/// <param name="Lines">A line that inserts something without a value is left out.</param>
public sealed record ConfigFile(string Name, Template Path, IReadOnlyList<Template> Lines);

/// <summary>What the algorithm asks for. Memory of 0 means “not said”. Timeout zero means none.</summary>
public sealed record Resources
{
    public double Cpu { get; init; } = 1;
    public ByteSize MemoryMinimum { get; init; }
    public ByteSize MemorySuggested { get; init; }
    public int Gpu { get; init; }
    public ByteSize Disk { get; init; }
    public ByteSize SharedMemory { get; init; } = ByteSize.MiB(64);
    public TimeSpan Timeout { get; init; }
    public int Pids { get; init; } = 4096;

    /// <summary>Types of machines that a deployment takes where the step does not run on Fargate, as EC2 names them; empty leaves the choice to price.</summary>
    public IReadOnlyList<string> Machines { get; init; } = [];
}

public enum Isolation { Worker, Job }

/// <summary>Whether trying again can help.</summary>
public enum ExitKind { Permanent, Transient, Success }

/// <summary>What the algorithm means by an exit code.</summary>
public sealed record ExitMeaning(ExitKind Kind, string Says);

/// <summary>How often a failed job is tried, by what went wrong; memory growth is for jobs that ran out of memory.</summary>
/// <param name="Attempts">All tries together, the first included.</param>
public sealed record RetryPolicy(int Attempts, TimeSpan Backoff, double MemoryGrowth)
{
    public static RetryPolicy Default { get; } = new(3, TimeSpan.FromSeconds(1), 2);
}

/// <summary>A sample invocation: inputs by port and variables in, exit code and output digests out.</summary>
public sealed record AlgorithmTest(
    string Name, IReadOnlyDictionary<string, IReadOnlyList<string>> Inputs, IReadOnlyDictionary<string, VariableValue> Variables,
    int ExitCode, IReadOnlyDictionary<string, string> Outputs);
