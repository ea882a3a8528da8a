using System.Globalization;
using Yunpipe.Aws.Calls;
using Yunpipe.Aws.Stack;
using Yunpipe.Deployments;
using Yunpipe.Fleet;

namespace Yunpipe.Dispatcher;

/// <summary>A task for a job that ran out of memory: the step's definition with overrides, so that no definition is needed for each size. The worker is told how much it has
/// for one job; what it gets beside that is the agent's.
/// <code>
/// capacity                what is overridden
/// Fargate                 processors and memory of the whole task, which are sold in pairs
/// machines of one's own   memory of the container; a machine has what it has
/// </code></summary>
internal static class LargerTask
{
    public static bool IsOwn(string capacity) => capacity is not ("FARGATE" or "FARGATE_SPOT");

    /// <summary>Null for a task of the usual size.</summary>
    public static TaskOverride? Overrides(DeployedStep step, TaskStart start)
    {
        if (start.MemoryMiB is not { } memory) return null;
        IReadOnlyList<NamedValue> told = [new("YUNPIPE_MEMORY", ((long)memory << 20).ToString(CultureInfo.InvariantCulture))];
        var container = step.Task!.Container;
        if (IsOwn(start.Capacity)) return new TaskOverride(null, null, [new ContainerOverride(container, Math.Max(memory, Math.Min(MachineTypes.TaskMemory((long)memory << 20), step.Task.MostMemoryMiB)), told)]);
        var size = FargateSize.Fit(step.Cpu, (long)memory << 20) ?? FargateSize.Largest;
        return new TaskOverride(Text(size.Cpu), Text(size.Memory), [new ContainerOverride(container, null, told)]);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
