using System.Text.Json.Nodes;

namespace Yunpipe.Aws.Stack;

/// <summary>What wakes the dispatcher: uploads, records, machines that are taken back, and each minute. Outputs, views, indexes and logs match no rule.</summary>
internal static class Rules
{
    public const string Uploads = "UploadRule", Records = "RecordRule", Spot = "SpotRule", Schedule = "ScheduleRule";

    /// <summary>Rules that send to the queue of events.</summary>
    public static IReadOnlyList<string> Sources(StackSpec spec) => HasSpotMachines(spec) ? [Uploads, Records, Spot] : [Uploads, Records];

    public static void Add(StackParts parts)
    {
        var spec = parts.Spec;
        // A queue of its own kind keeps what Lambda could not take in time; a rule's target is tried for a day.
        parts.Add(Uploads, "AWS::Events::Rule", ToQueue("Images uploaded, replaced or removed", OfBucket(Buckets.Name(spec, Buckets.Input), ["Object Created", "Object Deleted"], [spec.Input.Prefix])));
        parts.Add(Records, "AWS::Events::Rule", ToQueue("Manifests and failure records, each of which launches the next step",
            OfBucket(Buckets.Name(spec, Buckets.Work), ["Object Created"], ["_yunpipe/manifests/", "_yunpipe/failures/"])));
        // Fargate tells its own tasks; on machines nothing does.
        if (HasSpotMachines(spec)) parts.Add(Spot, "AWS::Events::Rule", ToQueue("Machines that will be taken back in two minutes", new JsonObject
        {
            ["source"] = Cf.Texts("aws.ec2"), ["detail-type"] = Cf.Texts("EC2 Spot Instance Interruption Warning"),
        }));
        parts.Add(Schedule, "AWS::Events::Rule", new JsonObject
        {
            ["Description"] = "Each minute: backlog against tasks, and whatever an event forgot",
            ["ScheduleExpression"] = "rate(1 minute)", ["State"] = "ENABLED",
            ["Targets"] = Cf.List(new JsonObject { ["Id"] = "dispatcher", ["Arn"] = Cf.Get(Dispatcher.Function, "Arn") }),
        });
        parts.Add("SchedulePermission", "AWS::Lambda::Permission", new JsonObject
        {
            ["FunctionName"] = Cf.Ref(Dispatcher.Function), ["Action"] = "lambda:InvokeFunction", ["Principal"] = "events.amazonaws.com", ["SourceArn"] = Cf.Get(Schedule, "Arn"),
        });
    }

    private static bool HasSpotMachines(StackSpec spec) => MachineGroups.Of(spec).Any(group => group.Spot);

    private static JsonObject ToQueue(string description, JsonObject pattern) => new()
    {
        ["Description"] = description, ["State"] = "ENABLED", ["EventPattern"] = pattern,
        ["Targets"] = Cf.List(new JsonObject { ["Id"] = "events", ["Arn"] = Cf.Get(Queues.Events, "Arn") }),
    };

    private static JsonObject OfBucket(JsonNode bucket, string[] kinds, string[] prefixes) => new()
    {
        ["source"] = Cf.Texts("aws.s3"), ["detail-type"] = Cf.Texts(kinds),
        ["detail"] = new JsonObject
        {
            ["bucket"] = new JsonObject { ["name"] = Cf.List(bucket) },
            ["object"] = prefixes is [""] ? null : new JsonObject { ["key"] = Cf.List(prefixes.Select(prefix => new JsonObject { ["prefix"] = prefix })) },
        }.WithoutNulls(),
    };
}
