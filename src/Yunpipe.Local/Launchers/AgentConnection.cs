using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Yunpipe.Work;

namespace Yunpipe.Local.Launchers;

/// <summary>One warm agent at the other end of a pair of pipes, whatever started it: the host, docker or podman. Runs one process at a time.</summary>
internal sealed class AgentConnection : IDisposable
{
    /// <summary>An agent that keeps its own deadlines is believed; one that is this late has lost its mind or its machine (a paused container).</summary>
    private static readonly TimeSpan Lateness = TimeSpan.FromSeconds(60);
    private const int Slice = 5_000;

    private readonly AgentCommand _command;
    private readonly AgentLines _lines;
    private readonly int _pid, _stdin, _stdout;
    private readonly Lock _ending = new();
    private bool _closed;

    private AgentConnection(AgentCommand command, int pid, int stdin, int stdout)
    {
        (_command, _pid, _stdin, _stdout) = (command, pid, stdin, stdout);
        _lines = new AgentLines(stdout, stdin);
    }

    public bool Lost { get; private set; }

    /// <summary>False where an idle agent has hung up, or says something that nobody asked for.</summary>
    public bool IsQuiet
    {
        get
        {
            Span<Posix.PollFd> fd = [new Posix.PollFd { Fd = _stdout, Events = Posix.PollIn }];
            return !_lines.HasLine && Posix.Poll(fd, 0) == 0;
        }
    }

    /// <summary>Starts an agent and says hello. The error is what the command wrote when it does not answer.</summary>
    public static (AgentConnection? Agent, string? Error) Start(AgentCommand command, CancellationToken stop)
    {
        using var stderr = new FileStream(command.Errors, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        var (childIn, ourOut) = Posix.Pipe();
        var (ourIn, childOut) = Posix.Pipe();
        var (pid, error) = Spawn.Start(command.Words[0], command.Words, command.Environment, null, childIn, childOut, (int)stderr.SafeFileHandle.DangerousGetHandle());
        Posix.Close(childIn);
        Posix.Close(childOut);
        if (error != 0)
        {
            Posix.Close(ourOut);
            Posix.Close(ourIn);
            return (null, $"“{command.Words[0]}” could not be started: {Posix.ErrorText(error)}.");
        }
        var agent = new AgentConnection(command, pid, ourOut, ourIn);
        var answered = false;
        try
        {
            answered = agent.HasAnswer(command.StartPatience, stop);
            if (answered && agent._lines.Read(AgentJson.Default.AgentHello) is { } hello)
            {
                if (hello.Protocol == AgentProtocol.Version)
                {
                    agent._lines.Write(new AgentHello(AgentProtocol.Version, "", Environment.ProcessId), AgentJson.Default.AgentHello);
                    return (agent, null);
                }
                agent.Dispose();
                return (null, $"The agent speaks version {hello.Protocol} of the protocol, and this Yunpipe version {AgentProtocol.Version}: install both from one release.");
            }
        }
        catch (Exception failure) when (failure is IOException or JsonException)
        {
            // What the command wrote to stderr says more than how its pipe ended.
        }
        agent.Lost = !answered;
        var words = agent.Errors();
        agent.Dispose();
        return (null, words.Length > 0 ? words : answered ? "it ended without a word" : stop.IsCancellationRequested ? "it was stopped" : "it did not answer in time");
    }

    /// <summary>Runs one process and waits for its end. A lost agent answers with <see cref="EndCause.Lost"/>.</summary>
    public AgentDone Run(AgentRun run, CancellationToken stop)
    {
        try
        {
            _lines.Write(new AgentRequest(Run: run), AgentJson.Default.AgentRequest);
            using var stopping = stop.UnsafeRegister(static state =>
            {
                var (lines, attempt) = ((AgentLines, string))state!;
                try
                {
                    lines.Write(new AgentRequest(Stop: new AgentStop(attempt)), AgentJson.Default.AgentRequest);
                }
                catch (IOException)
                {
                    // The agent has gone by itself: the reader below learns it from the end of the stream.
                }
            }, (_lines, run.Attempt));
            var grace = TimeSpan.FromMilliseconds(run.Grace);
            var patience = run.Timeout > 0 ? TimeSpan.FromMilliseconds(run.Timeout) + grace + Lateness : Timeout.InfiniteTimeSpan;
            if (HasAnswer(patience, stop, grace + Lateness) && _lines.Read(AgentJson.Default.AgentDone) is { } done) return done;
        }
        catch (Exception failure) when (failure is IOException or JsonException)
        {
            // Told below, as the loss of the agent that it is.
        }
        Lost = true;
        return new AgentDone(run.Attempt, EndCause.Lost, 0, new ResourceUse(0, 0, 0), "", 0, Errors());
    }

    /// <summary>Closes the pipes, which ends the agent and all that it started; kills what does not follow.</summary>
    public void Dispose()
    {
        lock (_ending)
        {
            if (_closed) return;
            _closed = true;
        }
        Posix.Close(_stdin);
        var pidFd = Posix.OpenPid(_pid);
        Span<Posix.PollFd> fd = [new Posix.PollFd { Fd = pidFd, Events = Posix.PollIn }];
        var ended = !Lost && Posix.Poll(fd, (int)_command.EndPatience.TotalMilliseconds) > 0;
        if (!ended) _command.Clear();
        if (Posix.Wait(_pid, hang: false) is null)
        {
            Posix.Kill(-_pid, Posix.SigKill);
            _ = Posix.Wait(_pid, hang: true);
        }
        Posix.Close(pidFd);
        Posix.Close(_stdout);
        if (File.Exists(_command.Errors)) File.Delete(_command.Errors);
    }

    /// <summary>True when a line (or the end of the stream) is there; false when time is over, also the shorter time that is left after a stop.</summary>
    private bool HasAnswer(TimeSpan patience, CancellationToken stop, TimeSpan afterStop = default)
    {
        var started = Stopwatch.GetTimestamp();
        TimeSpan? stoppedAt = null;
        Span<Posix.PollFd> fd = stackalloc Posix.PollFd[1];
        while (!_lines.HasLine)
        {
            fd[0] = new Posix.PollFd { Fd = _stdout, Events = Posix.PollIn };
            if (Posix.Poll(fd, afterStop == default ? 100 : Slice) > 0) return true;
            var elapsed = Stopwatch.GetElapsedTime(started);
            if (stop.IsCancellationRequested) stoppedAt ??= elapsed;
            if (patience != Timeout.InfiniteTimeSpan && elapsed >= patience) return false;
            if (stoppedAt is { } at && elapsed - at >= afterStop) return false;
        }
        return true;
    }

    private string Errors()
    {
        if (!File.Exists(_command.Errors)) return "";
        using var file = new FileStream(_command.Errors, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Seek(-Math.Min(file.Length, 2048), SeekOrigin.End);
        using var reader = new StreamReader(file, Encoding.UTF8);
        return reader.ReadToEnd().Trim();
    }
}
