using System.Text.Json.Nodes;

namespace Yunpipe.Aws.Stack;

/// <summary>A queue and a dead-letter queue for each step, and the same for events. What fails is told by the store's records, so the receive limit is
/// high: it catches only messages that end their worker unseen (design.md §5).</summary>
internal static class Queues
{
    public const int MostReceives = 50, LeaseSeconds = 300, KeepSeconds = 1_209_600;
    public const string Events = "EventQueue", EventsDead = "EventDeadLetters";

    public static void Add(StackParts parts)
    {
        // A failed event comes again when its lease is over: as soon after the longest call as Lambda lets it.
        Pair(parts, Events, EventsDead, Dispatcher.Timeout + 60, 10);
        Admit(parts, Events, new JsonObject
        {
            ["Effect"] = "Allow", ["Principal"] = new JsonObject { ["Service"] = "events.amazonaws.com" }, ["Action"] = "sqs:SendMessage", ["Resource"] = Cf.Get(Events, "Arn"),
            ["Condition"] = new JsonObject { ["ArnEquals"] = new JsonObject { ["aws:SourceArn"] = Cf.List(Rules.Sources(parts.Spec).Select(rule => Cf.Get(rule, "Arn"))) } },
        });
        foreach (var step in parts.Spec.Steps)
        {
            var id = StepIds.Of(step.Name);
            Pair(parts, id + "Queue", id + "DeadLetters", LeaseSeconds, MostReceives);
            Admit(parts, id + "Queue", OnlyFrom(id));
            parts.Tell(id + "Queue", $"Jobs of {step.Name}.", Cf.Ref(id + "Queue"));
            parts.Tell(id + "DeadLetters", $"Messages of {step.Name} that ended {MostReceives} workers unseen.", Cf.Ref(id + "DeadLetters"));
        }
    }

    private static void Pair(StackParts parts, string queue, string dead, int lease, int receives)
    {
        parts.Add(dead, "AWS::SQS::Queue", new JsonObject { ["SqsManagedSseEnabled"] = true, ["MessageRetentionPeriod"] = KeepSeconds });
        parts.Add(queue, "AWS::SQS::Queue", new JsonObject
        {
            ["SqsManagedSseEnabled"] = true, ["MessageRetentionPeriod"] = KeepSeconds, ["VisibilityTimeout"] = lease, ["ReceiveMessageWaitTimeSeconds"] = 20,
            ["RedrivePolicy"] = new JsonObject { ["deadLetterTargetArn"] = Cf.Get(dead, "Arn"), ["maxReceiveCount"] = receives },
        });
        Admit(parts, dead);
    }

    private static void Admit(StackParts parts, string queue, params IEnumerable<JsonNode> statements) => parts.Add(queue + "Policy", "AWS::SQS::QueuePolicy", new JsonObject
    {
        ["Queues"] = Cf.List(Cf.Ref(queue)), ["PolicyDocument"] = Policies.Document([.. statements, Policies.TlsOnly("sqs:*", Cf.Get(queue, "Arn"))]),
    });

    /// <summary>Jobs come from the dispatcher, and from the step's own tasks that give one back with more memory; from nobody else, whatever his rights.</summary>
    private static JsonObject OnlyFrom(string id) => new()
    {
        ["Sid"] = "OnlyItsSources", ["Effect"] = "Deny", ["Principal"] = "*", ["Action"] = "sqs:SendMessage", ["Resource"] = Cf.Get(id + "Queue", "Arn"),
        ["Condition"] = new JsonObject { ["ArnNotEquals"] = new JsonObject { ["aws:PrincipalArn"] = Cf.List(Cf.Get(Dispatcher.Role, "Arn"), Cf.Get(id + "Role", "Arn")) } },
    };
}
