using Yunpipe.Aws.Calls;
using Yunpipe.Aws.Deployments;
using Yunpipe.Aws.Stores;
using Yunpipe.Cli.Console;
using Yunpipe.Deployments;

namespace Yunpipe.Cli.Commands;

/// <summary>A deployment as it stands now: queues, records, tasks, and what the dispatcher had to say of them.</summary>
internal sealed class DeploymentStatus
{
    /// <summary>The dispatcher looks every minute.</summary>
    private static readonly TimeSpan Overdue = TimeSpan.FromMinutes(5), Recent = TimeSpan.FromHours(1);

    private readonly OpenDeployment _deployment;
    private readonly DateTimeOffset _now;
    private IReadOnlyList<StepNumbers> _steps = [];
    private Dictionary<string, StepTasks> _tasks = [];
    private FleetNote? _fleet;
    private long _unusable;
    private string? _hidden;

    private DeploymentStatus(OpenDeployment deployment, DateTimeOffset now) => (_deployment, _now) = (deployment, now);

    public bool SetAside => _unusable > 0 || _steps.Any(step => step.SetAside > 0);

    private Deployment Deployed => _deployment.Parts.Workflow.Deployment;

    private sealed record StepTasks(int Running, int Starting);

    public static async Task<DeploymentStatus> Look(CliContext context, OpenDeployment deployment, CancellationToken cancel)
    {
        var status = new DeploymentStatus(deployment, context.Time.GetUtcNow());
        var numbers = new DeploymentNumbers(deployment.Parts, context.Time);
        var (steps, unusable, fleet, tasks) = (numbers.Steps(cancel), numbers.Unusable(cancel), numbers.Fleet(cancel), status.Tasks(cancel));
        await Task.WhenAll(steps, unusable, fleet, tasks);
        (status._steps, status._unusable, status._fleet) = (await steps, await unusable, await fleet);
        return status;
    }

    public string ToText()
    {
        var table = new TextTable("STEP", "WAITING", "RUNNING", "DONE", "SET ASIDE", "IMAGES/MIN", "TIME LEFT", "TASKS");
        foreach (var step in _steps)
            table.Add(step.Name, step.Waiting, step.Running, step.Done, step.SetAside, StatusCommand.Pace(step.PerMinute), StatusCommand.Left(step.Left?.TotalSeconds), Text(_tasks.GetValueOrDefault(step.Name)));
        var input = $"{S3Address.Scheme}{Deployed.Input.Bucket}/{Deployed.Input.Prefix}";
        var results = Deployed.Results ?? new BucketPlace(Deployed.Store.Bucket, Deployed.Store.Prefix + "results/");
        var age = Deployed.Made > 0 ? $", deployed {Words.Time(_now - DateTimeOffset.FromUnixTimeMilliseconds(Deployed.Made))} ago" : "";
        return $"{Deployed.Name}: {input} → {S3Address.Scheme}{results.Bucket}/{results.Prefix}{age}\n{table}{string.Concat(Sentences().Select(sentence => Words.Name(sentence) + "\n"))}";
    }

    public DeploymentStatusDocument ToDocument() => new(Deployed.Name, $"{S3Address.Scheme}{Deployed.Store.Bucket}/{Deployed.Store.Prefix}",
        [.. _steps.Select(step => new DeploymentStepDocument(step.Name, step.Waiting, step.Running, step.Done, step.SetAside, step.Dead, Math.Round(step.PerMinute, 2), step.Left is { } left ? Math.Round(left.TotalSeconds) : null,
            Deployed.Cluster is null || _hidden is not null ? null : _tasks.GetValueOrDefault(step.Name)?.Running ?? 0, Deployed.Cluster is null || _hidden is not null ? null : _tasks.GetValueOrDefault(step.Name)?.Starting ?? 0))],
        _unusable, [.. Sentences()]);

