using System.Text.Json.Nodes;

namespace Yunpipe.Aws.Stack;

/// <summary>The ECS cluster and the kinds of capacity that it may use.</summary>
internal static class Cluster
{
    public const string Id = "Cluster";

    public static void Add(StackParts parts)
    {
        var groups = MachineGroups.Of(parts.Spec);
        parts.Add(Id, "AWS::ECS::Cluster", new JsonObject { ["ClusterSettings"] = Cf.List(new JsonObject { ["Name"] = "containerInsights", ["Value"] = "disabled" }) });
        parts.Add("ClusterCapacity", "AWS::ECS::ClusterCapacityProviderAssociations", new JsonObject
        {
            ["Cluster"] = Cf.Ref(Id), ["DefaultCapacityProviderStrategy"] = Cf.List(),
            ["CapacityProviders"] = Cf.List([.. new JsonNode[] { "FARGATE", "FARGATE_SPOT" }, .. groups.Select(group => Cf.Ref(group.Provider))]),
        });
        parts.Tell(Id, "The cluster that tasks run in.", Cf.Get(Id, "Arn"));
    }
}
