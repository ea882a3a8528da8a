namespace Yunpipe.Aws.Stack;

/// <summary>A machine that EC2 rents out.</summary>
/// <param name="Memory">MiB.</param>
/// <param name="Price">US dollars an hour, on demand, Linux, in us-east-1: to compare, not to bill.</param>
public sealed record MachineType(string Name, int Cpu, int Memory, int Gpu, double Price);

/// <summary>The machines that are chosen from: of the families that image analysis needs, x86-64 (list prices of 2025; docs/spec/machines.md).</summary>
public static class MachineTypes
{
    public static IReadOnlyList<MachineType> All { get; } =
    [
        .. Family("c6i", 0.085, 2), .. Family("m6i", 0.096, 4), .. Family("r6i", 0.126, 8),
        .. Family("c5", 0.085, 2, most: 4), .. Family("m5", 0.096, 4), .. Family("r5", 0.126, 8),
        new("g4dn.xlarge", 4, 16384, 1, 0.526), new("g4dn.2xlarge", 8, 32768, 1, 0.752), new("g4dn.4xlarge", 16, 65536, 1, 1.204),
        new("g4dn.8xlarge", 32, 131072, 1, 2.176), new("g4dn.12xlarge", 48, 196608, 4, 3.912),
        new("g5.xlarge", 4, 16384, 1, 1.006), new("g5.2xlarge", 8, 32768, 1, 1.212), new("g5.4xlarge", 16, 65536, 1, 1.624),
        new("g5.8xlarge", 32, 131072, 1, 2.448), new("g5.12xlarge", 48, 196608, 4, 5.672),
    ];

    /// <summary>Machines that hold at least one such task, cheapest for one task first, at most <paramref name="most"/>: several, so that one that is sold out is no end.</summary>
    public static IReadOnlyList<MachineType> Fitting(TaskSize size, int most = 6) =>
        [.. All.Where(type => Tasks(type, size) > 0 && (size.Gpu > 0 || type.Gpu == 0)).OrderBy(type => type.Price / Tasks(type, size)).ThenBy(type => type.Price).ThenBy(type => type.Name, StringComparer.Ordinal).Take(most)];

    /// <summary>How many such tasks a machine holds at once.</summary>
    public static int Tasks(MachineType type, TaskSize size)
    {
        var count = Math.Min((int)(type.Cpu / Math.Max(size.Cpu, 0.125)), Free(type) / TaskMemory(size.Memory));
        return size.Gpu > 0 ? Math.Min(count, type.Gpu / size.Gpu) : count;
    }

    /// <summary>MiB that all tasks of a machine have together.</summary>
    public static int Free(MachineType type) => type.Memory - Reserved(type);

    /// <summary>MiB that the container of one task gets: the algorithm's and the agent's.</summary>
    public static int TaskMemory(long bytes) => (int)(Math.Max(bytes, 512L << 20) + (1 << 20) - 1 >> 20) + FargateSize.AgentMiB;

    /// <summary>MiB that the system and the ECS agent keep for themselves: about 6 % of the machine, and never less than 400.</summary>
    private static int Reserved(MachineType type) => Math.Max(400, type.Memory * 6 / 100);

    private static IEnumerable<MachineType> Family(string name, double price, int gibPerCpu, int most = 16)
    {
        foreach (var (size, times) in new[] { ("large", 1), ("xlarge", 2), ("2xlarge", 4), ("4xlarge", 8), ("8xlarge", 16) })
            if (times <= most) yield return new MachineType($"{name}.{size}", 2 * times, 2048 * times * gibPerCpu, 0, price * times);
    }
}
