using Yunpipe.Work;

namespace Yunpipe.Agent;

/// <summary>What one job uses. Every process that is reaped, orphans too, tells its own use (rusage); the control group of a container adds what
/// processes do side by side, and those that nobody waited for.</summary>
internal sealed class JobMeter
{
    /// <summary>What the agent alone holds, read before the first job.</summary>
    private static readonly long OwnMemory = ControlGroup.Memory();

    /// <summary>Taken here, since a static field may be read as late as its first use: with the job's memory in it.</summary>
    private readonly long _own = OwnMemory;
    private readonly double _cpuBefore = Others();
    private double _cpu;
    private long _peak, _read, _written;

    public void Add(Posix.Ended ended)
    {
        _cpu += ended.Cpu;
        _peak = Math.Max(_peak, ended.PeakMemory);
        _read += ended.BytesRead;
        _written += ended.BytesWritten;
    }

    /// <summary>Called while the job runs, a few times a second.</summary>
    public void Sample()
    {
        if (_own >= 0) _peak = Math.Max(_peak, ControlGroup.Memory() - _own);
    }

    /// <param name="wall">Milliseconds since the start.</param>
    public ResourceUse Use(double wall)
    {
        var group = _cpuBefore < 0 ? 0 : Others() - _cpuBefore;
        return new ResourceUse(wall, Math.Max(_cpu, group), _peak, _read, _written);
    }

    /// <summary>Milliseconds of processor time of this container without the agent's own; negative where it is not told.</summary>
    private static double Others() => ControlGroup.Cpu() is >= 0 and var cpu ? Math.Max(0, cpu - Environment.CpuUsage.TotalTime.TotalMilliseconds) : -1;
}
