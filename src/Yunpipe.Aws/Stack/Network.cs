using System.Text.Json.Nodes;

namespace Yunpipe.Aws.Stack;

/// <summary>Two public subnets that cost nothing while nothing runs, with a gateway endpoint so that images never pass a priced way; or the user's own.
/// Nothing may connect from outside.</summary>
internal static class Network
{
    public const string Vpc = "Network", SecurityGroup = "NoInbound";

    public static void Add(StackParts parts)
    {
        if (parts.Spec.Network is null) Make(parts);
        parts.Tell("Subnets", "Where tasks run.", parts.Spec.Network is { } own ? string.Join(",", own.Subnets) : Cf.Sub("${SubnetA},${SubnetB}"));
        parts.Tell("SecurityGroups", "What tasks may be reached from: nothing, unless you chose your own.", parts.Spec.Network is { } given ? string.Join(",", given.SecurityGroups) : Cf.Get(SecurityGroup, "GroupId"));
    }

    public static JsonArray Subnets(StackSpec spec) => spec.Network is { } own ? Cf.Texts(own.Subnets) : Cf.List(Cf.Ref("SubnetA"), Cf.Ref("SubnetB"));

    public static JsonArray Groups(StackSpec spec) => spec.Network is { } own ? Cf.Texts(own.SecurityGroups) : Cf.List(Cf.Get(SecurityGroup, "GroupId"));

    private static void Make(StackParts parts)
    {
        parts.Add(Vpc, "AWS::EC2::VPC", new JsonObject { ["CidrBlock"] = "10.90.0.0/16", ["EnableDnsSupport"] = true, ["EnableDnsHostnames"] = true });
        parts.Add("Gateway", "AWS::EC2::InternetGateway", []);
        parts.Add("GatewayOfNetwork", "AWS::EC2::VPCGatewayAttachment", new JsonObject { ["VpcId"] = Cf.Ref(Vpc), ["InternetGatewayId"] = Cf.Ref("Gateway") });
        parts.Add("Routes", "AWS::EC2::RouteTable", new JsonObject { ["VpcId"] = Cf.Ref(Vpc) });
        parts.Add("RouteOut", "AWS::EC2::Route", new JsonObject { ["RouteTableId"] = Cf.Ref("Routes"), ["DestinationCidrBlock"] = "0.0.0.0/0", ["GatewayId"] = Cf.Ref("Gateway") }, Cf.Texts("GatewayOfNetwork"));
        foreach (var (id, block, zone) in new[] { ("SubnetA", "10.90.0.0/20", 0), ("SubnetB", "10.90.16.0/20", 1) })
        {
            parts.Add(id, "AWS::EC2::Subnet", new JsonObject
            {
                ["VpcId"] = Cf.Ref(Vpc), ["CidrBlock"] = block, ["MapPublicIpOnLaunch"] = true,
                ["AvailabilityZone"] = new JsonObject { ["Fn::Select"] = Cf.List(zone, new JsonObject { ["Fn::GetAZs"] = "" }) },
            });
            parts.Add(id + "Routes", "AWS::EC2::SubnetRouteTableAssociation", new JsonObject { ["SubnetId"] = Cf.Ref(id), ["RouteTableId"] = Cf.Ref("Routes") });
        }
        parts.Add("StorageWay", "AWS::EC2::VPCEndpoint", new JsonObject
        {
            ["VpcId"] = Cf.Ref(Vpc), ["VpcEndpointType"] = "Gateway", ["ServiceName"] = Cf.Sub("com.amazonaws.${AWS::Region}.s3"), ["RouteTableIds"] = Cf.List(Cf.Ref("Routes")),
        });
        parts.Add(SecurityGroup, "AWS::EC2::SecurityGroup", new JsonObject
        {
            ["GroupDescription"] = "Out by TLS and DNS, nothing in", ["VpcId"] = Cf.Ref(Vpc),
            ["SecurityGroupEgress"] = Cf.List(
                new JsonObject { ["IpProtocol"] = "tcp", ["FromPort"] = 443, ["ToPort"] = 443, ["CidrIp"] = "0.0.0.0/0", ["Description"] = "S3, SQS, registries, logs" }),
        });
    }
}