    /// <summary>Tasks by step. Whoever may not list them sees the rest all the same.</summary>
    private async Task Tasks(CancellationToken cancel)
    {
        if (Deployed.Cluster is not { } cluster) return;
        try
        {
            var tasks = await new EcsCalls(_deployment.Calls(), cluster.Name).Tasks(null, cancel);
            var families = Deployed.Steps.Where(step => step.Task is not null).ToDictionary(step => EcsCalls.Family(step.Task!.Definition), step => step.Name, StringComparer.Ordinal);
            _tasks = tasks.Where(task => families.ContainsKey(EcsCalls.Family(task.TaskDefinitionArn))).GroupBy(task => families[EcsCalls.Family(task.TaskDefinitionArn)])
                .ToDictionary(group => group.Key, group => new StepTasks(group.Count(task => task.StartedAt is not null), group.Count(task => task.StartedAt is null)), StringComparer.Ordinal);
        }
        catch (AwsRefusal refusal)
        {
            _hidden = refusal.Message;
        }
    }

    /// <summary>What a person should know beside the numbers.</summary>
    private IEnumerable<string> Sentences()
    {
        if (Deployed.Cluster is null && _steps.Any(step => step.Waiting > 0)) yield return $"Nothing on AWS works on it; a machine that does: yunpipe worker {Words.Argument(_deployment.Said)}";
        if (_hidden is not null) yield return $"Tasks cannot be listed: {_hidden}";
        if (_fleet is { At: > 0 } && Ago(_fleet.At) is var silent && silent > Overdue) yield return $"The dispatcher has not looked at tasks for {Words.Time(silent)}, though it should each minute: look at its log.";
        foreach (var word in _fleet?.Words ?? []) yield return word.Step.Length > 0 ? $"{word.Step}: {word.Sentence}" : word.Sentence;
        foreach (var refusal in _fleet?.Refusals ?? [])
            if (Ago(refusal.At) < Recent) yield return $"{refusal.Step}: {refusal.Capacity} had no task {Words.Time(Ago(refusal.At))} ago: {refusal.Reason.TrimEnd('.')}.";
        foreach (var step in _steps.Where(step => step.Dead > 0))
            yield return $"{step.Name}: {Words.Count(step.Dead, "message")} ended among the dead letters, since {(step.Dead == 1 ? "it" : "each")} ended one worker after the other unseen; look at what {(step.Dead == 1 ? "it says" : "they say")} before sending {(step.Dead == 1 ? "it" : "them")} back.";
        if (_unusable > 0) yield return $"{Words.Count(_unusable, "item has a name", "items have names")} that cannot be used.";
        if (SetAside) yield return $"Why jobs were set aside: yunpipe failures {Words.Argument(_deployment.Said)}";
    }

    private TimeSpan Ago(long time) => TimeSpan.FromMilliseconds(Math.Max(0, _now.ToUnixTimeMilliseconds() - time));

    private static string? Text(StepTasks? tasks) => tasks switch
    {
        null or { Running: 0, Starting: 0 } => null,
        { Starting: 0 } => $"{tasks.Running} running",
        { Running: 0 } => $"{tasks.Starting} starting",
        _ => $"{tasks.Running} running, {tasks.Starting} starting",
    };
}

/// <param name="Unusable">Items whose names cannot be used.</param>
/// <param name="Words">What a person should know beside the numbers.</param>
internal sealed record DeploymentStatusDocument(string Deployment, string Store, IReadOnlyList<DeploymentStepDocument> Steps, long Unusable, IReadOnlyList<string> Words);

/// <param name="SecondsLeft">Absent where there is no pace yet.</param>
/// <param name="TasksRunning">This and the next absent where tasks are not, or cannot be, looked at.</param>
internal sealed record DeploymentStepDocument(string Step, long Waiting, long Running, long Done, long SetAside, long DeadLetters, double PerMinute, double? SecondsLeft, int? TasksRunning, int? TasksStarting);
