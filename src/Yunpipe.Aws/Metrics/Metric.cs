namespace Yunpipe.Aws.Metrics;

/// <summary>A figure that CloudWatch reads out of a line of a log.</summary>
/// <param name="Unit">As CloudWatch calls it: Count, Seconds, Bytes.</param>
public readonly record struct Metric(string Name, string Unit);

/// <summary>All that a deployment counts (docs/spec/metrics.md). Whoever writes them, and the alarms and graphs that read them, take the names from here.</summary>
public static class DeploymentMetrics
{
    public const string Namespace = "Yunpipe", Deployment = "Deployment", Step = "Step";

    public static readonly Metric
        Tasks = new("Tasks", "Count"), StuckTasks = new("StuckTasks", "Count"), JobsWaiting = new("JobsWaiting", "Count"), JobsRunning = new("JobsRunning", "Count"),
        Seconds = new("Seconds", "Seconds"), ProcessSeconds = new("ProcessSeconds", "Seconds"), PeakMemory = new("PeakMemory", "Bytes"), BytesIn = new("BytesIn", "Bytes"), BytesOut = new("BytesOut", "Bytes"),
        Done = new("Done", "Count"), SetAside = new("SetAside", "Count"), Retried = new("Retried", "Count");

    /// <summary>What the dispatcher counts, of the whole deployment.</summary>
    public static IReadOnlyList<Metric> OfDeployment { get; } = [Tasks, StuckTasks, JobsWaiting, JobsRunning];

    /// <summary>What a worker counts when a job ends, of one step.</summary>
    public static IReadOnlyList<Metric> OfStep { get; } = [Seconds, ProcessSeconds, PeakMemory, BytesIn, BytesOut, Done, SetAside, Retried];

    public static IReadOnlyList<string> DeploymentDimensions { get; } = [Deployment];

    public static IReadOnlyList<string> StepDimensions { get; } = [Deployment, Step];
}
