using System.Globalization;
using Yunpipe.Aws.Calls;
using Yunpipe.Aws.Deployments;
using Yunpipe.Aws.Metrics;
using Yunpipe.Deployments;
using Yunpipe.Fleet;
using Yunpipe.Stores;

namespace Yunpipe.Dispatcher;

/// <summary>Messages of a step: waiting for a worker, in a worker's hands.</summary>
internal readonly record struct Depth(long Waiting, long InFlight);

/// <summary>One round: look at queues and tasks, decide (<see cref="FleetRules"/>), and do it. Only the holder of the lease does; the others leave it to him.</summary>
internal sealed class FleetRound(Deployment deployment, EcsCalls ecs, Notes notes, TimeProvider time, string self, DispatchLog log)
{
    private const int MostFailed = 200;
    private readonly FleetLease _lease = new(notes, time, self);
    private readonly IReadOnlyList<DeployedStep> _steps = [.. deployment.Steps.Where(step => step.Task is not null)];

    /// <summary>Nothing where another holds the lease.</summary>
    /// <param name="depths">Of each step's queue.</param>
    /// <param name="large">Memory that jobs of a step ask for beyond their task's, in MiB.</param>
    public async Task<FleetDecision?> Run(IReadOnlyDictionary<string, Depth> depths, IReadOnlyDictionary<string, double> jobSeconds, Func<string, Task<IReadOnlyList<int>>> large, CancellationToken cancel)
    {
        if (_steps.Count == 0 || await _lease.Take(cancel) is not var (note, tag)) return null;
        var tasks = await ecs.Tasks(null, cancel);
        var instances = _steps.Any(step => step.Task!.Capacity.Any(LargerTask.IsOwn)) ? await ecs.Instances(cancel) : [];
        var refusals = note.Refusals.Where(refusal => time.GetUtcNow().ToUnixTimeMilliseconds() - refusal.At < 2 * FleetRules.Patience(6) && !HasCome(refusal, tasks)).ToList();
        var failed = await Failed(note, depths, tasks, refusals, cancel);
        note = note with { Refusals = [.. refusals], FailedStarts = [.. failed.Concat(note.FailedStarts).Distinct().Take(MostFailed)] };
        var state = await State(note, depths, jobSeconds, large, tasks, instances);
        var decision = FleetRules.Decide(state);
        foreach (var start in decision.Starts) await Start(start, note.Round, refusals, cancel);
        foreach (var stop in decision.Stops)
        {
            log.Tell("warning", $"A task of “{stop.Step}” is stopped. {stop.Reason}");
            if (stop.IsRefusal) Refuse(refusals, stop.Step, stop.Capacity, stop.Reason);
            await ecs.Stop(stop.Id, stop.Reason, cancel);
        }
        foreach (var instance in decision.EndInstances) await ecs.EndInstance(instance, cancel);
        foreach (var word in decision.Words) log.Tell("warning", word.Step.Length > 0 ? $"{word.Step}: {word.Sentence}" : word.Sentence);
        var started = decision.Starts.Sum(start => start.Count);
        // Of those that are stopped, all but what has no step any more should have ended by themselves.
        var stuck = failed.Count + state.Tasks.Count(task => task.Phase == TaskPhase.Starting && (state.Now - task.Asked) / 1000 > state.Start) + decision.Stops.Count(stop => !stop.IsRefusal && _steps.Any(step => step.Name == stop.Step));
        log.Measure((DeploymentMetrics.Tasks, state.Tasks.Count + started), (DeploymentMetrics.StuckTasks, stuck),
            (DeploymentMetrics.JobsWaiting, depths.Values.Sum(depth => depth.Waiting)), (DeploymentMetrics.JobsRunning, depths.Values.Sum(depth => depth.InFlight)));
        await _lease.Return(note with
        {
            Steps = state.Steps.ToDictionary(step => step.Name, step => new StepMemory(step.JobSeconds, step.StartSeconds, step.EmptySince)), Refusals = refusals, Words = decision.Words,
            IdleInstances = state.Instances.Where(instance => instance.IdleSince is not null).ToDictionary(instance => instance.Id, instance => instance.IdleSince!.Value), Tasks = state.Tasks.Count + started, At = state.Now,
        }, tag, cancel);
        return decision;
    }

