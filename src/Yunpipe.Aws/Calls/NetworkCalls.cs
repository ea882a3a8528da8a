using System.Globalization;
using System.Xml.Linq;

namespace Yunpipe.Aws.Calls;

/// <param name="MapsPublic">True where what is started there gets a public address by itself.</param>
public sealed record SubnetFound(string Id, string Vpc, string Zone, bool MapsPublic);

/// <summary>Where a subnet's traffic for the rest of the world goes: <c>igw-…</c>, <c>nat-…</c>, something else, or nowhere (null).</summary>
public sealed record SubnetRoute(string Subnet, string? Target, IReadOnlyList<string> GatewayEndpoints);

/// <param name="Service">Such as <c>com.amazonaws.eu-central-1.sqs</c>.</param>
public sealed record EndpointFound(string Id, string Service, string State);

/// <summary>Questions about networks (Amazon EC2 API reference, version 2016-11-15).</summary>
public sealed class NetworkCalls(AwsCalls calls)
{
    /// <summary>What a route may lead to, in the words of its description.</summary>
    private static readonly string[] Targets = ["natGatewayId", "gatewayId", "transitGatewayId", "networkInterfaceId", "instanceId"];

    public async Task<IReadOnlyList<SubnetFound>> Subnets(IReadOnlyList<string> ids, CancellationToken cancel) =>
        [.. Items(await Ask("DescribeSubnets", ids.Select((id, n) => (Numbered("SubnetId", n), id)), cancel), "subnetSet").Select(item =>
            new SubnetFound(Text(item, "subnetId"), Text(item, "vpcId"), Text(item, "availabilityZone"), Text(item, "mapPublicIpOnLaunch") == "true"))];

    /// <summary>Of each subnet the route that holds for it: its own table's, or the main one's of its network.</summary>
    public async Task<IReadOnlyList<SubnetRoute>> Routes(IReadOnlyList<SubnetFound> subnets, CancellationToken cancel)
    {
        var vpcs = subnets.Select(subnet => subnet.Vpc).Distinct(StringComparer.Ordinal).ToList();
        var tables = Items(await Ask("DescribeRouteTables", Filter("vpc-id", vpcs), cancel), "routeTableSet").ToList();
        return [.. subnets.Select(subnet =>
        {
            bool Holds(XElement table, Func<XElement, bool> how) => Text(table, "vpcId") == subnet.Vpc && Items(table, "associationSet").Any(how);
            var table = tables.FirstOrDefault(table => Holds(table, association => Text(association, "subnetId") == subnet.Id)) ?? tables.FirstOrDefault(table => Holds(table, association => Text(association, "main") == "true"));
            var routes = table is null ? [] : Items(table, "routeSet").Where(route => Text(route, "state") != "blackhole").ToList();
            var outside = routes.FirstOrDefault(route => Text(route, "destinationCidrBlock") == "0.0.0.0/0");
            var target = outside is null ? null : Targets.Select(name => Text(outside, name)).FirstOrDefault(text => text.Length > 0);
            return new SubnetRoute(subnet.Id, target, [.. routes.Select(route => Text(route, "gatewayId")).Where(id => id.StartsWith("vpce-", StringComparison.Ordinal))]);
        })];
    }

    public async Task<IReadOnlyList<EndpointFound>> Endpoints(IReadOnlyList<string> vpcs, CancellationToken cancel) =>
        [.. Items(await Ask("DescribeVpcEndpoints", Filter("vpc-id", vpcs), cancel), "vpcEndpointSet").Select(item => new EndpointFound(Text(item, "vpcEndpointId"), Text(item, "serviceName"), Text(item, "state")))];

    private async Task<XElement> Ask(string action, IEnumerable<(string Name, string Value)> fields, CancellationToken cancel) =>
        XDocument.Parse(await calls.Query("ec2", "2016-11-15", action, fields.Select(field => new KeyValuePair<string, string>(field.Name, field.Value)), cancel)).Root!;

    private static IEnumerable<(string, string)> Filter(string name, IReadOnlyList<string> values) =>
        [("Filter.1.Name", name), .. values.Select((value, n) => (Numbered("Filter.1.Value", n), value))];

    private static IEnumerable<XElement> Items(XElement of, string set) => of.Elements().FirstOrDefault(element => element.Name.LocalName == set)?.Elements().Where(element => element.Name.LocalName == "item") ?? [];

    private static string Text(XElement of, string name) => of.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value ?? "";

    private static string Numbered(string name, int n) => $"{name}.{(n + 1).ToString(CultureInfo.InvariantCulture)}";
}
