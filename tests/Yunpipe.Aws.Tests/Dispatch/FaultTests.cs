using System.Security.Cryptography;
using System.Text;

namespace Yunpipe.Aws.Tests.Dispatch;

/// <summary>What goes wrong around a deployment, one thing at a time.</summary>
public sealed class FaultTests
{
    private const string Chain = """
        name: w
        input: {location: ./in, include: ["*.tif"]}
        steps: [{name: first, algorithm: copy}, {name: second, algorithm: upper}]
        """;

    private const string Single = """
        name: w
        input: {location: ./in, include: ["*.tif"]}
        steps: [{name: only, algorithm: upper}]
        """;

    private static string TagOf(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public async Task A_step_whose_image_is_missing_is_tried_ever_more_rarely_says_why_and_stops_no_other_step()
    {
        await using var bench = await (await CloudBench.Open(Chain)).Dispatching();
        bench.Aws.Ecs.WithoutImage.Add("w-second");
        for (var n = 0; n < 8; n++) bench.Upload($"{n}.tif", $"content {n}");
        for (var minute = 0; minute < 200 && bench.Keys("_yunpipe/manifests/first/").Count < 8; minute++)
        {
            await bench.Deliver();
            await bench.Minute();
            await Task.Delay(50);
        }
        bench.Keys("_yunpipe/manifests/first/").Count.ShouldBe(8);
        await bench.Deliver();
        var said = new HashSet<string>();
        for (var minute = 0; minute < 120; minute++)
            foreach (var word in (await bench.Minute())["words"]!.AsArray()) said.Add((string)word!);
        said.ShouldContain("No task can be started: CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref image: not found. It is tried again.");
        // In two hours, on two capacities: not each minute, and one by one after the first.
        bench.Aws.Ecs.Tasks.Count(task => task.Definition == "w-second:1").ShouldBeInRange(4, 25);
        bench.Logged.ShouldContain("\"StuckTasks\":1");
        // The image comes, and nothing was lost.
        bench.Aws.Ecs.WithoutImage.Clear();
        await bench.Local.Run(Chain);
        await bench.Settle();
        bench.Results().Count.ShouldBe(8);
    }

    /// <summary>S3 tells no more than the second in which a file came.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_is_corrected_while_its_old_version_is_computed_shows_the_new_result(bool withinOneSecond)
    {
        await using var bench = await (await CloudBench.Open(Single)).Dispatching();
        var (began, goOn) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        bench.Local.Launcher.Programs["upper"] = call =>
        {
            if (call.Read(1) == "old")
            {
                began.TrySetResult();
                goOn.Task.Wait();
            }
            call.Write(call.Arguments[2], call.Read(1).ToUpperInvariant());
            return 0;
        };
        if (withinOneSecond) bench.Aws.S3Time.Stop();
        bench.Upload("a.tif", "old");
        await bench.Deliver();
        await began.Task.WaitAsync(TimeSpan.FromMinutes(1));
        if (!withinOneSecond) await Task.Delay(1100);
        bench.Upload("a.tif", "new");
        await bench.Local.Run(Single);
        await bench.Settle();
        goOn.SetResult();
        // A job leaves its queue when its result is shown, or need not be.
        for (var look = 0; look < 3000 && bench.Aws.Sqs.Bodies("only").Count > 0; look++) await Task.Delay(20);
        await bench.Settle();
        bench.ManifestWrites.ShouldBe([1, 1]);
        var shown = bench.History.Where(happened => happened.Bucket == "results").Select(happened => happened.ETag).ToList();
        // Of two that came in one second the one that ends last is shown, until it is looked at.
        shown.Distinct().ShouldBe(withinOneSecond ? [TagOf("NEW"), TagOf("OLD")] : [TagOf("NEW")]);
        shown[^1].ShouldBe(TagOf("NEW"));
    }
}
