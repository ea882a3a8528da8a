using System.Reflection;

namespace Yunpipe.Agent;

/// <summary>Exit codes of the agent itself, apart from all that algorithms use (docs/spec/agent-protocol.md).</summary>
internal static class ReservedExit
{
    public const int Usage = 120, ProtocolRefused = 121, Stopped = 122;
}

internal static class Release
{
    public static string Version { get; } =
        typeof(Release).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
}
