using System.Diagnostics;

namespace Yunpipe.Agent;

/// <summary>How long a loop may sleep.</summary>
internal static class Waiting
{
    /// <summary>Orphans are reaped and memory is read this often while a process runs.</summary>
    private const int Tick = 250;

    /// <summary>Where no descriptor tells of the end (kernels before 5.3) it is looked for this often.</summary>
    private const int BlindTick = 5;

    public static bool IsTick(long looked) => Stopwatch.GetElapsedTime(looked).TotalMilliseconds >= Tick;

    /// <summary>Milliseconds until something is due, at most a tick.</summary>
    /// <param name="due">Since <paramref name="started"/>; null for nothing.</param>
    public static int Until(TimeSpan? due, long started, bool blind)
    {
        var most = blind ? BlindTick : Tick;
        return due is null ? most : (int)Math.Clamp(Math.Ceiling((due.Value - Stopwatch.GetElapsedTime(started)).TotalMilliseconds), 0, most);
    }
}
