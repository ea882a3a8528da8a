using Yunpipe.Work;

namespace Yunpipe.Runs;

/// <summary>What a run may use of the machine. Memory in bytes, 0 for no limit; GPUs by device number.</summary>
public sealed record Capacity(double Cpu, long Memory, IReadOnlyList<int> Gpus, int Jobs)
{
    /// <summary>Null where a job with these limits can run alone; otherwise what it lacks, as the end of a sentence.</summary>
    public string? Lack(SlotLimits limits)
    {
        if (limits.Cpu > Cpu) return $"needs {limits.Cpu:0.##} processor cores; the run has {Cpu:0.##}";
        if (Memory > 0 && limits.Memory > Memory) return $"needs {new Documents.ByteSize(limits.Memory)} of memory; the run has {new Documents.ByteSize(Memory)}";
        if (limits.Gpu > Gpus.Count) return $"needs {limits.Gpu} GPU; the run has {Gpus.Count}";
        return null;
    }
}

/// <summary>What is free of a capacity. Not thread-safe: the scheduler owns it.</summary>
internal sealed class FreeCapacity(Capacity all)
{
    private readonly List<int> _gpus = [.. all.Gpus];
    private double _cpu = all.Cpu;
    private long _memory = all.Memory;

    public int Running { get; private set; }

    /// <summary>Takes what a job needs, with its GPU devices named; null where that is not free now.</summary>
    public SlotLimits? Take(SlotLimits limits)
    {
        if (Running >= all.Jobs || limits.Cpu > _cpu + 1e-9 || limits.Gpu > _gpus.Count || (all.Memory > 0 && limits.Memory > _memory)) return null;
        _cpu -= limits.Cpu;
        _memory -= limits.Memory;
        Running++;
        if (limits.Gpu == 0) return limits;
        var devices = _gpus.GetRange(0, limits.Gpu);
        _gpus.RemoveRange(0, limits.Gpu);
        return limits with { Devices = devices };
    }

    public void Return(SlotLimits limits)
    {
        _cpu += limits.Cpu;
        _memory += limits.Memory;
        Running--;
        if (limits.Devices is not null) _gpus.AddRange(limits.Devices);
    }
}
