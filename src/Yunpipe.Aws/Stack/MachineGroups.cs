using System.Text.Json.Nodes;

namespace Yunpipe.Aws.Stack;

/// <summary>One group of machines for all steps that need the same kind: from zero, grown by ECS for the tasks that wait, shrunk when they are idle.
/// With spot there are two, and the dispatcher takes the on-demand one where spare capacity is sold out.</summary>
/// <param name="Disk">GiB of the machines' disk.</param>
internal sealed record MachineGroup(string Id, string Provider, string Template, IReadOnlyList<string> Types, int Disk, bool Gpu, bool Spot, int Most);

internal static class MachineGroups
{
    private const string Role = "MachineRole", Profile = "MachineProfile";

    /// <summary>Seconds after which a machine is replaced however well it works: seven days.</summary>
    private const int MostLifetime = 604_800;

    private static readonly string[] Launched = ["instance", "volume"];

    public static IReadOnlyList<MachineGroup> Of(StackSpec spec)
    {
        var groups = new List<MachineGroup>();
        foreach (var alike in spec.Steps.Where(step => step.Capacity.Kind is CapacityKind.Machines).GroupBy(step => (Types: string.Join(' ', step.Capacity.InstanceTypes), step.Capacity.Spot, Gpu: step.Size.Gpu > 0)))
        {
            // The images, and room for as many tasks as one machine may hold at once.
            var disk = 40 + (int)Math.Min(2000, alike.Max(step => (step.Size.Disk + (1L << 30) - 1) >> 30) * 2);
            foreach (var spot in alike.Key.Spot ? [true, false] : new[] { false })
            {
                var id = $"Machines{groups.Count + 1}";
                groups.Add(new MachineGroup(id, id + "Provider", id + "Template", alike.Key.Types.Split(' '), disk, alike.Key.Gpu, spot, alike.Sum(step => step.MostTasks)));
            }
        }
        return groups;
    }

    /// <summary>The capacity providers of a step, the preferred one first.</summary>
    public static IReadOnlyList<MachineGroup> Of(StackSpec spec, StackStep step) =>
        [.. Of(spec).Where(group => string.Join(' ', group.Types) == string.Join(' ', step.Capacity.InstanceTypes) && group.Gpu == step.Size.Gpu > 0 && (step.Capacity.Spot || !group.Spot))
            .OrderByDescending(group => group.Spot)];

    public static void Add(StackParts parts)
    {
        var groups = Of(parts.Spec);
        if (groups.Count == 0) return;
        parts.Add(Role, "AWS::IAM::Role", Policies.Role("ec2.amazonaws.com", "join-cluster", Joining()));
        parts.Add(Profile, "AWS::IAM::InstanceProfile", new JsonObject { ["Roles"] = Cf.List(Cf.Ref(Role)) });
        foreach (var group in groups)
        {
            AddTemplate(parts, group);
            AddGroup(parts, group);
            parts.Add(group.Provider, "AWS::ECS::CapacityProvider", new JsonObject
            {
                ["AutoScalingGroupProvider"] = new JsonObject
                {
                    ["AutoScalingGroupArn"] = Cf.Ref(group.Id), ["ManagedTerminationProtection"] = "ENABLED", ["ManagedDraining"] = "ENABLED",
                    ["ManagedScaling"] = new JsonObject { ["Status"] = "ENABLED", ["TargetCapacity"] = 100, ["MinimumScalingStepSize"] = 1, ["MaximumScalingStepSize"] = 10, ["InstanceWarmupPeriod"] = 90 },
                },
            });
            parts.Tell(group.Provider, $"{(group.Spot ? "Spare" : "On-demand")} machines: {string.Join(", ", group.Types)}.", Cf.Ref(group.Provider));
        }
    }

