using System.Text;
using System.Text.Json;
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

    [Theory]
    [InlineData("img_", "")]
    [InlineData("plate 7/ä", ".tif")]
    public async Task Thousands_of_items_are_counted_side_by_side_and_each_once(string before, string after)
    {
        await using var deployed = await DeployedCli.Open();
        for (var n = 0; n < 3500; n++) Done(deployed, $"{before}{n:00000}{after}");
        for (var row = 'A'; row <= 'P'; row++)
            for (var column = 1; column <= 24; column++) Done(deployed, $"wells/{row}{column:00}-1.tif");
        var json = JsonNode.Parse((await deployed.Do("status", DeployedCli.Place, "--json")).Out)!;
        ((long)json["steps"]![0]!["done"]!).ShouldBe(3500 + 384);
        ((long)json["steps"]![1]!["done"]!).ShouldBe(0);
    }

    [Fact]
    public async Task An_image_that_was_corrected_counts_once_and_one_that_only_failed_does_not()
    {
        await using var deployed = await DeployedCli.Open(cluster: true);
        deployed.Bench.Local.Launcher.Programs["copy"] = call =>
        {
            if (call.Read(1) == "poison") return 3;
            call.Write(call.Arguments[2], call.Read(1));
            return 0;
        };
        var deep = string.Join('/', Enumerable.Repeat(new string('d', 200), 4));
        foreach (var name in (string[])["a.tif", "b ü.tif", $"{deep}/good.tif"]) deployed.Bench.Upload(name, "first");
        foreach (var name in (string[])["p.tif", $"{deep}/bad.tif"]) deployed.Bench.Upload(name, "poison");
        await Until(deployed, () => deployed.Bench.Results().Count == 3 && deployed.Bench.Keys("_yunpipe/failures/").Count == 2);
        await Counts(deployed, 3, 2);
        // One is corrected, one is spoilt: its earlier result stands.
        deployed.Bench.Upload("a.tif", "second");
        deployed.Bench.Upload("b ü.tif", "poison");
        await Until(deployed, () => deployed.Bench.Results().Any(result => result.EndsWith("SECOND", StringComparison.Ordinal)) && deployed.Bench.Keys("_yunpipe/failures/").Count == 3);
        deployed.Bench.Keys("_yunpipe/manifests/first/").Count.ShouldBe(4);
        await Counts(deployed, 3, 3);
        // Tried again, and nobody is there to do it: it has no result yet.
        deployed.Bench.Aws.Ecs.Begins = null;
        (await deployed.Do("failures", DeployedCli.Place, "--retry", "first/p.tif")).Exit.ShouldBe(0);
        await Counts(deployed, 3, 2);
    }

    [Fact]
    public void Stretches_begin_behind_a_name_where_its_digits_or_a_well_grow()
    {
        Yunpipe.Aws.Deployments.CurrentJobs.Bounds("items/s/B78", 8).ShouldBe(["items/s/B79", "items/s/B8", "items/s/B9", .. Enumerable.Range('C', 'Z' - 'C' + 1).Select(c => $"items/s/{(char)c}")]);
        Yunpipe.Aws.Deployments.CurrentJobs.Bounds("items/1/abc", 8).ShouldBeEmpty();
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

    private static async Task Counts(DeployedCli deployed, long done, long setAside)
    {
        var step = JsonNode.Parse((await deployed.Do("status", DeployedCli.Place, "--json")).Out)!["steps"]![0]!;
        ((long)step["done"]!, (long)step["setAside"]!).ShouldBe((done, setAside));
    }

    private static async Task Until(DeployedCli deployed, Func<bool> reached)
    {
        for (var minute = 0; !reached(); minute++)
        {
            minute.ShouldBeLessThan(300, string.Join('\n', deployed.Bench.Keys("_yunpipe/")));
            await deployed.Bench.Deliver();
            await deployed.Bench.Minute();
            await Task.Delay(50);
        }
    }

    /// <summary>The record of an item with a result.</summary>
    private static void Done(DeployedCli deployed, string key)
    {
        var job = new string('a', 32);
        deployed.Bench.Put("work", $"_yunpipe/items/first/{key}", Encoding.UTF8.GetBytes($$"""{"key":{{JsonSerializer.Serialize(key)}},"job":"{{job}}","order":1764000000000,"viewed":"{{job}}","viewOf":"{{job}}","view":[],"stale":[]}"""));
    }
}
