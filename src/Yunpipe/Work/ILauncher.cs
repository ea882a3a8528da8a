using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Work;

/// <summary>How an algorithm's process is started: on the host, or in a container (design.md §2). It keeps agents warm between jobs.</summary>
public interface ILauncher : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Finds what will run, once per run: a tag becomes a digest, a program's bytes are hashed.</summary>
    ValueTask<Reading<AlgorithmProgram>> Resolve(Algorithm algorithm, CancellationToken cancel);

    /// <summary>The path under which the algorithm sees a host path of the store or of an attempt.</summary>
    string Seen(string hostPath);

    /// <summary>True where the algorithm can write through an input's link, so that the input is to be compared afterwards.</summary>
    bool InputsAreWritable { get; }

    /// <summary>Runs one process. Blocks the calling thread while it runs: at tens of slots a thread each is cheaper than being woken twice.
    /// An agent that was lost answers with <see cref="EndCause.Lost"/> and is replaced for the next call.</summary>
    AgentDone Run(AlgorithmProgram program, SlotLimits limits, AgentRun run, CancellationToken stop);
}

/// <summary>What runs, found once.</summary>
/// <param name="Identity">Enters the algorithm's identity.</param>
/// <param name="Image">Digest reference of the image; null on the host.</param>
/// <param name="Executable">Replaces the command's first token where it was found beside the descriptor; null leaves it.</param>
/// <param name="Files">Digests of the files that belong to the algorithm.</param>
public sealed record AlgorithmProgram(
    string Identity, string? Image, string? Executable, IReadOnlyDictionary<string, Images.Digest> Files, bool Network = false, Isolation Isolation = Isolation.Worker);

/// <summary>What a slot may use. Memory 0 is no limit.</summary>
public readonly record struct SlotLimits(double Cpu, long Memory, int Gpu, int Pids, long SharedMemory, IReadOnlyList<int>? Devices = null);
