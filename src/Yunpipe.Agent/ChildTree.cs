using System.Globalization;
using Yunpipe.Work;

namespace Yunpipe.Agent;

/// <summary>All processes below the agent. As reaper of its descendants the agent inherits every orphan, so what a job leaves behind –
/// also behind <c>setsid</c> – is found as a child of ours.</summary>
internal static class ChildTree
{
    /// <summary>Kills and reaps until no child is left. Costs one system call where there is none.</summary>
    public static void KillAll()
    {
        for (var round = 0; round < 200; round++)
        {
            while (true)
            {
                var ended = Posix.Wait(-1, hang: false);
                if (ended is null) break;
                if (ended.Value.Pid < 0) return;
            }
            foreach (var pid in Descendants()) Posix.Kill(pid, Posix.SigKill);
            // The killed need a moment to become reapable; poll on nothing is a wait that signals may cut short.
            _ = Posix.Poll([], 1 + round / 10);
        }
    }

    private static IEnumerable<int> Descendants()
    {
        var self = Environment.ProcessId;
        var parents = new Dictionary<int, int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && ParentOf(pid) is { } parent)
                parents[pid] = parent;
        foreach (var pid in parents.Keys)
            for (int at = pid, steps = 0; parents.TryGetValue(at, out var parent) && steps < 10_000; at = parent, steps++)
                if (parent == self) { yield return pid; break; }
    }

    private static int? ParentOf(int pid)
    {
        try
        {
            // "pid (name) state ppid …", where the name may hold anything: the last parenthesis ends it.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ', 3);
            return int.Parse(fields[1], CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // It ended while we looked.
        }
    }
}
