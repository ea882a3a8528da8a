using System.Text.Json;
using System.Text.Json.Nodes;
using Yunpipe.Aws.Metrics;
using Yunpipe.Aws.Stack;
using Yunpipe.Aws.Tests.Dispatch;
using Yunpipe.Aws.Tests.Work;

namespace Yunpipe.Aws.Tests.Stack;

/// <summary>What alarms and graphs read is what dispatcher and workers write.</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task Every_metric_that_the_template_names_is_written_under_the_same_dimensions()
    {
        var written = (await OfDispatcher()).Concat(await OfWorker()).ToHashSet();
        written.Count.ShouldBe(DeploymentMetrics.OfDeployment.Count + DeploymentMetrics.OfStep.Count);
        var read = StackTemplateTests.Names.SelectMany(name => Named(JsonNode.Parse(StackTemplate.Of(StackTemplateTests.Spec(name)))!["Resources"]!.AsObject())).ToHashSet();
        read.Count.ShouldBeGreaterThanOrEqualTo(4);
        read.ShouldBeSubsetOf(written);
    }

    private static async Task<IEnumerable<string>> OfDispatcher()
    {
        await using var bench = await (await CloudBench.Open("{name: w, input: ./in, steps: [{name: first, algorithm: copy}]}")).Dispatching();
        await bench.Minute();
        return bench.Logged.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject()).SelectMany(Written);
    }

    private static async Task<IEnumerable<string>> OfWorker()
    {
        await using var bench = await DeploymentBench.Make("cp \"$1\" \"$2\"");
        await bench.Send("a.txt", "x");
        using var agent = new WorkingAgent(bench);
        await agent.Ended();
        return agent.Lines.SelectMany(Written);
    }

    /// <summary>The metrics of a line: namespace, name, dimensions. A dimension or a figure that the line itself does not hold is none.</summary>
    private static IEnumerable<string> Written(JsonObject line) => line["_aws"] is not { } described ? [] :
        from set in described["CloudWatchMetrics"]!.AsArray()
        from dimensions in set!["Dimensions"]!.AsArray()
        where dimensions!.AsArray().All(name => line[(string)name!]?.GetValueKind() == JsonValueKind.String)
        from metric in set["Metrics"]!.AsArray()
        where line[(string)metric!["Name"]!]?.GetValueKind() == JsonValueKind.Number
        select Text((string)set["Namespace"]!, (string)metric["Name"]!, dimensions!.AsArray().Select(name => (string)name!));

    /// <summary>All metrics outside of AWS's own namespaces that alarms, expressions of alarms and dashboards name.</summary>
    private static IEnumerable<string> Named(JsonObject resources)
    {
        var metrics = new List<(JsonNode? Space, JsonNode? Name, IEnumerable<string> Dimensions)>();
        foreach (var properties in resources.Select(resource => resource.Value!["Properties"]!))
        {
            foreach (var metric in ((IEnumerable<JsonNode?>)[properties, .. properties["Metrics"] as JsonArray ?? []]).Select(each => each!["MetricStat"]?["Metric"] ?? each).OfType<JsonObject>())
                if (metric["MetricName"] is { } name) metrics.Add((metric["Namespace"], name, metric["Dimensions"]!.AsArray().Select(dimension => (string)dimension!["Name"]!)));
            if (properties["DashboardBody"]?["Fn::Sub"] is { } body)
                foreach (var row in JsonNode.Parse((string)body!)!["widgets"]!.AsArray().SelectMany(widget => widget!["properties"]!["metrics"]!.AsArray()).Select(row => row!.AsArray()))
                    metrics.Add((row[0], row[1], row.Skip(2).Where(cell => cell is JsonValue).Where((_, at) => at % 2 == 0).Select(cell => (string)cell!)));
        }
        return metrics.Where(metric => !((string)metric.Space!).StartsWith("AWS/", StringComparison.Ordinal)).Select(metric => Text((string)metric.Space!, (string)metric.Name!, metric.Dimensions));
    }

    private static string Text(string space, string name, IEnumerable<string> dimensions) => $"{space} {name} by {string.Join(", ", dimensions.Order(StringComparer.Ordinal))}";
}