    private static void AddTemplate(StackParts parts, MachineGroup group) => parts.Add(group.Template, "AWS::EC2::LaunchTemplate", new JsonObject
    {
        ["LaunchTemplateData"] = new JsonObject
        {
            ["ImageId"] = $"{{{{resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/{(group.Gpu ? "gpu/" : "")}recommended/image_id}}}}",
            ["IamInstanceProfile"] = new JsonObject { ["Arn"] = Cf.Get(Profile, "Arn") },
            ["MetadataOptions"] = new JsonObject { ["HttpTokens"] = "required", ["HttpPutResponseHopLimit"] = 1, ["HttpEndpoint"] = "enabled" },
            ["BlockDeviceMappings"] = Cf.List(new JsonObject
            {
                ["DeviceName"] = "/dev/xvda",
                ["Ebs"] = new JsonObject { ["VolumeSize"] = group.Disk, ["VolumeType"] = "gp3", ["Encrypted"] = true, ["DeleteOnTermination"] = true },
            }),
            ["NetworkInterfaces"] = Cf.List(new JsonObject
            {
                ["DeviceIndex"] = 0, ["AssociatePublicIpAddress"] = parts.Spec.Network?.PublicAddresses ?? true, ["Groups"] = Network.Groups(parts.Spec), ["DeleteOnTermination"] = true,
            }),
            ["UserData"] = new JsonObject
            {
                ["Fn::Base64"] = Cf.Sub("#!/bin/sh\ncat >>/etc/ecs/ecs.config <<END\nECS_CLUSTER=${Cluster}\nECS_CONTAINER_STOP_TIMEOUT=2m\nECS_IMAGE_PULL_BEHAVIOR=prefer-cached\nECS_ENABLE_TASK_IAM_ROLE=true\nEND\n"),
            },
            ["TagSpecifications"] = Cf.List(Launched.Select(kind => new JsonObject { ["ResourceType"] = kind, ["Tags"] = parts.Tags() })),
        },
        ["TagSpecifications"] = Cf.List(new JsonObject { ["ResourceType"] = "launch-template", ["Tags"] = parts.Tags() }),
    });

    private static void AddGroup(StackParts parts, MachineGroup group) => parts.Add(group.Id, "AWS::AutoScaling::AutoScalingGroup", new JsonObject
    {
        ["MinSize"] = "0", ["MaxSize"] = $"{group.Most}", ["VPCZoneIdentifier"] = Network.Subnets(parts.Spec), ["NewInstancesProtectedFromScaleIn"] = true,
        ["MaxInstanceLifetime"] = MostLifetime, ["CapacityRebalance"] = group.Spot,
        ["MetricsCollection"] = Cf.List(new JsonObject { ["Granularity"] = "1Minute", ["Metrics"] = Cf.Texts("GroupInServiceInstances") }),
        ["MixedInstancesPolicy"] = new JsonObject
        {
            ["InstancesDistribution"] = new JsonObject
            {
                ["OnDemandBaseCapacity"] = 0, ["OnDemandPercentageAboveBaseCapacity"] = group.Spot ? 0 : 100,
                ["OnDemandAllocationStrategy"] = "prioritized", ["SpotAllocationStrategy"] = "price-capacity-optimized",
            },
            ["LaunchTemplate"] = new JsonObject
            {
                ["LaunchTemplateSpecification"] = new JsonObject { ["LaunchTemplateId"] = Cf.Ref(group.Template), ["Version"] = Cf.Get(group.Template, "LatestVersionNumber") },
                ["Overrides"] = Cf.List(group.Types.Select(type => new JsonObject { ["InstanceType"] = type })),
            },
        },
        ["Tags"] = Cf.List([
            .. parts.TagPairs().Select(pair => new JsonObject { ["Key"] = pair.Key, ["Value"] = pair.Value, ["PropagateAtLaunch"] = true }),
            new JsonObject { ["Key"] = "AmazonECSManaged", ["Value"] = "", ["PropagateAtLaunch"] = true },
        ]),
    });

    /// <summary>What the ECS agent of a machine does; pulling and logging is done with the tasks' execution role.</summary>
    private static IEnumerable<JsonNode> Joining()
    {
        var machines = "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:container-instance/${Cluster}/*";
        yield return Policies.Allow(["ecs:RegisterContainerInstance", "ecs:DeregisterContainerInstance", "ecs:SubmitAttachmentStateChanges", "ecs:SubmitContainerStateChange", "ecs:SubmitTaskStateChange"], Cf.Get(Cluster.Id, "Arn"));
        yield return Policies.Allow(["ecs:Poll", "ecs:StartTelemetrySession", "ecs:UpdateContainerInstancesState"], Cf.Sub(machines));
        // AWS knows no resource for this one.
        yield return Policies.Allow(["ecs:DiscoverPollEndpoint"], "*");
    }
}
