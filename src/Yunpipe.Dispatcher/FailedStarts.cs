using Yunpipe.Aws.Calls;

namespace Yunpipe.Dispatcher;

/// <summary>Tasks that ECS took and that never came to work, such as one whose image is not there: starting the next at once would only cost.
/// <code>
/// a stopped task                                       then
/// failed to start                                      its capacity refuses the step, with what ECS says
/// its worker ended with 118, 120, 126 or 127           the same: it could not work here (docs/spec/agent-protocol.md)
/// anything else                                        it had its time
/// </code></summary>
internal static class FailedStarts
{
    private static readonly int[] Unfit = [118, 120, 126, 127];

    /// <summary>Why a stopped task did not come to work; null where it did.</summary>
    public static string? Reason(EcsTask task)
    {
        if (task.StopCode == "TaskFailedToStart") return Sentence(task.StoppedReason, task.Containers.Select(container => container.Reason).FirstOrDefault(reason => reason is { Length: > 0 }));
        return task.Containers.Select(container => container.ExitCode).FirstOrDefault(code => code is { } ended && Unfit.Contains(ended)) is { } exit
            ? $"Its worker could not work and ended with {exit}; its log says why" : null;
    }

    private static string Sentence(string? task, string? container) =>
        task is null ? container ?? "No reason was given" : container is null || task.Contains(container, StringComparison.Ordinal) ? task : $"{task.TrimEnd('.')}: {container}";
}
