using System.Text.Json.Nodes;
using Yunpipe.Aws.Metrics;

namespace Yunpipe.Aws.Stack;

/// <summary>What tells a person: a topic, alarms on what no worker can tell of itself, and a dashboard.</summary>
internal static class Watch
{
    public const string Topic = "Notices";

    /// <summary>Seconds that a message may wait before somebody is told: six hours, more than any backlog that grows machines.</summary>
    private const int MostAge = 21_600;

    /// <summary>What becomes of jobs, as their workers count it.</summary>
    private static readonly Metric[] JobMetrics = [DeploymentMetrics.Done, DeploymentMetrics.SetAside];

    public static void Add(StackParts parts)
    {
        var spec = parts.Spec;
        parts.Add(Topic, "AWS::SNS::Topic", new JsonObject { ["DisplayName"] = $"Yunpipe {spec.Name}" });
        parts.Add("NoticesPolicy", "AWS::SNS::TopicPolicy", new JsonObject
        {
            ["Topics"] = Cf.List(Cf.Ref(Topic)),
            ["PolicyDocument"] = Policies.Document(new JsonObject
            {
                ["Sid"] = "Alarms", ["Effect"] = "Allow", ["Principal"] = new JsonObject { ["Service"] = "cloudwatch.amazonaws.com" }, ["Action"] = "sns:Publish", ["Resource"] = Cf.Ref(Topic),
                ["Condition"] = new JsonObject { ["StringEquals"] = new JsonObject { ["aws:SourceAccount"] = Cf.Ref("AWS::AccountId") } },
            }, Policies.TlsOnly("sns:Publish", Cf.Ref(Topic))),
        });
        if (spec.Mail is { } mail) parts.Add("Mail", "AWS::SNS::Subscription", new JsonObject { ["TopicArn"] = Cf.Ref(Topic), ["Protocol"] = "email", ["Endpoint"] = mail });
        foreach (var step in spec.Steps)
        {
            var id = StepIds.Of(step.Name);
            Alarm(parts, id + "DeadAlarm", $"Jobs of {step.Name} end their workers unseen: see yunpipe failures {spec.Name}", OfQueue("ApproximateNumberOfMessagesVisible", id + "DeadLetters", "Maximum", 300), 0);
            Alarm(parts, id + "AgeAlarm", $"Jobs of {step.Name} have waited for six hours: see yunpipe status {spec.Name}", OfQueue("ApproximateAgeOfOldestMessage", id + "Queue", "Maximum", 900), MostAge);
        }
        Alarm(parts, "EventsAlarm", $"Events could not be worked on: yunpipe submit {spec.Name} looks at every image again", OfQueue("ApproximateNumberOfMessagesVisible", Queues.EventsDead, "Maximum", 300), 0);
        Alarm(parts, "InvocationsAlarm", "Invocations of the dispatcher failed for good; the next minute's reconcile makes up for them", OfQueue("ApproximateNumberOfMessagesVisible", Dispatcher.Dead, "Maximum", 300), 0);
        Alarm(parts, "ErrorsAlarm", "The dispatcher fails: see its log group", Reading("AWS/Lambda", "Errors", "Sum", 300, ("FunctionName", Cf.Ref(Dispatcher.Function))), 3);
        Alarm(parts, "StuckAlarm", $"Tasks neither work nor end: see yunpipe status {spec.Name}", Reading(DeploymentMetrics.Namespace, DeploymentMetrics.StuckTasks.Name, "Maximum", 300, (DeploymentMetrics.Deployment, spec.Name)), 0);
        foreach (var group in MachineGroups.Of(spec)) Idle(parts, group);
        parts.Add("Dashboard", "AWS::CloudWatch::Dashboard", new JsonObject { ["DashboardBody"] = Cf.Sub(Board(spec).ToJsonString()) });
        parts.Tell(Topic, "Who subscribes here hears of what is finished and what was set aside.", Cf.Ref(Topic));
    }

    private static JsonObject OfQueue(string metric, string queue, string statistic, int seconds) => Reading("AWS/SQS", metric, statistic, seconds, ("QueueName", Cf.Get(queue, "QueueName")));

    private static JsonObject Reading(string space, string name, string statistic, int seconds, params IEnumerable<(string Name, JsonNode Value)> dimensions) => new()
    {
        ["Namespace"] = space, ["MetricName"] = name, ["Statistic"] = statistic, ["Period"] = seconds,
        ["Dimensions"] = Cf.List(dimensions.Select(dimension => new JsonObject { ["Name"] = dimension.Name, ["Value"] = dimension.Value })),
    };

