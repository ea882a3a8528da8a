using System.Globalization;
using System.Text;
using Yunpipe.Documents;
using Yunpipe.Work;

namespace Yunpipe.Local.Launchers;

/// <summary>One warm agent at the other end of a pair of pipes, whatever started it: the host, docker or podman. Runs one process at a time.</summary>
internal sealed class AgentConnection : IDisposable
{
    /// <summary>Set in every agent's environment and inherited by all below it, so that what an agent leaves when it is killed can be found.</summary>
    public const string Marker = "YUNPIPE_AGENT";

    private readonly AgentLines _lines;
    private readonly int _stdin, _stdout;
    private readonly string _errors;
    private readonly string _token;
    private readonly Lock _ending = new();
    private int _pid;
    private bool _closed;

    private AgentConnection(int pid, int stdin, int stdout, string errors, string token)
    {
        (_pid, _stdin, _stdout, _errors, _token) = (pid, stdin, stdout, errors, token);
        _lines = new AgentLines(stdout, stdin);
    }

    public bool Lost { get; private set; }

    /// <summary>Starts an agent by a command and says hello. The problem tells what the command wrote when it does not answer.</summary>
    /// <param name="errors">A file for what the command writes to stderr.</param>
    public static (AgentConnection? Agent, string? Error) Start(string file, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, string errors)
    {
        var token = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);
        var (childIn, ourOut) = Posix.Pipe();
        var (ourIn, childOut) = Posix.Pipe();
        using var stderr = new FileStream(errors, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        var (pid, error) = Spawn.Start(file, arguments, [.. environment, $"{Marker}={token}"], null, childIn, childOut, (int)stderr.SafeFileHandle.DangerousGetHandle());
        Posix.Close(childIn);
        Posix.Close(childOut);
        if (error != 0)
        {
            Posix.Close(ourOut);
            Posix.Close(ourIn);
            return (null, $"“{file}” could not be started: {Posix.ErrorText(error)}.");
        }
        var agent = new AgentConnection(pid, ourOut, ourIn, errors, token);
        try
        {
            if (agent._lines.Read(AgentJson.Default.AgentHello) is { Protocol: AgentProtocol.Version })
            {
                agent._lines.Write(new AgentHello(AgentProtocol.Version, "", Environment.ProcessId), AgentJson.Default.AgentHello);
                return (agent, null);
            }
        }
        catch (Exception failure) when (failure is IOException or System.Text.Json.JsonException)
        {
            // What the command wrote to stderr says more than how its pipe ended.
        }
        agent.Dispose();
        return (null, agent.Errors());
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
            if (_lines.Read(AgentJson.Default.AgentDone) is { } done) return done;
        }
        catch (Exception failure) when (failure is IOException or System.Text.Json.JsonException)
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
        if (!Lost) _ = Posix.Poll(fd, 5_000);
        if (Posix.Wait(_pid, hang: false) is null)
        {
            Posix.Kill(_pid, Posix.SigKill);
            _ = Posix.Wait(_pid, hang: true);
        }
        Posix.Close(pidFd);
        Posix.Close(_stdout);
        if (Lost) LeftBehind.Kill($"{Marker}={_token}");
        _pid = -1;
        if (File.Exists(_errors)) File.Delete(_errors);
    }

    private string Errors()
    {
        if (!File.Exists(_errors)) return "";
        using var file = new FileStream(_errors, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Seek(-Math.Min(file.Length, 2048), SeekOrigin.End);
        using var reader = new StreamReader(file, Encoding.UTF8);
        return reader.ReadToEnd().Trim();
    }
}
