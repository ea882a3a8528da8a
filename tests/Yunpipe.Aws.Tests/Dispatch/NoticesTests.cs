using Yunpipe.Aws.Tests.Emulator;

namespace Yunpipe.Aws.Tests.Dispatch;

/// <summary>What reaches the topic of a deployment.</summary>
public sealed class NoticesTests
{
    private const string Chain = """
        name: w
        input: {location: ./in, include: ["*.tif"]}
        steps: [{name: first, algorithm: copy}, {name: second, algorithm: upper}]
        """;

    [Fact]
    public async Task Whoever_subscribes_hears_once_of_what_was_set_aside_and_that_all_is_finished()
    {
        await using var bench = await (await CloudBench.Open(Chain)).Dispatching();
        bench.Local.Launcher.Programs["copy"] = call =>
        {
            if (call.Read(1) == "poison") return 3;
            call.Write(call.Arguments[2], call.Read(1));
            return 0;
        };
        bench.Upload("good.tif", "x");
        bench.Upload("bäd & worse.tif", "poison");
        await bench.Local.Run(Chain);
        await bench.Settle();
        for (var minute = 0; minute < 40 && !bench.Aws.Sns.Published.Any(told => told.Subject == "Yunpipe w: finished"); minute++)
        {
            await bench.Deliver();
            await bench.Minute();
            await Task.Delay(50);
        }
        var told = bench.Aws.Sns.Published;
        told.Select(each => each.Subject).ShouldBe(["Yunpipe w: 1 item was set aside", "Yunpipe w: finished"]);
        told[0].Text.ShouldStartWith("first, bäd & worse.tif: ");
        // Later minutes say nothing more.
        for (var minute = 0; minute < 5; minute++) await bench.Minute();
        bench.Aws.Sns.Published.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_topic_that_refuses_stops_no_job_and_is_tried_again()
    {
        await using var bench = await (await CloudBench.Open(Chain, cluster: false)).Dispatching();
        bench.Aws.Sns.Refuses = true;
        bench.Put("in", "a//b.tif", [1]);
        await bench.Deliver();
        await bench.Minute();
        bench.Logged.ShouldContain("People are told with the next minute: sns refused Publish:");
        bench.Aws.Sns.Refuses = false;
        await bench.Minute();
        bench.Aws.Sns.Published.Single().ShouldBe(("Yunpipe w: 1 item was set aside", "input, a//b.tif: “a//b.tif” has an empty part between slashes.\n\nAll others go on. See: yunpipe failures w\n"));
    }
}
