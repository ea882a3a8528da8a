using System.Text.Json.Serialization;

namespace Yunpipe.Aws.Calls;

/// <summary>The few calls of ECS that the dispatcher makes (Amazon ECS API reference, version 2014-11-13).</summary>
public sealed class EcsCalls(AwsCalls calls, string cluster)
{
    private const string Target = "AmazonEC2ContainerServiceV20141113";

    /// <summary>Most tasks of one RunTask call, and most names of one Describe call.</summary>
    public const int MostStarts = 10, MostDescribed = 100;

    public Task<RunTaskAnswer> Run(RunTaskAsked asked, CancellationToken cancel) =>
        calls.Json("ecs", Target, "RunTask", asked with { Cluster = cluster }, EcsJson.Default.RunTaskAsked, EcsJson.Default.RunTaskAnswer, cancel);

    public Task Stop(string task, string reason, CancellationToken cancel) =>
        calls.Json("ecs", Target, "StopTask", new StopTaskAsked(cluster, task, reason.Length > 255 ? reason[..255] : reason), EcsJson.Default.StopTaskAsked, EcsJson.Default.StopTaskAnswer, cancel);

    /// <summary>All tasks that are not to stop, whatever they do now.</summary>
    public async Task<IReadOnlyList<EcsTask>> Tasks(string? containerInstance, CancellationToken cancel)
    {
        var arns = new List<string>();
        string? next = null;
        do
        {
            var page = await calls.Json("ecs", Target, "ListTasks", new ListTasksAsked(cluster, "RUNNING", containerInstance, next), EcsJson.Default.ListTasksAsked, EcsJson.Default.ListTasksAnswer, cancel);
            arns.AddRange(page.TaskArns);
            next = page.NextToken;
        }
        while (next is not null);
        var tasks = new List<EcsTask>();
        foreach (var some in arns.Chunk(MostDescribed))
            tasks.AddRange((await calls.Json("ecs", Target, "DescribeTasks", new DescribeTasksAsked(cluster, some), EcsJson.Default.DescribeTasksAsked, EcsJson.Default.DescribeTasksAnswer, cancel)).Tasks);
        return tasks;
    }

    /// <summary>Tasks of a family that have stopped lately: ECS keeps them for an hour, of which this is one page.</summary>
    public async Task<IReadOnlyList<EcsTask>> Stopped(string family, CancellationToken cancel)
    {
        var page = await calls.Json("ecs", Target, "ListTasks", new ListTasksAsked(cluster, "STOPPED", null, null, family), EcsJson.Default.ListTasksAsked, EcsJson.Default.ListTasksAnswer, cancel);
        return page.TaskArns.Count == 0 ? []
            : (await calls.Json("ecs", Target, "DescribeTasks", new DescribeTasksAsked(cluster, [.. page.TaskArns.Take(MostDescribed)]), EcsJson.Default.DescribeTasksAsked, EcsJson.Default.DescribeTasksAnswer, cancel)).Tasks;
    }

    public async Task<IReadOnlyList<EcsInstance>> Instances(CancellationToken cancel)
    {
        var arns = new List<string>();
        string? next = null;
        do
        {
            var page = await calls.Json("ecs", Target, "ListContainerInstances", new ListInstancesAsked(cluster, next), EcsJson.Default.ListInstancesAsked, EcsJson.Default.ListInstancesAnswer, cancel);
            arns.AddRange(page.ContainerInstanceArns);
            next = page.NextToken;
        }
        while (next is not null);
        var instances = new List<EcsInstance>();
        foreach (var some in arns.Chunk(MostDescribed))
            instances.AddRange((await calls.Json("ecs", Target, "DescribeContainerInstances", new DescribeInstancesAsked(cluster, some), EcsJson.Default.DescribeInstancesAsked, EcsJson.Default.DescribeInstancesAnswer, cancel)).ContainerInstances);
        return instances;
    }

    /// <summary>Of a definition that is named by family and revision, or by its ARN: the family.</summary>
    public static string Family(string definition)
    {
        var name = definition[(definition.LastIndexOf('/') + 1)..];
        return name.LastIndexOf(':') is > 0 and var colon ? name[..colon] : name;
    }

    /// <summary>Ends an instance of a group, which then wants one less.</summary>
    public Task EndInstance(string instance, CancellationToken cancel) => calls.Query("autoscaling", "2011-01-01", "TerminateInstanceInAutoScalingGroup",
        [new("InstanceId", instance), new("ShouldDecrementDesiredCapacity", "true")], cancel);

    /// <summary>Ends a group with all its machines, protected or not; nothing where there is none.</summary>
    public async Task DeleteGroup(string group, CancellationToken cancel)
    {
        try
        {
            await calls.Query("autoscaling", "2011-01-01", "DeleteAutoScalingGroup", [new("AutoScalingGroupName", group), new("ForceDelete", "true")], cancel);
        }
        catch (AwsRefusal refusal) when (refusal.Code is "ValidationError" && refusal.Sentence.Contains("not found", StringComparison.OrdinalIgnoreCase) || refusal.Code is "ResourceInUse" or "ScalingActivityInProgress")
        {
            // Gone, or on its way.
        }
    }
}

