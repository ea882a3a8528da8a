using System.Text.Json.Nodes;

namespace Yunpipe.Aws.Stack;

/// <summary>The resources and outputs of a template under way. Whatever can carry tags carries them.</summary>
internal sealed class StackParts(StackSpec spec)
{
    /// <summary>Types that have no tags, or have them in another place, which then is set where they are made.</summary>
    private static readonly HashSet<string> Untagged =
    [
        "AWS::SQS::QueuePolicy", "AWS::S3::BucketPolicy", "AWS::Lambda::Permission", "AWS::Lambda::EventInvokeConfig", "AWS::IAM::InstanceProfile",
        "AWS::SNS::Subscription", "AWS::SNS::TopicPolicy", "AWS::EC2::Route", "AWS::EC2::SubnetRouteTableAssociation",
        "AWS::EC2::VPCGatewayAttachment", "AWS::ECS::ClusterCapacityProviderAssociations", "AWS::AutoScaling::ScalingPolicy", "AWS::EC2::LaunchTemplate",
        "AWS::AutoScaling::AutoScalingGroup", "AWS::IAM::Policy",
    ];

    public JsonObject Resources { get; } = [];
    public JsonObject Outputs { get; } = [];
    public StackSpec Spec => spec;

    public void Add(string id, string type, JsonObject properties, JsonArray? after = null, JsonObject? more = null)
    {
        if (!Untagged.Contains(type)) properties["Tags"] = Tags();
        var resource = new JsonObject { ["Type"] = type };
        if (after is not null) resource["DependsOn"] = after;
        foreach (var (name, value) in more ?? []) resource[name] = value?.DeepClone();
        resource["Properties"] = properties;
        Resources.Add(id, resource);
    }

    public void Tell(string id, string description, JsonNode value) => Outputs.Add(id, new JsonObject { ["Description"] = description, ["Value"] = value });

    public JsonArray Tags() => Cf.List(TagPairs().Select(pair => new JsonObject { ["Key"] = pair.Key, ["Value"] = pair.Value }));

    public IEnumerable<KeyValuePair<string, string>> TagPairs() =>
    [
        new("yunpipe:deployment", spec.Name), new("yunpipe:version", spec.Version), new("yunpipe:owner", spec.Owner),
    ];
}
