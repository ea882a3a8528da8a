using Yunpipe.Aws.Calls;

namespace Yunpipe.Aws.Deploying;

/// <summary>A change set in words: what will be made, changed, made anew, and removed, kind by kind.</summary>
public static class ChangeWords
{
    /// <summary>What people call the resources of a stack. What is not named here only connects others.</summary>
    private static readonly (string Type, string One, string Many)[] Kinds =
    [
        ("AWS::S3::Bucket", "bucket", "buckets"), ("AWS::SQS::Queue", "queue", "queues"), ("AWS::Lambda::Function", "function", "functions"), ("AWS::ECS::Cluster", "cluster", "clusters"),
        ("AWS::ECS::TaskDefinition", "task definition", "task definitions"), ("AWS::AutoScaling::AutoScalingGroup", "group of machines", "groups of machines"),
        ("AWS::EC2::LaunchTemplate", "launch template", "launch templates"), ("AWS::IAM::Role", "role", "roles"), ("AWS::Logs::LogGroup", "log group", "log groups"),
        ("AWS::CloudWatch::Alarm", "alarm", "alarms"), ("AWS::CloudWatch::Dashboard", "dashboard", "dashboards"), ("AWS::SNS::Topic", "topic", "topics"),
        ("AWS::EC2::VPC", "network", "networks"), ("AWS::EC2::Subnet", "subnet", "subnets"), ("AWS::Events::Rule", "rule", "rules"),
    ];

    /// <summary>A line each; resources that hold data and would be removed or replaced are named.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<StackChange> changes)
    {
        var lines = new List<string>();
        void Say(string verb, Func<StackChange, bool> which)
        {
            var chosen = changes.Where(which).ToList();
            if (chosen.Count == 0) return;
            var named = Kinds.Select(kind => (kind, Count: chosen.Count(change => change.Type == kind.Type))).Where(entry => entry.Count > 0)
                .Select(entry => FormattableString.Invariant($"{entry.Count} {(entry.Count == 1 ? entry.kind.One : entry.kind.Many)}")).ToList();
            var rest = chosen.Count(change => Array.TrueForAll(Kinds, kind => kind.Type != change.Type));
            if (rest > 0) named.Add(FormattableString.Invariant($"{rest} that connect {(chosen.Count > rest ? "them" : "others")}"));
            lines.Add($"{verb}: {string.Join(", ", named)}.");
        }
        Say("Will be made", change => change.Action is "Add" or "Import");
        Say("Will be changed", change => change.Action is "Modify" or "Dynamic" && change.Replacement is not "True");
        Say("Will be made anew", change => change.Action is "Modify" && change.Replacement is "True");
        Say("Will be removed", change => change.Action is "Remove");
        foreach (var change in changes.Where(change => change.Type is "AWS::S3::Bucket" && (change.Action == "Remove" || change.Replacement == "True")))
            lines.Add($"The bucket {change.LogicalId} leaves the deployment; its data is kept.");
        return lines;
    }
}
