namespace Yunpipe.Agent;

/// <summary>When the container is out of memory the kernel should take the algorithm, not the agent that reports it.</summary>
internal static class OomPreference
{
    public static void Prefer(int pid)
    {
        try
        {
            using var score = File.OpenHandle($"/proc/{pid}/oom_score_adj", FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            RandomAccess.Write(score, "1000"u8, 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended already, or /proc is read-only: the kernel then chooses by size, which is nearly always the algorithm.
        }
    }
}
