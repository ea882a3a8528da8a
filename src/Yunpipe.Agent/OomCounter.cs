using System.Globalization;

namespace Yunpipe.Agent;

/// <summary>How many processes of this container the kernel has killed for memory (cgroup v2 <c>memory.events</c>, v1 <c>memory.oom_control</c>).</summary>
internal static class OomCounter
{
    private static readonly string? Source =
        new[] { "/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control" }.FirstOrDefault(File.Exists);

    /// <summary>-1 where it cannot be read, as on a host.</summary>
    public static long Read()
    {
        if (Source is null) return -1;
        try
        {
            foreach (var line in File.ReadLines(Source))
                if (line.StartsWith("oom_kill ", StringComparison.Ordinal)) return long.Parse(line.AsSpan(9), CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return -1;
        }
        return -1;
    }
}
