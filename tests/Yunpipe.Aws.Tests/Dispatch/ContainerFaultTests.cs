using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Yunpipe.Aws.Tests.Emulator;
using Yunpipe.Tests.Runs;

namespace Yunpipe.Aws.Tests.Dispatch;

/// <summary>Everything that is deployed, and everything goes wrong at once: the published dispatcher, and the published agent in real containers that are killed.</summary>
public sealed class ContainerFaultTests
{
    private const int Plates = 2, Images = 20, Kills = 10;

    private const string Workflow = """
        name: w
        input: {location: ./in, pattern: "{plate}/{well}.tif"}
        steps:
          - {name: each, algorithm: work, inputs: {image: input}}
          - {name: all, algorithm: together, inputs: {parts: each}, gather: {by: "${plate}", missing: skip}}
          - {name: last, algorithm: work, inputs: {image: each}}
        """;

    /// <summary>Some take longer than their lease.</summary>
    private const string Script = "grep -q poison \"$0\" && exit 3; if grep -q long \"$0\"; then sleep 4; else sleep 0.2; fi; cat \"$0\" >\"$1\"";

    [Fact]
    public async Task Agents_are_killed_calls_fail_messages_come_twice_and_files_are_corrected_and_the_end_is_that_of_one_machine()
    {
        if (Environment.GetEnvironmentVariable("YUNPIPE_ENGINES")?.Contains("docker", StringComparison.Ordinal) != true) Assert.Skip("YUNPIPE_ENGINES names no docker.");
        if (Environment.GetEnvironmentVariable("YUNPIPE_BIN") is not { } bin) { Assert.Skip("YUNPIPE_BIN does not name the folder of published executables."); return; }
        var faults = new Faults(0.05, 3);
        var random = new Random(5);
        await using var tasks = new ContainerTasks(bin);
        await using var bench = await CloudBench.Open(Workflow, faults, mostTasks: 2, lease: 3, tasks: tasks.Run, algorithms: new Dictionary<string, string>
        {
            ["work"] = $$"""{name: work, command: [/bin/busybox, sh, -c, '{{Script.Replace("$", "$$", StringComparison.Ordinal)}}', '${image}', '${out}/${stem}.copy'], inputs: [image], outputs: {out: '${stem}.copy'}, retry: {attempts: 2, backoff: 0 s} }""",
            ["together"] = """{name: together, command: [/bin/busybox, sh, -c, 'cat "$$@" >"$$0"', '${out}/${stem}.all', '${parts}'], inputs: {parts: {list: true}}, outputs: {out: '${stem}.all'} }""",
        });
        bench.Local.Launcher.Programs["/bin/busybox"] = Local;
        bench.Aws.Sqs.Deliveries = 2;
        bench.Aws.Http.Hang = TimeSpan.FromSeconds(1);
        using var dispatcher = new Published(bench);
        await bench.Lambda.Ready.WaitAsync(TimeSpan.FromMinutes(1));
        var texts = new Dictionary<string, List<string>>();
        void Upload(int n, string text)
        {
            var path = $"P{n % Plates}/w {n:00}+.tif";
            bench.Upload(path, text);
            if (!texts.TryGetValue(path, out var versions)) texts[path] = versions = [];
            versions.Add(text);
        }
        for (var n = 0; n < Images; n++) Upload(n, n == 4 ? "poison" : n % 7 == 0 ? $"long {n}" : $"content {n}");
        await bench.Deliver(Disorder(bench.TakeHappened()));
        // While the first versions are computed, some are corrected.
        for (var look = 0; look < 1500 && bench.Keys("_yunpipe/manifests/each/").Count < 4; look++) await Task.Delay(20);
        for (var n = 0; n < Images; n += 5) Upload(n, $"corrected {n}");
        await bench.Local.Run(Workflow);
        var killing = tasks.KillAtRandom(Kills, new Random(6));
        await bench.Settle(Disorder, minutes: 3000, until: () => killing.IsCompleted, mend: async () => await bench.Lambda.Invoke("""{"yunpipe": "submit"}"""));
        await killing;
        tasks.Killed.ShouldBe(Kills);
        faults.Made.ShouldBeGreaterThan(20);
        bench.Results().Count.ShouldBe(Images - 1 + Plates);
        bench.ManifestWrites.ShouldAllBe(writes => writes == 1);
        // Of each image the versions appeared in their order, if they did.
        foreach (var (path, versions) in texts.Where(each => each.Value.Count > 1))
        {
            var tags = versions.Select(text => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)))).ToList();
            bench.History.Where(happened => happened is { Bucket: "results", Created: true } && happened.Key == $"last/{path[..^4]}.copy").Select(happened => tags.IndexOf(happened.ETag)).ShouldBeInOrder();
        }
        lock (dispatcher.Lines) dispatcher.Lines.ShouldAllBe(line => JsonNode.Parse(line)!["time"] != null);

        // Some are lost, some come twice, none in its order.
        IReadOnlyList<S3Event> Disorder(IReadOnlyList<S3Event> events) =>
            [.. events.Where(_ => random.NextDouble() > 0.1).SelectMany(happened => random.NextDouble() < 0.3 ? [happened, happened] : (S3Event[])[happened]).OrderBy(_ => random.Next())];
    }

    /// <summary>What the scripts do, for the run on one machine.</summary>
    private static int Local(Call call)
    {
        if (call.Arguments[3] != Script)
        {
            call.Write(call.Arguments[4], string.Concat(call.Arguments.Skip(5).Select(File.ReadAllText)));
            return 0;
        }
        var text = call.Read(4);
        if (text.Contains("poison", StringComparison.Ordinal)) return 3;
        call.Write(call.Arguments[5], text);
        return 0;
    }
}