public sealed record RunTaskAsked(string TaskDefinition, int Count, string ClientToken, IReadOnlyList<CapacityAsked> CapacityProviderStrategy, string StartedBy)
{
    public string? Cluster { get; set; }
    public NetworkChoice? NetworkConfiguration { get; set; }
    public TaskOverride? Overrides { get; set; }
    public string PropagateTags { get; set; } = "TASK_DEFINITION";

    [JsonPropertyName("enableECSManagedTags")]
    public bool EnableManagedTags { get; set; } = true;
}

public sealed record CapacityAsked(string CapacityProvider, int Weight = 1);

public sealed record NetworkChoice(VpcChoice AwsvpcConfiguration);

/// <param name="AssignPublicIp">ENABLED or DISABLED.</param>
public sealed record VpcChoice(IReadOnlyList<string> Subnets, IReadOnlyList<string> SecurityGroups, string AssignPublicIp);

public sealed record TaskOverride(string? Cpu, string? Memory, IReadOnlyList<ContainerOverride>? ContainerOverrides);

public sealed record ContainerOverride(string Name, int? Memory, IReadOnlyList<NamedValue>? Environment = null);

public sealed record NamedValue(string Name, string Value);

public sealed record RunTaskAnswer
{
    public IReadOnlyList<EcsTask> Tasks { get; set; } = [];
    public IReadOnlyList<EcsFailure> Failures { get; set; } = [];
}

public sealed record EcsFailure(string? Arn, string? Reason, string? Detail);

/// <summary>A task as ECS describes it. Times are seconds since 1970.</summary>
public sealed record EcsTask
{
    public required string TaskArn { get; init; }
    public string TaskDefinitionArn { get; set; } = "";
    public string LastStatus { get; set; } = "";
    public double CreatedAt { get; set; }
    public double? StartedAt { get; set; }
    public string? CapacityProviderName { get; set; }
    public string? ContainerInstanceArn { get; set; }
    public string? StopCode { get; set; }
    public string? StoppedReason { get; set; }
    public IReadOnlyList<EcsContainer> Containers { get; set; } = [];
    public string? Memory { get; set; }
    public TaskOverride? Overrides { get; set; }
}

public sealed record EcsContainer(int? ExitCode, string? Reason);

public sealed record EcsInstance
{
    public required string ContainerInstanceArn { get; init; }
    public string? Ec2InstanceId { get; set; }
    public string? CapacityProviderName { get; set; }
    public string Status { get; set; } = "";
    public int RunningTasksCount { get; set; }
    public int PendingTasksCount { get; set; }
}

internal sealed record StopTaskAsked(string Cluster, string Task, string Reason);

internal sealed record StopTaskAnswer;

internal sealed record ListTasksAsked(string Cluster, string DesiredStatus, string? ContainerInstance, string? NextToken, string? Family = null);

internal sealed record ListTasksAnswer
{
    public IReadOnlyList<string> TaskArns { get; set; } = [];
    public string? NextToken { get; set; }
}

internal sealed record DescribeTasksAsked(string Cluster, IReadOnlyList<string> Tasks);

internal sealed record DescribeTasksAnswer
{
    public IReadOnlyList<EcsTask> Tasks { get; set; } = [];
}

internal sealed record ListInstancesAsked(string Cluster, string? NextToken);

internal sealed record ListInstancesAnswer
{
    public IReadOnlyList<string> ContainerInstanceArns { get; set; } = [];
    public string? NextToken { get; set; }
}

internal sealed record DescribeInstancesAsked(string Cluster, IReadOnlyList<string> ContainerInstances);

internal sealed record DescribeInstancesAnswer
{
    public IReadOnlyList<EcsInstance> ContainerInstances { get; set; } = [];
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunTaskAsked))]
[JsonSerializable(typeof(RunTaskAnswer))]
[JsonSerializable(typeof(StopTaskAsked))]
[JsonSerializable(typeof(StopTaskAnswer))]
[JsonSerializable(typeof(ListTasksAsked))]
[JsonSerializable(typeof(ListTasksAnswer))]
[JsonSerializable(typeof(DescribeTasksAsked))]
[JsonSerializable(typeof(DescribeTasksAnswer))]
[JsonSerializable(typeof(ListInstancesAsked))]
[JsonSerializable(typeof(ListInstancesAnswer))]
[JsonSerializable(typeof(DescribeInstancesAsked))]
[JsonSerializable(typeof(DescribeInstancesAnswer))]
internal sealed partial class EcsJson : JsonSerializerContext;
