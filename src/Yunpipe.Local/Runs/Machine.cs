using System.Globalization;

namespace Yunpipe.Local.Runs;

/// <summary>What this machine has to give. Control groups (v1 and v2) and affinity count as the machine: inside a container or a batch job
/// only what was given is there.</summary>
/// <param name="root">The root of the file system; another one for tests.</param>
/// <param name="processors">As the runtime counts them, which respects affinity and cpu.max.</param>
public sealed class Machine(string root, int processors)
{
    public static Machine This { get; } = new("/", Environment.ProcessorCount);

    public int Cpu { get; } = Math.Max(1, processors);

    /// <summary>Bytes that are free now: what the kernel calls available, and no more than the nearest limit leaves; null where that cannot be read.</summary>
    public long? AvailableMemory()
    {
        long? least = Line("proc/meminfo", "MemAvailable:") is { } text && long.TryParse(text.Split(' ')[0], CultureInfo.InvariantCulture, out var kibibytes) ? kibibytes << 10 : null;
        foreach (var group in Groups())
            foreach (var (limit, used) in ((string, string)[])[("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes")])
            {
                if (Number($"{group}/{limit}") is not { } most || most <= 0) continue;
                // Pages of files that can be dropped count as used; what is active of the rest is not ours to judge.
                var taken = Math.Max(0, (Number($"{group}/{used}") ?? 0) - Droppable(group));
                if (least is null || most - taken < least) least = Math.Max(0, most - taken);
            }
        return least;
    }

    private long Droppable(string group)
    {
        var text = Line($"{group}/memory.stat", "inactive_file ") ?? Line($"{group}/memory.stat", "total_inactive_file ");
        return long.TryParse(text, CultureInfo.InvariantCulture, out var bytes) ? bytes : 0;
    }

    /// <summary>This process's control group and all above it, as paths below the root.</summary>
    private IEnumerable<string> Groups()
    {
        foreach (var line in Lines("proc/self/cgroup"))
        {
            var parts = line.Split(':', 3);
            if (parts.Length < 3 || parts[1].Length > 0 && !parts[1].Split(',').Contains("memory")) continue;
            var mount = parts[1].Length == 0 ? "sys/fs/cgroup" : "sys/fs/cgroup/memory";
            for (var path = parts[2].TrimEnd('/'); ; path = path[..path.LastIndexOf('/')])
            {
                yield return mount + path;
                if (path.Length == 0) break;
            }
        }
    }

    private long? Number(string path) => Lines(path).FirstOrDefault() is { } text && long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;

    private string? Line(string path, string start) =>
        Lines(path).FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal))?[start.Length..].Trim();

    private IEnumerable<string> Lines(string path)
    {
        var full = Path.Combine(root, path);
        try
        {
            return File.Exists(full) ? File.ReadAllLines(full) : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return []; // A kernel that does not say sets no limit.
        }
    }
}
