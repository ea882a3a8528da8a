using System.Text;
using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Work;

namespace Yunpipe.Agent.Cloud;

/// <summary>The agent as its own hand: runs the process of a job beside itself, in the same container, one at a time (<see cref="SlotLauncher"/> sees to that).</summary>
/// <param name="environment">What the algorithm may see of the agent's environment.</param>
/// <param name="hears">Makes the ear for a run's output.</param>
internal sealed class InProcessLauncher(IReadOnlyDictionary<string, string> environment, Func<AgentRun, OutputLines> hears) : ILauncher
{
    public string Name => "agent";

    /// <summary>What was fetched is the attempt's own.</summary>
    public bool InputsAreWritable => true;

    public string Seen(string hostPath) => hostPath;

    public ValueTask<Reading<AlgorithmProgram>> Resolve(Algorithm algorithm, CancellationToken cancel) =>
        throw new InvalidOperationException("What a worker runs was found out when it was deployed.");

    public AgentDone Run(AlgorithmProgram program, SlotLimits limits, AgentRun run, CancellationToken stop)
    {
        var (reader, writer) = Posix.Pipe();
        try
        {
            using var output = hears(run);
            // The process is watched as always; only the word to stop comes through a pipe of our own.
            using var stopping = stop.UnsafeRegister(_ => new AgentLines(-1, writer).Write(new AgentRequest(Stop: new AgentStop(run.Attempt)), AgentJson.Default.AgentRequest), null);
            return new JobProcess(run, environment, new AgentLines(reader, -1), output.Hear).Run()
                ?? new AgentDone(run.Attempt, EndCause.AgentFailed, 0, new ResourceUse(0, 0, 0), "", 0, "The agent lost its own pipe.");
        }
        finally
        {
            Posix.Close(reader);
            Posix.Close(writer);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>Cuts a run's output into lines for the log. A line that does not end is told in pieces.</summary>
internal sealed class OutputLines(Action<string> tell) : IDisposable
{
    private const int Longest = 8 << 10;
    private readonly byte[] _line = new byte[Longest];
    private int _length;

    public void Hear(ReadOnlySpan<byte> output)
    {
        while (!output.IsEmpty)
        {
            var end = output.IndexOf((byte)'\n');
            var piece = end < 0 ? output : output[..end];
            var fits = Math.Min(piece.Length, Longest - _length);
            piece[..fits].CopyTo(_line.AsSpan(_length));
            _length += fits;
            if (fits < piece.Length)
            {
                Tell();
                output = output[fits..];
                continue;
            }
            if (end >= 0) Tell();
            output = end < 0 ? [] : output[(end + 1)..];
        }
    }

    public void Dispose()
    {
        if (_length > 0) Tell();
    }

    private void Tell()
    {
        tell(Encoding.UTF8.GetString(_line, 0, _length).TrimEnd('\r'));
        _length = 0;
    }
}
