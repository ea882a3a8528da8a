using System.Globalization;
using System.Text.Json.Nodes;
using Yunpipe.Deployments;

namespace Yunpipe.Aws.Stack;

/// <summary>For each step a task definition, the role that its container takes on, and a log group; for all of them one role that pulls and logs.</summary>
internal static class Tasks
{
    public const string ExecutionRole = "ExecutionRole", Container = "algorithm";

    /// <summary>Seconds between TERM and KILL: ECS allows no more, and a spot machine is gone after as many.</summary>
    public const int StopSeconds = 120;

    /// <summary>Records that a worker reads and writes of its own step (docs/spec/store-layout.md).</summary>
    private static readonly string[] Records = ["manifests", "failures", "attempts", "items", "content", "messages"];

    public static void Add(StackParts parts)
    {
        var spec = parts.Spec;
        parts.Add(ExecutionRole, "AWS::IAM::Role", Policies.Role("ecs-tasks.amazonaws.com", "pull-and-log", Pulling(spec)));
        foreach (var step in spec.Steps)
        {
            var id = StepIds.Of(step.Name);
            parts.Add(id + "Log", "AWS::Logs::LogGroup", new JsonObject { ["RetentionInDays"] = spec.LogDays });
            parts.Add(id + "Role", "AWS::IAM::Role", Policies.Role("ecs-tasks.amazonaws.com", "work", Working(spec, step, id)));
            parts.Add(id + "Task", "AWS::ECS::TaskDefinition", step.Capacity.Kind is CapacityKind.Fargate ? OnFargate(spec, step, id) : OnMachines(spec, step, id));
            parts.Tell(id + "Task", $"What a task of {step.Name} is.", Cf.Ref(id + "Task"));
            parts.Tell(id + "Log", $"What tasks of {step.Name} say.", Cf.Ref(id + "Log"));
        }
    }

    private static JsonObject OnFargate(StackSpec spec, StackStep step, string id)
    {
        var (cpu, memory) = FargateSize.Fit(step.Size.Cpu, step.Size.Memory)
            ?? throw new ArgumentException($"No Fargate task holds what {step.Name} asks for.", nameof(step));
        var task = Definition(spec, step, id, "FARGATE", "awsvpc");
        task["Cpu"] = Text(cpu);
        task["Memory"] = Text(memory);
        task["RuntimePlatform"] = new JsonObject { ["CpuArchitecture"] = "X86_64", ["OperatingSystemFamily"] = "LINUX" };
        if (FargateSize.DiskGiB(step.Size.Disk) is { } disk) task["EphemeralStorage"] = new JsonObject { ["SizeInGiB"] = disk };
        return task;
    }

    private static JsonObject OnMachines(StackSpec spec, StackStep step, string id)
    {
        var task = Definition(spec, step, id, "EC2", "bridge");
        var container = task["ContainerDefinitions"]![0]!.AsObject();
        container["Cpu"] = (int)Math.Ceiling(step.Size.Cpu * 1024);
        container["Memory"] = MachineTypes.TaskMemory(step.Size.Memory);
        if (step.Size.Gpu > 0) container["ResourceRequirements"] = Cf.List(new JsonObject { ["Type"] = "GPU", ["Value"] = Text(step.Size.Gpu) });
        if (step.Size.SharedMemory > 64 << 20) container["LinuxParameters"]!["SharedMemorySize"] = (int)(step.Size.SharedMemory >> 20);
        return task;
    }

