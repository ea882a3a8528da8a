using System.Globalization;

namespace Yunpipe.Aws.Tests.Work;

public sealed class AgentOverlapTests
{
    /// <summary>Where bringing an input, computing and sending an output take a second each, one after the other would be three seconds an item.
    /// On a quiet machine the figure is above 0.9 of what is possible; here only what no sequence could reach is asked.</summary>
    [Fact]
    public async Task Bringing_computing_and_sending_go_side_by_side()
    {
        var (slow, items) = (TimeSpan.FromSeconds(1), 12);
        await using var bench = await DeploymentBench.Make("sleep 1; cp \"$1\" \"$2\"");
        for (var i = 0; i < items; i++) await bench.Send($"i{i}.txt", $"image {i}");
        bench.Aws.Http.Latency = request =>
            request.Method == "GET" && request.Path.Contains("/in/", StringComparison.Ordinal) || request.Method == "PUT" && request.Path.EndsWith(".out", StringComparison.Ordinal) && request.Header("x-amz-copy-source") is null ? slow : TimeSpan.Zero;
        using var agent = new WorkingAgent(bench);
        (await agent.Ended()).ShouldBe(0);
        var ends = agent.Lines.Where(line => (string?)line["event"] == "job-ended").Select(line => DateTimeOffset.Parse((string)line["time"]!, CultureInfo.InvariantCulture)).Order().ToList();
        ends.Count.ShouldBe(items);
        var reached = (items - 1) * slow / (ends[^1] - ends[0]);
        TestContext.Current.TestOutputHelper?.WriteLine($"throughput is {reached:0.00} of what the slowest of the three allows; one after the other would be {1 / 3.0:0.00}");
        reached.ShouldBeGreaterThan(0.6);
    }
}
