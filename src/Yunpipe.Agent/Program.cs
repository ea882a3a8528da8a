using System.Collections;
using Yunpipe.Agent;
using Yunpipe.Work;

// The composition root of the agent. It never uses System.Diagnostics.Process: as process 1 that would reap children that are ours.
StaticLibc.ForgetImageModules();

var environment = new Dictionary<string, string>(StringComparer.Ordinal);
foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables()) environment[(string)entry.Key] = (string?)entry.Value ?? "";

switch (args)
{
    case ["serve"]:
        return new Serve(new AgentLines(0, 1), environment).Run();
    case ["--version"]:
        Posix.WriteAll(1, System.Text.Encoding.UTF8.GetBytes($"yunpipe-agent {Release.Version}, protocol {AgentProtocol.Version}\n"));
        return 0;
    default:
        Posix.WriteAll(2, "yunpipe-agent: this is the hand of Yunpipe inside a container; use it as: agent serve\n"u8);
        return ReservedExit.Usage;
}
