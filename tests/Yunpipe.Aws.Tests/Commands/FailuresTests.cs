using System.Text.Json.Nodes;

namespace Yunpipe.Aws.Tests.Commands;

/// <summary>What a deployment set aside is listed, and tried again when it was mended.</summary>
public sealed class FailuresTests
{
    [Fact]
    public async Task Failures_are_listed_with_their_cause_and_sent_again_by_any_name()
    {
        await using var deployed = await DeployedCli.Open(cluster: true);
        Mend(deployed, false);
        for (var n = 0; n < 5; n++) deployed.Bench.Upload($"p/{n} x.tif", n < 3 ? "poison" : "fine");
        await Until(deployed, () => deployed.Bench.Keys("_yunpipe/failures/").Count == 3 && deployed.Bench.Results().Count == 2);
        await deployed.Check("failures", ["failures", DeployedCli.Place], ["failures", DeployedCli.Place, "--cause", "timed-out"], ["failures", DeployedCli.Place, "--step", "second"], ["failures", DeployedCli.Place, "--cause", "exitcode"],
            ["failures", DeployedCli.Place, "--retry", "nobody"], ["failures", DeployedCli.Place, "--retry", "p/3 x.tif"]);
        var listed = JsonNode.Parse((await deployed.Do("failures", DeployedCli.Place, "--json")).Out)!["failures"]!.AsArray();
        listed.Count.ShouldBe(3);
        Mend(deployed, true);
        // By its id, by step and item, and all that are left.
        var first = (string)listed[0]!["job"]!;
        foreach (var words in (string[][])[[first[..8]], ["first/" + (string)listed[1]!["key"]!], []])
        {
            var said = await deployed.Do(["failures", DeployedCli.Place, "--retry", .. words]);
            said.Exit.ShouldBe(0, said.Error);
            said.Out.ShouldBe("1 failure forgotten, 1 job sent.\n");
        }
        await Until(deployed, () => deployed.Bench.Results().Count == 5);
        (await deployed.Do("failures", DeployedCli.Place)).ShouldBe((0, "Nothing is set aside.\n", ""));
        (await deployed.Do("failures", DeployedCli.Place, "--retry")).ShouldBe((4, "Nothing of that kind is set aside.\n", ""));
    }

    [Fact]
    public async Task A_group_that_failed_is_tried_again_and_so_is_what_stands_behind_it()
    {
        await using var deployed = await DeployedCli.Open("""
            name: w
            input: {location: ./in, pattern: "{plate}/{well}.tif"}
            steps:
              - {name: each, algorithm: copy, inputs: {image: input}}
              - {name: all, algorithm: join, inputs: {parts: each}, gather: {by: "${plate}", missing: skip}}
              - {name: last, algorithm: upper, inputs: {image: all}}
            """, cluster: true);
        var programs = deployed.Bench.Local.Launcher.Programs;
        var (join, upper) = (programs["join"], programs["upper"]);
        programs["join"] = _ => 3;
        programs["upper"] = _ => 4;
        for (var n = 0; n < 3; n++) deployed.Bench.Upload($"P1/{n}.tif", $"content {n}");
        await Until(deployed, () => deployed.Bench.Keys("_yunpipe/failures/all/").Count == 1);
        programs["join"] = join;
        var group = await deployed.Do("failures", DeployedCli.Place, "--retry", "P1");
        (group.Exit, group.Out).ShouldBe((0, "1 failure forgotten, 1 job sent.\n"), group.Error);
        await Until(deployed, () => deployed.Bench.Keys("_yunpipe/failures/last/").Count == 1);
        programs["upper"] = upper;
        var behind = await deployed.Do("failures", DeployedCli.Place, "--retry", "--step", "last", "--json");
        behind.Out.ShouldBe("""{"deployment":"w","forgotten":1,"sent":{"last":1},"problems":[]}""" + "\n", behind.Error);
        await Until(deployed, () => deployed.Bench.Results().Count == 1);
    }

    private static void Mend(DeployedCli deployed, bool mended) => deployed.Bench.Local.Launcher.Programs["copy"] = call =>
    {
        if (!mended && call.Read(1) == "poison") return 3;
        call.Write(call.Arguments[2], call.Read(1));
        return 0;
    };

    private static async Task Until(DeployedCli deployed, Func<bool> reached)
    {
        for (var minute = 0; !reached(); minute++)
        {
            minute.ShouldBeLessThan(300, $"{string.Join('\n', deployed.Bench.Keys("_yunpipe/"))}\n{deployed.Bench.Logged[Math.Max(0, deployed.Bench.Logged.Length - 2000)..]}");
            await deployed.Bench.Deliver();
            await deployed.Bench.Minute();
            await Task.Delay(50);
        }
    }
}
