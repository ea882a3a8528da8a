namespace Yunpipe.Aws.Stack;

/// <summary>The sizes that Fargate offers (Amazon ECS developer guide, "Task definition parameters for Fargate": CPU in 1/1024 vCPU, memory in MiB, disk in GiB).</summary>
public static class FargateSize
{
    /// <summary>CPU units, and the amounts of memory that they come with, least first.</summary>
    private static readonly (int Cpu, int[] Memory)[] Offers =
    [
        (256, [512, 1024, 2048]), (512, Range(1024, 4096, 1024)), (1024, Range(2048, 8192, 1024)), (2048, Range(4096, 16384, 1024)),
        (4096, Range(8192, 30720, 1024)), (8192, Range(16384, 61440, 4096)), (16384, Range(32768, 122880, 8192)),
    ];

    private const int DiskIncluded = 20, MostDisk = 200;

    /// <summary>Memory that the agent and its transfers take beside the algorithm, in MiB.</summary>
    public const int AgentMiB = 128;

    public static (int Cpu, int Memory) Largest => (Offers[^1].Cpu, Offers[^1].Memory[^1]);

    /// <summary>The smallest size that holds so many vCPUs and bytes of memory beside the agent; null where none does.</summary>
    public static (int Cpu, int Memory)? Fit(double cpu, long memory)
    {
        var units = Math.Max(cpu * 1024, 256);
        var need = (memory + (1 << 20) - 1 >> 20) + AgentMiB;
        foreach (var (offered, amounts) in Offers)
            if (offered >= units && amounts[^1] >= need) return (offered, amounts.First(amount => amount >= need));
        return null;
    }

    /// <summary>GiB to ask for; null for the included 20.</summary>
    public static int? DiskGiB(long bytes) => (int)((bytes + (1L << 30) - 1) >> 30) + 10 is var need && need <= DiskIncluded ? null : Math.Clamp(need, DiskIncluded + 1, MostDisk);

    /// <summary>False where only a machine of one's own will do; the reason is half a sentence.</summary>
    public static bool Holds(TaskSize size, out string why)
    {
        why = size.Gpu > 0 ? "it asks for a GPU"
            : Fit(size.Cpu, size.Memory) is null ? "no Fargate task has that many processors and that much memory"
            : size.Disk > (MostDisk - 10L) << 30 ? "it asks for more disk than the 200 GiB of Fargate"
            : size.SharedMemory > 64 << 20 ? "it asks for more than 64 MiB of shared memory" : "";
        return why.Length == 0;
    }

    private static int[] Range(int least, int most, int step) => [.. Enumerable.Range(0, (most - least) / step + 1).Select(index => least + index * step)];
}
