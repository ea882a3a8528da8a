using System.Text;
using Yunpipe.Work;

namespace Yunpipe.EndToEnd.Agent;

/// <summary>The published agent at the other end of two pipes, spoken to in bytes: on this machine, or as a container's first process.</summary>
internal sealed class AgentTalk : IDisposable
{
    private readonly int _stdin, _stdout;
    private bool _hungUp;

    public AgentTalk(ScratchFolder scratch) : this(scratch, scratch.Folder("attempt"), [Published.Agent, "serve"], ["PATH=/usr/bin:/bin"])
    {
    }

    /// <param name="attempt">The attempt's folder as the agent sees it.</param>
    /// <param name="command">What starts the agent; its first word is the path of a program.</param>
    public AgentTalk(ScratchFolder scratch, string attempt, IReadOnlyList<string> command, IReadOnlyList<string> environment)
    {
        Attempt = attempt;
        var (childIn, ourOut) = Posix.Pipe();
        var (ourIn, childOut) = Posix.Pipe();
        using var errors = new FileStream(Path.Combine(scratch.Root, "agent.err"), FileMode.Create);
        var (pid, error) = Spawn.Start(command[0], command, environment, null, childIn, childOut, (int)errors.SafeFileHandle.DangerousGetHandle());
        error.ShouldBe(0);
        Posix.Close(childIn);
        Posix.Close(childOut);
        (Pid, _stdin, _stdout) = (pid, ourOut, ourIn);
        Lines = new AgentLines(_stdout, _stdin);
        Hello = Lines.Read(AgentJson.Default.AgentHello) ?? throw new InvalidOperationException($"The agent did not start: {File.ReadAllText(Path.Combine(scratch.Root, "agent.err"))}");
    }

    public int Pid { get; }
    public string Attempt { get; }
    public string Log => Path.Combine(Attempt, "log");
    public AgentHello Hello { get; }
    public AgentLines Lines { get; }

    public AgentTalk Greet(int version = AgentProtocol.Version)
    {
        Lines.Write(new AgentHello(version, "test", Environment.ProcessId), AgentJson.Default.AgentHello);
        return this;
    }

    public void Say(string line) => Posix.WriteAll(_stdin, Encoding.UTF8.GetBytes(line + "\n"));

    public AgentRun Command(params string[] arguments) => new()
    {
        Attempt = "a1", Jobs = ["j1"], Arguments = arguments, Directory = Attempt, Environment = new Dictionary<string, string>(), Log = Log,
    };

    public AgentRun Shell(string script) => Command("/bin/sh", "-c", script);

    public void Send(AgentRun run) => Lines.Write(new AgentRequest(Run: run), AgentJson.Default.AgentRequest);

    public void Stop() => Lines.Write(new AgentRequest(Stop: new AgentStop("a1")), AgentJson.Default.AgentRequest);

    public AgentDone Answer() => Lines.Read(AgentJson.Default.AgentDone).ShouldNotBeNull("the agent hung up");

    public AgentDone Run(AgentRun run)
    {
        Send(run);
        return Answer();
    }

    public void HangUp()
    {
        if (!_hungUp) Posix.Close(_stdin);
        _hungUp = true;
    }

    /// <summary>Exit code of the agent itself.</summary>
    public int End()
    {
        HangUp();
        return Posix.Wait(Pid, hang: true)!.Value.ExitCode;
    }

    /// <summary>Resident bytes of the agent.</summary>
    public long Resident() =>
        long.Parse(File.ReadLines($"/proc/{Pid}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024;

    public void Dispose()
    {
        HangUp();
        Posix.Kill(Pid, Posix.SigKill);
        _ = Posix.Wait(Pid, hang: true);
        Posix.Close(_stdout);
    }
}
