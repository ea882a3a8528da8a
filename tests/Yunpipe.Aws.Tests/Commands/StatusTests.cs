using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Yunpipe.Aws.Tests.Commands;

/// <summary>How a deployment stands: queues, records, tasks, and what a person should know.</summary>
public sealed class StatusTests
{
    [Fact]
    public async Task Jobs_that_wait_dead_letters_and_names_that_cannot_be_used_are_told()
    {
        await using var deployed = await DeployedCli.Open();
        deployed.Put("a.tif", "b.tif", "c.tif");
        await deployed.Check("status-empty", ["status", DeployedCli.Place]);
        (await deployed.Do("submit", DeployedCli.Place)).Exit.ShouldBe(0);
        deployed.Bench.Aws.Sqs.Put("second-dead", "x");
        deployed.Bench.Put("work", "_yunpipe/failures/input/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.json", "{}"u8.ToArray());
        await deployed.Check("status-waiting", ["status", DeployedCli.Place], ["status", DeployedCli.Place, "--json"]);
    }

    [Fact]
    public async Task What_was_done_is_counted_with_its_pace_and_nothing_is_left()
    {
        await using var deployed = await DeployedCli.Open(cluster: true);
        for (var n = 0; n < 12; n++) deployed.Bench.Upload($"{n}.tif", "x");
        await deployed.Bench.Local.Run(DeployedCli.Chain);
        await deployed.Bench.Settle();
        var said = await deployed.Do("status", DeployedCli.Place);
        said.Exit.ShouldBe(0, said.Error);
        foreach (var step in (string[])["first ", "second"]) Regex.IsMatch(said.Out, $@"(?m)^{step} +0 +0 +12 +0 +[0-9.]+ +–").ShouldBeTrue(said.Out);
        var json = JsonNode.Parse((await deployed.Do("status", DeployedCli.Place, "--json")).Out)!;
        ((long)json["steps"]![1]!["done"]!).ShouldBe(12);
        ((double)json["steps"]![1]!["perMinute"]!).ShouldBeGreaterThan(2);
        ((int)json["steps"]![1]!["tasksStarting"]!).ShouldBe(0);
    }

    [Fact]
    public async Task A_task_that_does_not_come_up_is_told_with_its_reason_and_so_is_capacity_without_room()
    {
        await using var deployed = await DeployedCli.Open(cluster: true);
        var ecs = deployed.Bench.Aws.Ecs;
        (ecs.Begins, ecs.StartsAtOnce) = (null, false);
        ecs.Full["FARGATE_SPOT"] = "Capacity is unavailable at this time.";
        deployed.Bench.Upload("a.tif", "x");
        await deployed.Bench.Deliver();
        await deployed.Bench.Minute();
        ecs.Live.Count.ShouldBe(1);
        var starting = await deployed.Do("status", DeployedCli.Place);
        starting.Out.ShouldContain("1 starting");
        for (var minute = 0; minute < 11; minute++) await deployed.Bench.Minute();
        var stuck = await deployed.Do("status", DeployedCli.Place);
        stuck.Out.ShouldContain("first: A task has not come up on FARGATE for ");
        stuck.Out.ShouldContain(": PROVISIONING.\n");
        stuck.Out.ShouldContain("first: FARGATE_SPOT had no task ");
        stuck.Out.ShouldContain(" ago: Capacity is unavailable at this time.\n");
        ((string?)JsonNode.Parse((await deployed.Do("status", DeployedCli.Place, "--json")).Out)!["words"]![0])!.ShouldStartWith("first: A task has not come up");
    }

    [Fact]
    public async Task Thousands_of_records_are_counted_side_by_side_and_each_once()
    {
        await using var deployed = await DeployedCli.Open();
        var random = new Random(5);
        for (var n = 0; n < 3500; n++)
            deployed.Bench.Put("work", $"_yunpipe/manifests/first/{string.Concat(Enumerable.Range(0, 32).Select(_ => Yunpipe.Stores.JobId.Alphabet[random.Next(32)]))}.json", "{}"u8.ToArray());
        var json = JsonNode.Parse((await deployed.Do("status", DeployedCli.Place, "--json")).Out)!;
        ((long)json["steps"]![0]!["done"]!).ShouldBe(3500);
        ((long)json["steps"]![1]!["done"]!).ShouldBe(0);
    }

    [Fact]
    public async Task Watched_it_looks_again_until_it_is_ended()
    {
        await using var deployed = await DeployedCli.Open();
        using var process = deployed.Cli.Start("status", DeployedCli.Place, "--watch");
        for (var heads = 0; heads < 2;)
            if ((await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException(await process.StandardError.ReadToEndAsync())).StartsWith("STEP ", StringComparison.Ordinal)) heads++;
        DeployedCli.Interrupt(process);
        await process.WaitForExitAsync();
    }
}
