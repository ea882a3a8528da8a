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

    [Fact]
    public async Task A_file_that_is_corrected_while_its_old_version_is_computed_shows_the_new_result_only()
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
        bench.Upload("a.tif", "old");
        await bench.Deliver();
        await began.Task.WaitAsync(TimeSpan.FromMinutes(1));
        await Task.Delay(1100);
        bench.Upload("a.tif", "new");
        await bench.Local.Run(Single);
        await bench.Settle();
        bench.Results().ShouldBe(["only/a.upper: NEW"]);
        goOn.SetResult();
        for (var look = 0; look < 1000 && bench.Keys("_yunpipe/manifests/").Count < 2; look++) await Task.Delay(20);
        await bench.Settle();
        bench.ManifestWrites.ShouldBe([1, 1]);
        bench.History.Where(happened => happened.Bucket == "results").Select(happened => happened.ETag).Distinct().ShouldBe([Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes("NEW")))]);
    }
}
