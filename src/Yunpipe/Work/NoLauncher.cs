using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Work;

/// <summary>The launcher of a process that makes jobs and runs none, such as the dispatcher. To ask it to run something is a bug.</summary>
public sealed class NoLauncher : ILauncher
{
    public string Name => "none";
    public bool InputsAreWritable => false;

    public ValueTask<Reading<AlgorithmProgram>> Resolve(Algorithm algorithm, CancellationToken cancel) => throw Asked();

    public string Seen(string hostPath) => throw Asked();

    public AgentDone Run(AlgorithmProgram program, SlotLimits limits, AgentRun run, CancellationToken stop) => throw Asked();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static InvalidOperationException Asked() => new("This process runs no algorithms.");
}
