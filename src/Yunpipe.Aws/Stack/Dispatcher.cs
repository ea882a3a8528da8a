using System.Text.Json.Nodes;
using Yunpipe.Deployments;

namespace Yunpipe.Aws.Stack;

/// <summary>The dispatcher: a function, the role that it takes on, and where its failed invocations end.</summary>
internal static class Dispatcher
{
    public const string Function = "Dispatcher", Role = "DispatcherRole", Log = "DispatcherLog", Dead = "DispatcherDeadLetters";

    /// <summary>Seconds that one invocation may take. Most take one or two; closing a group of a hundred thousand members takes minutes.</summary>
    public const int Timeout = 300;

    public static void Add(StackParts parts)
    {
        parts.Add(Log, "AWS::Logs::LogGroup", new JsonObject { ["RetentionInDays"] = parts.Spec.LogDays });
        parts.Add(Dead, "AWS::SQS::Queue", new JsonObject { ["SqsManagedSseEnabled"] = true, ["MessageRetentionPeriod"] = Queues.KeepSeconds });
        parts.Add(Role, "AWS::IAM::Role", Policies.Role("lambda.amazonaws.com", "dispatch", Statements(parts.Spec)));
        parts.Add(Function, "AWS::Lambda::Function", new JsonObject
        {
            ["Description"] = $"Yunpipe {parts.Spec.Name}: from uploads to jobs, from jobs to tasks",
            ["Runtime"] = "provided.al2023", ["Handler"] = "bootstrap", ["Architectures"] = Cf.Texts("x86_64"), ["MemorySize"] = 512, ["Timeout"] = Timeout,
            ["Code"] = new JsonObject { ["S3Bucket"] = Cf.Text(parts.Spec.Dispatcher.Bucket), ["S3Key"] = parts.Spec.Dispatcher.Key },
            ["Role"] = Cf.Get(Role, "Arn"),
            ["DeadLetterConfig"] = new JsonObject { ["TargetArn"] = Cf.Get(Dead, "Arn") },
            ["LoggingConfig"] = new JsonObject { ["LogGroup"] = Cf.Ref(Log), ["LogFormat"] = "JSON" },
            ["Environment"] = new JsonObject { ["Variables"] = new JsonObject { ["YUNPIPE_DEPLOYMENT"] = DeploymentPlace(), ["YUNPIPE_NOTICES"] = Cf.Ref(Watch.Topic) } },
        });
        parts.Add("EventsToDispatcher", "AWS::Lambda::EventSourceMapping", new JsonObject
        {
            ["EventSourceArn"] = Cf.Get(Queues.Events, "Arn"), ["FunctionName"] = Cf.Ref(Function), ["BatchSize"] = 100, ["MaximumBatchingWindowInSeconds"] = 1,
            ["FunctionResponseTypes"] = Cf.Texts("ReportBatchItemFailures"), ["ScalingConfig"] = new JsonObject { ["MaximumConcurrency"] = 5 },
        });
        parts.Tell(Function, "The function that sends jobs and starts tasks.", Cf.Ref(Function));
    }

    /// <summary>Where the document lies that tells dispatcher and workers what is deployed.</summary>
    public static JsonObject DeploymentPlace() => Cf.Sub($"s3://${{{Buckets.Work}}}/{Deployment.ObjectName}");

    private static IEnumerable<JsonNode> Statements(StackSpec spec)
    {
        var ids = spec.Steps.Select(step => StepIds.Of(step.Name)).ToList();
        yield return Policies.Allow(["logs:CreateLogStream", "logs:PutLogEvents"], Cf.Get(Log, "Arn"));
        yield return Policies.Allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], Cf.Get(Queues.Events, "Arn"));
        yield return Policies.Allow(["sqs:SendMessage"], Cf.Get(Dead, "Arn"));
        yield return Policies.Allow(["sqs:SendMessage", "sqs:GetQueueAttributes"], Cf.List(ids.Select(id => Cf.Get(id + "Queue", "Arn"))));
        // Of outputs it asks only whether they are still kept; results that are made no more it takes out of the view.
        yield return Policies.Allow(["s3:GetObject"], Cf.List(Buckets.Arn(spec, Buckets.Input, "*"), Buckets.Arn(spec, Buckets.Work, "*")));
        yield return Policies.Allow(["s3:DeleteObject"], Buckets.Arn(spec, Buckets.Results, "*"));
        yield return Policies.Allow(["s3:PutObject", "s3:DeleteObject"], Buckets.Arn(spec, Buckets.Work, "_yunpipe/*"));
        yield return Buckets.Listing(spec, Buckets.Input, "*");
        yield return Buckets.Listing(spec, Buckets.Work, "*");
        yield return Policies.Allow(["ecs:RunTask"], Cf.List(ids.Select(id => Cf.Ref(id + "Task"))), OfCluster());
        yield return Policies.Allow(["ecs:StopTask", "ecs:DescribeTasks"], Cf.Sub("arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:task/${Cluster}/*"));
        yield return Policies.Allow(["ecs:TagResource"], Cf.Sub("arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:task/${Cluster}/*"),
            new JsonObject { ["StringEquals"] = new JsonObject { ["ecs:CreateAction"] = "RunTask" } });
        yield return Policies.Allow(["ecs:ListTasks", "ecs:DescribeContainerInstances"], Cf.Sub("arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:container-instance/${Cluster}/*"));
        yield return Policies.Allow(["ecs:ListContainerInstances"], Cf.Get(Cluster.Id, "Arn"));
        yield return Policies.Allow(["iam:PassRole"], Cf.List([.. ids.Select(id => Cf.Get(id + "Role", "Arn")), Cf.Get(Tasks.ExecutionRole, "Arn")]),
            new JsonObject { ["StringEquals"] = new JsonObject { ["iam:PassedToService"] = "ecs-tasks.amazonaws.com" } });
        yield return Policies.Allow(["sns:Publish"], Cf.Ref(Watch.Topic));
        if (MachineGroups.Of(spec) is { Count: > 0 } groups)
            yield return Policies.Allow(["autoscaling:TerminateInstanceInAutoScalingGroup"],
                Cf.List(groups.Select(group => Cf.Sub($"arn:${{AWS::Partition}}:autoscaling:${{AWS::Region}}:${{AWS::AccountId}}:autoScalingGroup:*:autoScalingGroupName/${{{group.Id}}}"))));
    }

    private static JsonObject OfCluster() => new() { ["ArnEquals"] = new JsonObject { ["ecs:cluster"] = Cf.Get(Cluster.Id, "Arn") } };
}
