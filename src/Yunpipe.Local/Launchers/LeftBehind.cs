using System.Globalization;
using System.Text;
using Yunpipe.Work;

namespace Yunpipe.Local.Launchers;

/// <summary>Ends processes that outlived their agent, found by a mark in their environment.</summary>
internal static class LeftBehind
{
    /// <summary>Set in the environment of an agent on this machine and inherited by all below it.</summary>
    public const string Marker = "YUNPIPE_AGENT";

    /// <summary>Kills every process of ours whose environment holds <paramref name="mark"/> (<c>NAME=value</c>), until none is left.</summary>
    /// <returns>How many were found.</returns>
    public static int Kill(string mark)
    {
        var found = 0;
        var wanted = Encoding.UTF8.GetBytes(mark + "\0");
        for (var round = 0; round < 50; round++)
        {
            var killed = 0;
            foreach (var folder in Directory.EnumerateDirectories("/proc"))
            {
                if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) || pid == Environment.ProcessId) continue;
                if (!Carries(pid, wanted)) continue;
                Posix.Kill(pid, Posix.SigKill);
                killed++;
            }
            if (killed == 0) break;
            if (round == 0) found = killed;
            _ = Posix.Poll([], 2);
        }
        return found;
    }

    private static bool Carries(int pid, byte[] mark)
    {
        try
        {
            var environment = File.ReadAllBytes($"/proc/{pid}/environ");
            var at = environment.AsSpan().IndexOf(mark);
            return at == 0 || (at > 0 && environment[at - 1] == 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false; // Ended meanwhile, or somebody else's.
        }
    }
}
