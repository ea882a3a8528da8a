using System.Reflection;

namespace Yunpipe.Agent;

/// <summary>Exit codes of the agent itself, apart from all that algorithms use (docs/spec/agent-protocol.md).</summary>
internal static class ReservedExit
{
    public const int Refused = 118, Failed = 119, Usage = 120, ProtocolRefused = 121, Stopped = 122, Outputs = 123, TimedOut = 124;

    /// <summary>As every shell has them.</summary>
    public const int NotStarted = 126, NotFound = 127;
}

internal static class Release
{
    public static string Version { get; } =
        typeof(Release).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    /// <summary>What <c>--version</c> says.</summary>
    public static string Line => $"yunpipe-agent {Version}, protocol {Yunpipe.Work.AgentProtocol.Version}\n";
}
