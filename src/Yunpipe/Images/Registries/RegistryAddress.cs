using System.Net;

namespace Yunpipe.Images.Registries;

/// <summary>A registry by the name that people write (<c>docker.io</c>, <c>localhost:5000</c>) and the host that answers for it.</summary>
public sealed record RegistryAddress(string Name)
{
    /// <summary>Docker's registry answers under another name than it goes by.</summary>
    public string Host => Name == ImageNames.Hub ? "registry-1.docker.io" : Name;

    /// <summary>The name under which docker keeps the login.</summary>
    public string LoginName => Name == ImageNames.Hub ? "https://index.docker.io/v1/" : Name;

    /// <summary>True for this very machine: plain HTTP reaches nobody else there.</summary>
    public bool IsLoopback => IsLoopbackHost(new Uri("http://" + Host).Host);

    internal static bool IsLoopbackHost(string host) =>
        host == "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal) || IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address);
}