    private static JsonObject Definition(StackSpec spec, StackStep step, string id, string kind, string network) => new()
    {
        ["Family"] = $"{spec.Name}-{step.Name}", ["RequiresCompatibilities"] = Cf.Texts(kind), ["NetworkMode"] = network,
        ["TaskRoleArn"] = Cf.Get(id + "Role", "Arn"), ["ExecutionRoleArn"] = Cf.Get(ExecutionRole, "Arn"),
        ["ContainerDefinitions"] = Cf.List(new JsonObject
        {
            ["Name"] = Container, ["Image"] = Cf.Text(step.Image), ["Essential"] = true, ["EntryPoint"] = Cf.Texts("/opt/yunpipe/agent"), ["Command"] = Cf.Texts("work"),
            // The agent is process 1 and reaps what is left over; nothing else is asked of the host.
            ["LinuxParameters"] = new JsonObject { ["InitProcessEnabled"] = false, ["Capabilities"] = new JsonObject { ["Drop"] = Cf.Texts("NET_RAW") } },
            ["Privileged"] = kind == "EC2" ? false : null,
            ["StopTimeout"] = StopSeconds,
            ["LogConfiguration"] = new JsonObject
            {
                // What the log service cannot take in time is dropped by the driver, never waited for.
                ["LogDriver"] = "awslogs", ["Options"] = new JsonObject
                {
                    ["awslogs-group"] = Cf.Ref(id + "Log"), ["awslogs-region"] = Cf.Ref("AWS::Region"), ["awslogs-stream-prefix"] = "task", ["mode"] = "non-blocking", ["max-buffer-size"] = "4m",
                },
            },
            ["Environment"] = Cf.List(
                Variable("YUNPIPE_DEPLOYMENT", Dispatcher.DeploymentPlace()), Variable("YUNPIPE_STEP", step.Name), Variable("YUNPIPE_QUEUE_URL", Cf.Ref(id + "Queue")),
                Variable("YUNPIPE_IDLE", Text((int)spec.Idle.TotalSeconds))),
        }.WithoutNulls()),
    };

    private static JsonObject Variable(string name, JsonNode value) => new() { ["Name"] = name, ["Value"] = value };

    /// <summary>What a step's container may do. The algorithm can read these keys, so they reach its own queue and prefixes only.</summary>
    private static IEnumerable<JsonNode> Working(StackSpec spec, StackStep step, string id)
    {
        yield return Policies.Allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:SendMessage", "sqs:GetQueueAttributes"], Cf.Get(id + "Queue", "Arn"));
        var read = new List<JsonNode> { Buckets.Arn(spec, Buckets.Work, Deployment.ObjectName) };
        if (step.ReadsInput) read.Add(Buckets.Arn(spec, Buckets.Input, "*"));
        read.AddRange(step.Reads.Select(upstream => Buckets.Arn(spec, Buckets.Work, $"{upstream}/*")));
        read.AddRange(step.References.Select(reference => Cf.Sub($"arn:${{AWS::Partition}}:s3:::{reference}")));
        yield return Policies.Allow(step.ReadsInput ? ["s3:GetObject", "s3:GetObjectVersion"] : ["s3:GetObject"], Cf.List(read));
        // Its outputs, its records, the groups that its items are members of, and its part of the view.
        string[] own = [$"{step.Name}/", .. Records.Select(kind => $"_yunpipe/{kind}/{step.Name}/"), .. step.Gathers.Select(gather => $"_yunpipe/groups/{gather}/")];
        var places = own.Select(path => Buckets.Arn(spec, Buckets.Work, path + "*")).ToList();
        if (step.View is { } view)
        {
            places.Add(Buckets.Arn(spec, Buckets.Work, "_yunpipe/views/*"));
            places.Add(Buckets.Arn(spec, Buckets.Results, view + "*"));
        }
        yield return Policies.Allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"], Cf.List(places));
        yield return Buckets.Listing(spec, Buckets.Work, [.. own.Select(path => path + "*"), .. step.Reads.Select(upstream => $"{upstream}/*")]);
        if (step.View is { } shown) yield return Buckets.Listing(spec, Buckets.Results, shown + "*");
        if (step.ReadsInput) yield return Buckets.Listing(spec, Buckets.Input, "*");
        // What lies in a directory is found by listing it.
        foreach (var folders in step.References.Where(reference => reference.EndsWith("/*", StringComparison.Ordinal)).GroupBy(reference => reference[..reference.IndexOf('/')]))
            yield return Policies.Allow(["s3:ListBucket"], Cf.Sub($"arn:${{AWS::Partition}}:s3:::{folders.Key}"),
                new JsonObject { ["StringLike"] = new JsonObject { ["s3:prefix"] = Cf.Texts(folders.Select(reference => reference[(folders.Key.Length + 1)..])) } });
    }

    private static IEnumerable<JsonNode> Pulling(StackSpec spec)
    {
        yield return Policies.Allow(["logs:CreateLogStream", "logs:PutLogEvents"], Cf.List(spec.Steps.Select(step => Cf.Get(StepIds.Of(step.Name) + "Log", "Arn"))));
        var repositories = spec.Steps.Select(step => step.Repository).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (repositories.Count == 0) yield break;
        yield return Policies.Allow(["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"], Cf.List(repositories.Select(Cf.Text)));
        // AWS knows no resource for this one.
        yield return Policies.Allow(["ecr:GetAuthorizationToken"], "*");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