    private static void Alarm(StackParts parts, string id, string description, JsonObject metric, int above)
    {
        metric["AlarmDescription"] = description;
        metric["EvaluationPeriods"] = 1;
        metric["Threshold"] = above;
        metric["ComparisonOperator"] = "GreaterThanThreshold";
        metric["TreatMissingData"] = "notBreaching";
        metric["AlarmActions"] = Cf.List(Cf.Ref(Topic));
        parts.Add(id, "AWS::CloudWatch::Alarm", metric);
    }

    /// <summary>The dispatcher ends machines without tasks; where it does not come to it, this does after half an hour.</summary>
    private static void Idle(StackParts parts, MachineGroup group)
    {
        parts.Add(group.Id + "ToZero", "AWS::AutoScaling::ScalingPolicy", new JsonObject
        {
            ["AutoScalingGroupName"] = Cf.Ref(group.Id), ["PolicyType"] = "SimpleScaling", ["AdjustmentType"] = "ExactCapacity", ["ScalingAdjustment"] = 0, ["Cooldown"] = "300",
        });
        parts.Add(group.Id + "IdleAlarm", "AWS::CloudWatch::Alarm", new JsonObject
        {
            ["AlarmDescription"] = "Machines run without tasks: they are ended",
            ["Metrics"] = Cf.List(
                new JsonObject { ["Id"] = "idle", ["Expression"] = "IF(machines > 0 AND FILL(tasks, 0) < 1, 1, 0)", ["ReturnData"] = true, ["Label"] = "machines without tasks" },
                Part("machines", "AWS/AutoScaling", "GroupInServiceInstances", ("AutoScalingGroupName", Cf.Ref(group.Id))),
                Part("tasks", DeploymentMetrics.Namespace, DeploymentMetrics.Tasks.Name, (DeploymentMetrics.Deployment, parts.Spec.Name))),
            ["EvaluationPeriods"] = 6, ["DatapointsToAlarm"] = 6, ["Threshold"] = 0, ["ComparisonOperator"] = "GreaterThanThreshold", ["TreatMissingData"] = "notBreaching",
            ["AlarmActions"] = Cf.List(Cf.Ref(group.Id + "ToZero"), Cf.Ref(Topic)),
        });
    }

    private static JsonObject Part(string id, string space, string metric, (string Name, JsonNode Value) dimension) => new()
    {
        ["Id"] = id, ["ReturnData"] = false,
        ["MetricStat"] = new JsonObject
        {
            ["Metric"] = new JsonObject { ["Namespace"] = space, ["MetricName"] = metric, ["Dimensions"] = Cf.List(new JsonObject { ["Name"] = dimension.Name, ["Value"] = dimension.Value }) },
            ["Period"] = 300, ["Stat"] = "Maximum",
        },
    };

    /// <summary>Three graphs: what waits, what runs, how long the dispatcher takes. Names of queues are filled in by CloudFormation.</summary>
    private static JsonObject Board(StackSpec spec) => new()
    {
        ["widgets"] = Cf.List(
            Graph(0, "Jobs waiting", "Maximum", Cf.List(spec.Steps.Select(step => Cf.List("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", $"${{{StepIds.Of(step.Name)}Queue.QueueName}}", Label(step.Name))))),
            // Each job that ends is a one of its own.
            Graph(1, "Jobs done, set aside", "Sum", Cf.List(spec.Steps.SelectMany(step => JobMetrics.Select(metric =>
                Cf.List(DeploymentMetrics.Namespace, metric.Name, DeploymentMetrics.Deployment, spec.Name, DeploymentMetrics.Step, step.Name, Label($"{step.Name}: {metric.Name}")))))),
            Graph(2, "Tasks", "Maximum", Cf.List(Cf.List(DeploymentMetrics.Namespace, DeploymentMetrics.Tasks.Name, DeploymentMetrics.Deployment, spec.Name),
                Cf.List(DeploymentMetrics.Namespace, DeploymentMetrics.StuckTasks.Name, DeploymentMetrics.Deployment, spec.Name))),
            Graph(3, "Dispatcher", "Maximum", Cf.List(Cf.List("AWS/Lambda", "Duration", "FunctionName", $"${{{Dispatcher.Function}}}"), Cf.List("AWS/Lambda", "Errors", "FunctionName", $"${{{Dispatcher.Function}}}")))),
    };

    private static JsonObject Label(string text) => new() { ["label"] = text };

    private static JsonObject Graph(int place, string title, string statistic, JsonArray metrics) => new()
    {
        ["type"] = "metric", ["x"] = place % 2 * 12, ["y"] = place / 2 * 6, ["width"] = 12, ["height"] = 6,
        ["properties"] = new JsonObject { ["title"] = title, ["region"] = "${AWS::Region}", ["period"] = 60, ["stat"] = statistic, ["metrics"] = metrics },
    };
}
