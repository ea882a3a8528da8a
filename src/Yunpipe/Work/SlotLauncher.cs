using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Work;

/// <summary>Another launcher, that runs so many processes at once and no more: the others wait for their turn with their inputs at hand.</summary>
public sealed class SlotLauncher(ILauncher launcher, int slots) : ILauncher
{
    private readonly SemaphoreSlim _free = new(slots);

    public string Name => launcher.Name;

    public bool InputsAreWritable => launcher.InputsAreWritable;

    public ValueTask<Reading<AlgorithmProgram>> Resolve(Algorithm algorithm, CancellationToken cancel) => launcher.Resolve(algorithm, cancel);

    public string Seen(string hostPath) => launcher.Seen(hostPath);

    public AgentDone Run(AlgorithmProgram program, SlotLimits limits, AgentRun run, CancellationToken stop)
    {
        try
        {
            _free.Wait(stop);
        }
        catch (OperationCanceledException)
        {
            return new AgentDone(run.Attempt, EndCause.Stopped, 0, new ResourceUse(0, 0, 0), "", 0);
        }
        try
        {
            return launcher.Run(program, limits, run, stop);
        }
        finally
        {
            _free.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await launcher.DisposeAsync();
        _free.Dispose();
    }
}
