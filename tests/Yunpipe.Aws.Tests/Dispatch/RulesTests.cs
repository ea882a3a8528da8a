using System.Text;
using Yunpipe.Aws.Events;
using Yunpipe.Aws.Stack;
using Yunpipe.Aws.Tests.Emulator;
using Yunpipe.Aws.Tests.Stack;
using Yunpipe.Dispatcher;

namespace Yunpipe.Aws.Tests.Dispatch;

/// <summary>The rules of the template against what a deployment really writes.</summary>
public sealed class RulesTests
{
    private const string Plates = """
        name: w
        input: {location: ./in, pattern: "{plate}/{well}.tif"}
        steps:
          - {name: each, algorithm: copy, inputs: {image: input}}
          - {name: all, algorithm: join, inputs: {parts: each}, gather: {by: "${plate}", missing: skip}}
        """;

    [Fact]
    public async Task Uploads_manifests_and_failure_records_launch_and_nothing_else_that_a_run_writes()
    {
        await using var bench = await (await CloudBench.Open(Plates)).Dispatching();
        bench.Local.Launcher.Programs["copy"] = call =>
        {
            if (call.Read(1) == "poison") return 3;
            call.Write(call.Arguments[2], call.Read(1));
            return 0;
        };
        foreach (var (path, text) in new[] { ("P/a.tif", "a"), ("P/b.tif", "poison"), ("Q/c.tif", "c"), ("Q/d.tif", "d") }) bench.Upload(path, text);
        bench.Remove("Q/d.tif");
        await bench.Local.Run(Plates);
        await bench.Settle();
        var all = bench.History.ToList();
        all.Where(happened => CloudBench.Rules.Take(happened)).ShouldBe(all.Where(happened => happened.Bucket == "in" || happened.Created && Kind(happened) is "work _yunpipe/manifests" or "work _yunpipe/failures"));
        // Whatever is let through means something to the dispatcher.
        foreach (var happened in all.Where(happened => CloudBench.Rules.Take(happened)))
            EventReader.Read(Encoding.UTF8.GetBytes(EventForms.Bridged(happened).ToJsonString())).ShouldBeOfType<Invocation.Direct>().Happenings.ShouldAllBe(happening => StoreEvents.Of(happening, bench.Deployment) != null);
        // And these were there to be let through by mistake.
        ((IEnumerable<string>)["results", "work each", "work all", "work _yunpipe/manifests", "work _yunpipe/failures", "work _yunpipe/attempts", "work _yunpipe/items", "work _yunpipe/content", "work _yunpipe/views", "work _yunpipe/dispatch"]).ShouldBeSubsetOf(all.Select(Kind).Distinct());
    }

    [Fact]
    public void In_buckets_of_the_users_own_only_what_lies_below_the_prefix_launches()
    {
        var rules = new EventRules(StackTemplate.Of(StackSamples.Everything()), new Dictionary<string, string> { ["WorkBucket"] = "work" });
        bool Takes(string bucket, string key) => rules.Take(new S3Event(bucket, key, true, 1, "e", "v", "1", DateTimeOffset.UnixEpoch));
        Takes("lab-microscope", "plates/a b+c.tif").ShouldBeTrue();
        Takes("lab-microscope", "other/a.tif").ShouldBeFalse();
        Takes("lab-results", "2025/all/x.png").ShouldBeFalse();
        Takes("work", "_yunpipe/failures/blur/1.json").ShouldBeTrue();
        Takes("work", "blur/_yunpipe/manifests/x.json").ShouldBeFalse();
    }

    private static string Kind(S3Event happened) =>
        happened.Bucket == "work" ? $"work {string.Join('/', happened.Key.Split('/').Take(happened.Key.StartsWith("_yunpipe/", StringComparison.Ordinal) ? 2 : 1))}" : happened.Bucket;
}
