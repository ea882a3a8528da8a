using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Yunpipe.Work;

namespace Yunpipe.Agent;

/// <summary>The agent as a worker's hand: one connection, one process at a time. The end of the connection is the end of everything it started
/// (docs/spec/agent-protocol.md has every row; what a running process adds stands at <see cref="JobProcess"/>).
/// <code>
/// state      on                         does                   next
/// greeting   hello of its version                              idle
/// greeting   hello of another version   says so on stderr      ended, 121
/// greeting   end of the connection                             ended, 0
/// idle       run                        runs it, answers       idle
/// idle       end of the connection                             ended, 0
/// running    end of the connection      kills all              ended, 122
/// any        what is no request         kills all, says why    ended, 121
/// any        TERM                       kills all              ended, 122
/// </code></summary>
internal sealed class Serve(AgentLines lines, IReadOnlyDictionary<string, string> environment)
{
    public int Run()
    {
        Posix.BecomeReaper();
        // As process 1 a signal without a handler is ignored; the worker's death is seen as the end of stdin, a stop of the container as TERM.
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => { context.Cancel = true; ChildTree.KillAll(); Environment.Exit(ReservedExit.Stopped); });
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        try
        {
            lines.Write(new AgentHello(AgentProtocol.Version, Release.Version, Environment.ProcessId), AgentJson.Default.AgentHello);
            if (lines.Read(AgentJson.Default.AgentHello) is not { } hello) return 0;
            if (hello.Protocol != AgentProtocol.Version) return Refuse($"this agent speaks version {AgentProtocol.Version} of the protocol, the worker version {hello.Protocol}");
            while (lines.Read(AgentJson.Default.AgentRequest) is { } request)
            {
                if (request.Run is not { } run) continue;
                var done = new JobProcess(run, environment, lines).Run();
                if (done is null) return ReservedExit.Stopped;
                lines.Write(done, AgentJson.Default.AgentDone);
            }
            return 0;
        }
        catch (Exception error) when (error is JsonException or InvalidDataException)
        {
            return Refuse($"the worker said what is no request: {error.Message}");
        }
        catch (IOException)
        {
            // The worker is gone: nobody is left to answer to.
            return ReservedExit.Stopped;
        }
        finally
        {
            ChildTree.KillAll();
        }
    }

    private static int Refuse(string why)
    {
        Posix.WriteAll(2, Encoding.UTF8.GetBytes($"yunpipe-agent: {why}\n"));
        return ReservedExit.ProtocolRefused;
    }
}
