using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Yunpipe.Aws.Tests.Emulator;

namespace Yunpipe.Aws.Tests.Dispatch;

/// <summary>The binary that is deployed.</summary>
public sealed class PublishedTests
{
    private const string Chain = """
        name: w
        input: {location: ./in, include: ["*.tif"]}
        steps: [{name: first, algorithm: copy}, {name: second, algorithm: upper}]
        """;

    [Fact]
    public async Task The_published_dispatcher_brings_every_result_once()
    {
        await using var bench = await CloudBench.Open(Chain);
        using var dispatcher = new Published(bench);
        await bench.Lambda.Ready.WaitAsync(TimeSpan.FromMinutes(1));
        for (var n = 0; n < 30; n++) bench.Upload($"image {n}+.tif", $"content {n}");
        await bench.Local.Run(Chain);
        await bench.Settle();
        bench.Results().Count.ShouldBe(30);
        bench.Keys("_yunpipe/manifests/").Count.ShouldBe(60);
        lock (dispatcher.Lines) dispatcher.Lines.ShouldAllBe(line => JsonNode.Parse(line)!["time"] != null);
    }

    /// <summary>Measured by bench/bench.cs, which asks for it by name.</summary>
    [Fact(Explicit = true)]
    public async Task Start_ten_thousand_events_and_memory()
    {
        var starts = new List<double>();
        for (var turn = 0; turn < 10; turn++)
        {
            await using var idle = await CloudBench.Open(Chain, cluster: false);
            var clock = Stopwatch.StartNew();
            using var started = new Published(idle);
            await idle.Lambda.Ready.WaitAsync(TimeSpan.FromMinutes(1));
            starts.Add(clock.Elapsed.TotalMilliseconds);
        }
        await using var bench = await CloudBench.Open(Chain, cluster: false);
        using var dispatcher = new Published(bench);
        await bench.Lambda.Ready.WaitAsync(TimeSpan.FromMinutes(1));
        for (var n = 0; n < 10_000; n++) bench.Put("in", $"{n:00000}.tif", [1]);
        var calls = bench.TakeHappened().Chunk(1_000).Select(some => EventForms.Queued(some.Select((happened, at) => ($"m{at}", EventForms.Bridged(happened).ToJsonString()))).ToJsonString()).ToList();
        var events = Stopwatch.StartNew();
        foreach (var call in calls) (await bench.Lambda.Invoke(call)).ShouldBe((true, """{"batchItemFailures":[]}"""));
        var seconds = events.Elapsed.TotalSeconds;
        bench.Aws.Sqs.Bodies("first").Count.ShouldBe(10_000);
        var line = string.Create(CultureInfo.InvariantCulture, $"{starts.Min():0.0} {seconds:0.00} {dispatcher.Peak / 1048576.0:0.0}");
        if (Environment.GetEnvironmentVariable("YUNPIPE_MEASURE") is { } file) await File.WriteAllTextAsync(file, line);
        TestContext.Current.TestOutputHelper?.WriteLine(line);
    }
}
