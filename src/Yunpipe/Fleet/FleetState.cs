namespace Yunpipe.Fleet;

/// <summary>All that a decision about tasks depends on. Times in milliseconds since 1970, lengths in seconds, memory in MiB.</summary>
/// <param name="Most">Tasks of all steps at once.</param>
/// <param name="Idle">How long a task or an instance may have nothing to do.</param>
/// <param name="Start">How long a task may take to come up.</param>
public sealed record FleetState(
    long Now, int Most, int Idle, int Start, IReadOnlyList<StepDemand> Steps, IReadOnlyList<FleetTask> Tasks, IReadOnlyList<Refusal> Refusals, IReadOnlyList<FleetInstance> Instances);

/// <summary>What one step needs, deepest steps first.</summary>
/// <param name="Waiting">Messages that nobody holds.</param>
/// <param name="InFlight">Messages that workers hold.</param>
/// <param name="Slots">Jobs that one task runs side by side.</param>
/// <param name="Capacity">Capacity providers, the preferred first.</param>
public sealed record StepDemand(string Name, long Waiting, long InFlight, int Slots, int MostTasks, IReadOnlyList<string> Capacity, int MemoryMiB, int MostMemoryMiB)
{
    /// <summary>How long a job takes; null before the first is done.</summary>
    public double? JobSeconds { get; init; }

    /// <summary>How long a task takes from being asked for to its first job; null before the first.</summary>
    public double? StartSeconds { get; init; }

    /// <summary>Since when nothing waits and nobody works; null where something does.</summary>
    public long? EmptySince { get; init; }

    /// <summary>Memory that jobs ask for which ran out of it in a task of the usual size.</summary>
    public IReadOnlyList<int> Large { get; init; } = [];
}

public enum TaskPhase { Starting, Running }

/// <summary>A task that was asked for and has not stopped.</summary>
/// <param name="Asked">When it was asked for.</param>
public sealed record FleetTask(string Id, string Step, TaskPhase Phase, long Asked, string Capacity, int MemoryMiB)
{
    /// <summary>What ECS says about its waiting.</summary>
    public string Reason { get; init; } = "";
}

/// <summary>A capacity that gave no room, or brought no task up, and why.</summary>
/// <param name="Times">How often in a row: each time it is left alone twice as long.</param>
public sealed record Refusal(string Step, string Capacity, long At, int Times, string Reason);

/// <summary>An instance of a group of one's own.</summary>
/// <param name="IdleSince">Since when no task is on it; null where one is.</param>
public sealed record FleetInstance(string Id, string Capacity, int Tasks, long? IdleSince);

/// <summary>Tasks to start: of one step, on one capacity. Memory is null for the usual size.</summary>
public sealed record TaskStart(string Step, string Capacity, int Count, int? MemoryMiB);

public sealed record TaskStop(string Id, string Step, string Capacity, string Reason)
{
    /// <summary>True where its capacity could not bring it up.</summary>
    public bool IsRefusal { get; init; }
}

/// <summary>Something that a person should read in the status of the deployment.</summary>
public sealed record FleetWord(string Step, string Sentence);

public sealed record FleetDecision(IReadOnlyList<TaskStart> Starts, IReadOnlyList<TaskStop> Stops, IReadOnlyList<string> EndInstances, IReadOnlyList<FleetWord> Words)
{
    public static FleetDecision Nothing { get; } = new([], [], [], []);
}
