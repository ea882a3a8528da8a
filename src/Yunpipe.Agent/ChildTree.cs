using System.Globalization;
using Yunpipe.Work;

namespace Yunpipe.Agent;

/// <summary>All processes below the agent. As reaper of its descendants the agent inherits every orphan, so what a job leaves behind –
/// also behind <c>setsid</c> – is found as a child of ours.</summary>
internal static class ChildTree
{
    /// <summary>Kills and reaps until no child is left. Costs one system call where there is none.</summary>
    /// <param name="meter">Told of each.</param>
    public static void KillAll(JobMeter? meter = null)
    {
        for (var round = 0; round < 200; round++)
        {
            while (true)
            {
                var ended = Posix.Wait(-1, hang: false);
                if (ended is null) break;
                if (ended.Value.Pid < 0) return;
                meter?.Add(ended.Value);
            }
            foreach (var pid in Descendants()) Posix.Kill(pid, Posix.SigKill);
            // The killed need a moment to become reapable; poll on nothing is a wait that signals may cut short.
            _ = Posix.Poll([], 1 + round / 10);
        }
    }

    /// <summary>Reaps every child that has ended: orphans that came to us too, which would count as processes of the container until then.</summary>
    /// <returns>How the one that matters ended; null while it runs.</returns>
    public static Posix.Ended? Reap(int pid, JobMeter? meter = null)
    {
        Posix.Ended? found = null;
        while (Posix.Wait(-1, hang: false) is { Pid: > 0 } ended)
        {
            meter?.Add(ended);
            if (ended.Pid == pid) found = ended;
        }
        return found;
    }

    /// <summary>Asks a process, its group and all below us to end; each is asked once.</summary>
    public static void Signal(int pid, int signal)
    {
        foreach (var other in Descendants(except: pid)) Posix.Kill(other, signal);
        Posix.Kill(-pid, signal);
    }

    /// <summary>A process that has moved itself into another group does not hear what its own group hears.</summary>
    public static void Kill(int pid)
    {
        Posix.Kill(-pid, Posix.SigKill);
        Posix.Kill(pid, Posix.SigKill);
    }

    /// <param name="except">A group that is left out.</param>
    private static IEnumerable<int> Descendants(int except = 0)
    {
        var self = Environment.ProcessId;
        var processes = new Dictionary<int, (int Parent, int Group)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && Look(pid) is { } process)
                processes[pid] = process;
        foreach (var (pid, process) in processes)
            for (int at = pid, steps = 0; process.Group != except && processes.TryGetValue(at, out var next) && steps < 10_000; at = next.Parent, steps++)
                if (next.Parent == self) { yield return pid; break; }
    }

    private static (int Parent, int Group)? Look(int pid)
    {
        try
        {
            // "pid (name) state ppid pgrp …", where the name may hold anything: the last parenthesis ends it.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ', 4);
            return (int.Parse(fields[1], CultureInfo.InvariantCulture), int.Parse(fields[2], CultureInfo.InvariantCulture));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // It ended while we looked.
        }
    }
}
