using System.Text;
using Yunpipe.Work;

namespace Yunpipe.EndToEnd.Agent;

/// <summary>The published agent at the other end of two pipes, spoken to in bytes.</summary>
internal sealed class AgentTalk : IDisposable
{
    private readonly int _stdin, _stdout;
    private bool _hungUp;

    public AgentTalk(ScratchFolder scratch)
    {
        Attempt = scratch.Folder("attempt");
        var (childIn, ourOut) = Posix.Pipe();
        var (ourIn, childOut) = Posix.Pipe();
        using var errors = new FileStream(Path.Combine(scratch.Root, "agent.err"), FileMode.Create);
        var (pid, error) = Spawn.Start(Published.Agent, [Published.Agent, "serve"], ["PATH=/usr/bin:/bin"], null, childIn, childOut, (int)errors.SafeFileHandle.DangerousGetHandle());
        error.ShouldBe(0);
        Posix.Close(childIn);
        Posix.Close(childOut);
        (Pid, _stdin, _stdout) = (pid, ourOut, ourIn);
        Lines = new AgentLines(_stdout, _stdin);
        Hello = Lines.Read(AgentJson.Default.AgentHello)!;
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
