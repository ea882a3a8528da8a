using System.Runtime.InteropServices;

namespace Yunpipe.Tests;

/// <summary>Processor time of this thread: what a piece of work costs, however busy the machine is with others.</summary>
internal readonly struct ThreadClock
{
    private const int ThreadProcessorTime = 3;

    private readonly TimeSpan _started;

    private ThreadClock(TimeSpan started) => _started = started;

    public static ThreadClock Start() => new(Now());

    public TimeSpan Elapsed => Now() - _started;

    private static TimeSpan Now()
    {
        clock_gettime(ThreadProcessorTime, out var now).ShouldBe(0);
        return TimeSpan.FromSeconds(now.Seconds) + TimeSpan.FromMicroseconds(now.Nanoseconds / 1000);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Moment { public long Seconds, Nanoseconds; }

    [DllImport("libc")] private static extern int clock_gettime(int clock, out Moment moment);
}
