using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Yunpipe.Aws.Tests.Emulator;

namespace Yunpipe.Aws.Tests.Dispatch;

/// <summary>The clock of AWS is not that of the machines: dispatcher and agents are processes of their own, and every answer, every object and every message has another time than theirs.</summary>
public sealed class ClockTests
{
    private const string Plates = """
        name: w
        input: {location: ./in, pattern: "{plate}/{well}.tif"}
        steps:
          - {name: each, algorithm: real, inputs: {image: input}}
          - {name: all, algorithm: join, inputs: {parts: each}, gather: {by: "${plate}", missing: skip}}
          - {name: last, algorithm: real, inputs: {image: each}}
        """;

    private static readonly Dictionary<string, string> Algorithms = new()
    {
        // One of them takes longer than its lease.
        ["real"] = "{name: real, command: [/bin/sh, -c, 'case \"$$1\" in *slow*) sleep 7;; esac; cp \"$$1\" \"$$2\"', sh, '${image}', '${out}/${stem}.copy'], inputs: [image], outputs: {out: '${stem}.copy'}}",
        ["join"] = "{name: join, command: [/bin/sh, -c, 'to=$$1; shift; cat \"$$@\" >\"$$to\"', sh, '${out}/all.txt', '${parts}'], inputs: {parts: {list: true}}, outputs: {out: all.txt}}",
    };

    [Theory]
    [InlineData(5)]
    [InlineData(-5)]
    [InlineData(20)]
    [InlineData(-20)]
    public async Task Nothing_is_lost_or_done_twice_where_the_clock_of_AWS_is_off(int minutes)
    {
        var (lines, codes) = (new ConcurrentQueue<JsonObject>(), new ConcurrentQueue<int>());
        await using var bench = await CloudBench.Open(Plates, algorithms: Algorithms, lease: 4, mostTasks: 2, time: new ShiftedTime { Ahead = TimeSpan.FromMinutes(minutes) }, tasks: (bench, task) => Work(bench, task, lines, codes));
        using var dispatcher = new Published(bench);
        await bench.Lambda.Ready.WaitAsync(TimeSpan.FromMinutes(1));
        for (var n = 0; n < 12; n++) bench.Upload($"P{n % 2}/{(n == 3 ? "slow" : "w")}{n:00}.tif", $"content {n}");
        var clock = Stopwatch.StartNew();
        while (!(bench.Results().Count == 12 + 2 && bench.Aws.Ecs.Live.Count == 0))
        {
            lock (dispatcher.Lines) clock.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(3), $"{string.Join('\n', bench.Results())}\n{string.Join('\n', dispatcher.Lines.TakeLast(20))}");
            await bench.Deliver();
            (await bench.Lambda.Invoke("""{"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}""")).Good.ShouldBeTrue();
            await Task.Delay(300);
        }
        foreach (var plate in (int[])[0, 1])
            bench.Results().ShouldContain($"all/{$"P{plate}"}/all.txt: {string.Concat(Enumerable.Range(0, 12).Where(n => n % 2 == plate).OrderBy(n => n == 3 ? 0 : n).Select(n => $"content {n}"))}");
        bench.ManifestWrites.ShouldAllBe(writes => writes == 1);
        bench.Keys("_yunpipe/failures/").ShouldBeEmpty();
        bench.Keys("_yunpipe/attempts/").ShouldBeEmpty();
        // Every job was begun once: no lease was taken for lost, no worker gave one back, none ended with work in its queue or otherwise than by itself.
        var begun = lines.Where(line => (string?)line["event"] == "job-started").GroupBy(line => (string)line["job"]!).ToList();
        begun.Count.ShouldBeGreaterThanOrEqualTo(12 + 12 + 2);
        begun.ShouldAllBe(job => job.Count() == 1);
        lines.Where(line => (string?)line["event"] == "job-ended").ShouldAllBe(line => (string)line["how"]! == "done");
        codes.ShouldAllBe(code => code == 0);
        bench.Aws.Ecs.Tasks.Count.ShouldBeLessThan(16);
        if (Math.Abs(minutes) > 15) bench.Aws.RefusedForTime.ShouldBeGreaterThan(0);
        else bench.Aws.RefusedForTime.ShouldBe(0);
    }

    /// <summary>A task is the agent as a process of this machine; the static executable where it was built.</summary>
    private static async Task Work(CloudBench bench, SmallTask task, ConcurrentQueue<JsonObject> lines, ConcurrentQueue<int> codes)
    {
        var built = Path.Combine(Environment.GetEnvironmentVariable("YUNPIPE_BIN") ?? "/nowhere", "yunpipe-agent");
        var start = File.Exists(built) ? new ProcessStartInfo(built, ["work"]) : new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "yunpipe-agent.dll"), "work"]);
        start.RedirectStandardOutput = true;
        foreach (var (name, value) in new Dictionary<string, string>(bench.Environment)
                 {
                     ["YUNPIPE_STEP"] = task.Definition["w-".Length..task.Definition.LastIndexOf(':')], ["YUNPIPE_IDLE"] = "3", ["YUNPIPE_SCRATCH"] = Path.Combine(bench.Local.Folder, "scratch " + task.Arn[^8..]),
                 }) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line) lines.Enqueue(JsonNode.Parse(line)!.AsObject());
        await process.WaitForExitAsync();
        codes.Enqueue(process.ExitCode);
        bench.Aws.Ecs.End(task);
    }
}
