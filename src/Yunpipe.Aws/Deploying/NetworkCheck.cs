using Yunpipe.Aws.Calls;
using Yunpipe.Aws.Stack;
using Yunpipe.Documents;

namespace Yunpipe.Aws.Deploying;

/// <summary>Whether tasks in the user's own subnets reach S3 and all else that they need.
/// <code>
/// the subnet's way out            public address   then
/// internet gateway                yes              all is reached; what goes to S3 by a gateway endpoint is free
/// internet gateway                no               nothing is reached: a problem
/// NAT gateway, or another         any              all is reached; without a gateway endpoint each GiB to S3 is paid for
/// none                            any              endpoints for S3, SQS, ECR (two), logs and ECS are needed
/// </code></summary>
public static class NetworkCheck
{
    /// <summary>Besides S3, which has an endpoint that costs nothing.</summary>
    public static IReadOnlyList<string> Services { get; } = ["sqs", "ecr.api", "ecr.dkr", "logs", "ecs"];

    /// <param name="Missing">Interface endpoints times zones that would have to be made.</param>
    public sealed record Outcome(IReadOnlyList<CheckLine> Lines, int Missing);

    public static async Task<Outcome> Look(NetworkCalls calls, OwnNetwork network, string region, CancellationToken cancel)
    {
        var subnets = await calls.Subnets(network.Subnets, cancel);
        var routes = await calls.Routes(subnets, cancel);
        var endpoints = (await calls.Endpoints([.. subnets.Select(subnet => subnet.Vpc).Distinct()], cancel)).Where(endpoint => endpoint.State.Equals("available", StringComparison.OrdinalIgnoreCase)).ToList();
        bool Has(string service) => endpoints.Exists(endpoint => endpoint.Service == $"com.amazonaws.{region}.{service}");
        var (lines, missing) = (new List<CheckLine>(), 0);
        foreach (var route in routes)
        {
            var storage = endpoints.Exists(endpoint => route.GatewayEndpoints.Contains(endpoint.Id) && endpoint.Service.EndsWith(".s3", StringComparison.Ordinal)) || Has("s3");
            if (route.Target is null)
            {
                List<string> lacks = [.. storage ? Array.Empty<string>() : ["s3"], .. Services.Where(service => !Has(service))];
                missing += lacks.Count(service => service != "s3");
                lines.Add(lacks.Count == 0 ? new CheckLine("network", CheckKind.Good, $"{route.Subnet} has no way out, and endpoints for all that tasks need.")
                    : new CheckLine("network", CheckKind.Bad, $"{route.Subnet} has no way out, and no endpoint for {Wording.AllOf(lacks)}.", "Make these endpoints in its network, or a NAT gateway, or choose a public subnet."));
            }
            else if (route.Target.StartsWith("igw-", StringComparison.Ordinal) && !network.PublicAddresses)
                lines.Add(new CheckLine("network", CheckKind.Bad, $"{route.Subnet} reaches the world through an internet gateway, which takes a public address.", "Leave out --no-public-address."));
            else
                lines.Add(storage ? new CheckLine("network", CheckKind.Good, $"{route.Subnet} reaches S3 and the registry.")
                    : new CheckLine("network", CheckKind.Advice, $"{route.Subnet} reaches S3 and the registry, S3 through {(route.Target.StartsWith("nat-", StringComparison.Ordinal) ? "a NAT gateway, where each GiB is paid for" : "the way of all else")}.", "A gateway endpoint for S3 costs nothing."));
        }
        if (subnets.Count < network.Subnets.Count)
            lines.Add(new CheckLine("network", CheckKind.Bad, $"There is no subnet {Wording.AllOf(network.Subnets.Except(subnets.Select(subnet => subnet.Id)))} in {region}.", "Check ids and region."));
        return new Outcome(lines, missing);
    }
}

public enum CheckKind { Good, Advice, Unknown, Bad }

/// <summary>One line of doctor: a topic, whether it is well, and what to do where it is not.</summary>
public sealed record CheckLine(string Topic, CheckKind Kind, string Says, string? Advice = null);