    /// <summary>Stops the tasks of an instance that goes away, so that their workers hear of it while there is time.</summary>
    public async Task LeaveInstance(string instance, CancellationToken cancel)
    {
        if ((await ecs.Instances(cancel)).FirstOrDefault(other => other.Ec2InstanceId == instance) is not { } found) return;
        foreach (var task in await ecs.Tasks(found.ContainerInstanceArn, cancel)) await ecs.Stop(task.TaskArn, "The spot instance is taken back.", cancel);
    }

    /// <summary>Tasks that never came to work, and were not counted before. They are looked for where jobs wait and nobody works on them.</summary>
    private async Task<IReadOnlyList<string>> Failed(FleetNote note, IReadOnlyDictionary<string, Depth> depths, IReadOnlyList<EcsTask> tasks, List<Refusal> refusals, CancellationToken cancel)
    {
        var failed = new List<string>();
        foreach (var step in _steps)
        {
            if (depths.GetValueOrDefault(step.Name).Waiting == 0 || tasks.Any(task => IsOf(step, task) && task.StartedAt is not null)) continue;
            var fresh = (await ecs.Stopped(EcsCalls.Family(step.Task!.Definition), cancel)).Where(task => FailedStarts.Reason(task) is not null && !note.FailedStarts.Contains(task.TaskArn)).ToList();
            foreach (var capacity in fresh.GroupBy(task => task.CapacityProviderName ?? "")) Refuse(refusals, step.Name, capacity.Key, FailedStarts.Reason(capacity.MaxBy(task => task.CreatedAt)!)!);
            failed.AddRange(fresh.Select(task => task.TaskArn));
        }
        return failed;
    }

    /// <summary>True where a task has come up since.</summary>
    private bool HasCome(Refusal refusal, IReadOnlyList<EcsTask> tasks) => tasks.Any(task =>
        task.StartedAt is not null && task.CapacityProviderName == refusal.Capacity && task.CreatedAt * 1000 > refusal.At && _steps.Any(step => step.Name == refusal.Step && IsOf(step, task)));

    private async Task<FleetState> State(FleetNote note, IReadOnlyDictionary<string, Depth> depths, IReadOnlyDictionary<string, double> jobSeconds, Func<string, Task<IReadOnlyList<int>>> large,
        IReadOnlyList<EcsTask> tasks, IReadOnlyList<EcsInstance> instances)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var demands = new List<StepDemand>();
        // Deepest first: what is nearly done frees more than what begins.
        foreach (var step in _steps.Reverse())
        {
            var task = step.Task!;
            var depth = depths.GetValueOrDefault(step.Name);
            var known = note.Steps.GetValueOrDefault(step.Name);
            var starts = tasks.Where(other => IsOf(step, other) && other.StartedAt is not null).Select(other => other.StartedAt!.Value - other.CreatedAt).Where(seconds => seconds > 0).ToList();
            demands.Add(new StepDemand(step.Name, depth.Waiting, depth.InFlight, task.Jobs, task.MostTasks, task.Capacity, task.MemoryMiB, task.MostMemoryMiB)
            {
                JobSeconds = jobSeconds.TryGetValue(step.Name, out var seconds) ? known?.JobSeconds is { } before ? (before + seconds) / 2 : seconds : known?.JobSeconds,
                StartSeconds = starts.Count > 0 ? starts.Average() : known?.StartSeconds,
                EmptySince = depth is { Waiting: 0, InFlight: 0 } ? known?.EmptySince ?? now : null,
                Large = depth.Waiting > 0 ? await large(step.Name) : [],
            });
        }
        return new FleetState(now, deployment.Limits.Tasks, deployment.Limits.IdleSeconds, deployment.Limits.StartSeconds, demands,
            [.. tasks.Select(task => new FleetTask(task.TaskArn, _steps.FirstOrDefault(step => IsOf(step, task))?.Name ?? task.TaskDefinitionArn, task.StartedAt is null ? TaskPhase.Starting : TaskPhase.Running,
                (long)(task.CreatedAt * 1000), task.CapacityProviderName ?? "", MemoryOf(task)) { Reason = task.StoppedReason ?? task.LastStatus })], note.Refusals,
            [.. instances.Where(instance => instance is { Status: "ACTIVE", Ec2InstanceId: not null }).Select(instance => new FleetInstance(instance.Ec2InstanceId!, instance.CapacityProviderName ?? "",
                instance.RunningTasksCount + instance.PendingTasksCount, instance.RunningTasksCount + instance.PendingTasksCount == 0 ? note.IdleInstances.GetValueOrDefault(instance.Ec2InstanceId!, now) : null))]);
    }

    private async Task Start(TaskStart start, long round, List<Refusal> refusals, CancellationToken cancel)
    {
        var step = _steps.First(own => own.Name == start.Step);
        var task = step.Task!;
        for (int left = start.Count, n = 0; left > 0; left -= EcsCalls.MostStarts, n++)
        {
            var count = Math.Min(left, EcsCalls.MostStarts);
            // All that the call says is part of its token: the same round again is the same call, or another one.
            var token = Notes.NameOf(string.Create(CultureInfo.InvariantCulture, $"{deployment.Name}/{deployment.Made}/{round}/{start.Step}/{start.Capacity}/{start.MemoryMiB}/{n}/{count}"));
            var asked = new RunTaskAsked(task.Definition, count, token, [new CapacityAsked(start.Capacity)], $"yunpipe-{round}") { NetworkConfiguration = LargerTask.IsOwn(start.Capacity) ? null : Network(), Overrides = LargerTask.Overrides(step, start) };
            try
            {
                var answer = await ecs.Run(asked, cancel);
                if (answer.Failures is [{ } failure, ..]) Refuse(refusals, start.Step, start.Capacity, Sentence(failure));
                log.Tell("info", $"{answer.Tasks.Count} tasks of “{start.Step}” were asked for on {start.Capacity}.", ("tasks", answer.Tasks.Count));
            }
            catch (AwsRefusal refusal)
            {
                Refuse(refusals, start.Step, start.Capacity, refusal.Sentence);
                log.Tell("warning", refusal.Message);
                return;
            }
        }
    }

    private NetworkChoice? Network() => deployment.Cluster is { Subnets.Count: > 0 } cluster
        ? new NetworkChoice(new VpcChoice(cluster.Subnets, cluster.SecurityGroups, cluster.PublicAddress ? "ENABLED" : "DISABLED")) : null;

    private void Refuse(List<Refusal> refusals, string step, string capacity, string reason)
    {
        var times = refusals.Where(refusal => refusal.Step == step && refusal.Capacity == capacity).Select(refusal => refusal.Times).DefaultIfEmpty(0).Max();
        refusals.RemoveAll(refusal => refusal.Step == step && refusal.Capacity == capacity);
        refusals.Add(new Refusal(step, capacity, time.GetUtcNow().ToUnixTimeMilliseconds(), times + 1, reason));
        log.Tell("warning", $"{capacity} has no task for “{step}”: {reason.TrimEnd('.')}.");
    }

    private static string Sentence(EcsFailure failure) => failure.Detail is { Length: > 0 } detail ? $"{failure.Reason}: {detail}" : failure.Reason ?? "no reason was given";

    private static int MemoryOf(EcsTask task) =>
        int.TryParse(task.Overrides?.Memory ?? task.Memory, NumberStyles.None, CultureInfo.InvariantCulture, out var memory) ? memory
        : task.Overrides?.ContainerOverrides?.Select(container => container.Memory).FirstOrDefault(own => own is not null) ?? 0;

    /// <summary>By the family of its definition: a task of an earlier revision is still of the step.</summary>
    private static bool IsOf(DeployedStep step, EcsTask task) => EcsCalls.Family(step.Task!.Definition) == EcsCalls.Family(task.TaskDefinitionArn);
}
