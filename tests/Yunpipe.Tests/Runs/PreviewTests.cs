using Yunpipe.Runs;

namespace Yunpipe.Tests.Runs;

/// <summary>What is told before anything runs: what would run and why, and what can get no result.</summary>
public sealed class PreviewTests
{
    private const string Groups = """
        input: {location: ./in, pattern: "{plate}/{name}.txt", sidecars: [{path: "${stem}.json", required: false}]}
        steps:
          - {name: field, algorithm: join, inputs: {parts: input}, gather: "${plate}"}
          - {name: both, algorithm: both, inputs: {x: input, y: field}}
          - {name: up, algorithm: upper}
          - {name: all, algorithm: join, inputs: {parts: up}, gather: {by: "${plate}", count: 3, missing: POLICY}}
        """;

    private static Bench Plates()
    {
        var bench = new Bench("P1/a.txt", "P1/b.txt", "P1/c.txt", "P2/d.txt");
        bench.Algorithms["both"] = "{name: both, command: [both, '${x}', '${y}', '${stem}.both'], inputs: [x, y], outputs: {out: '${stem}.both'}}";
        bench.Launcher.Programs["both"] = call => { call.Write(call.Arguments[3], call.Read(1) + "/" + call.Read(2)); return 0; };
        return bench;
    }

    private static string With(string policy) => Groups.Replace("POLICY", policy, StringComparison.Ordinal);

    private static IEnumerable<(long Done, long ToRun, long Following)> Numbers(IReadOnlyList<StepForecast> steps) => steps.Select(step => (step.Done, step.ToRun, step.Following));

    [Fact]
    public async Task What_joins_a_group_that_is_yet_to_be_made_follows_from_it()
    {
        await using var bench = Plates();
        Numbers((await bench.Preview(With("fail"))).Steps).ShouldBe([(0, 2, 0), (0, 0, 4), (0, 0, 4), (0, 0, 1)]);
        await bench.Run(With("fail"));
        bench.Put("P1/a.txt", "changed");
        Numbers((await bench.Preview(With("fail"))).Steps).ShouldBe([(1, 1, 0), (1, 0, 3), (1, 0, 3), (0, 0, 1)]);
    }

    [Theory, InlineData("fail", 1, RunReason.SetAsideEarlier), InlineData("wait", 0, RunReason.Waits)]
    public async Task A_group_that_lacks_members_is_not_said_to_run(string policy, long aside, RunReason reason)
    {
        await using var bench = Plates();
        await bench.Run(With(policy));
        var (steps, jobs, _) = await bench.Preview(With(policy));
        (steps[3].Done, steps[3].ToRun, steps[3].SetAside).ShouldBe((1, 0, aside));
        jobs.ShouldBe([new PlannedJob("all", "P2", reason, "The group “P2” lacks member 2 of 3 and member 3 of 3.")]);
    }

    [Fact]
    public async Task A_change_is_told_by_what_changed()
    {
        await using var bench = Plates();
        bench.Put("P1/a.json", "{}");
        bench.Put("P2/d.json", "{}");
        await bench.Run(With("skip"));
        bench.Put("P1/a.json", "{1}");
        File.Delete(Path.Combine(bench.In, "P2/d.json"));
        var jobs = (await bench.Preview(With("skip"))).Jobs.Where(job => job.Step == "field").ToDictionary(job => job.Key, job => job.Why);
        jobs["P1"].ShouldBe("“P1/a.json”, beside “P1/a.txt”, has changed, or was touched.");
        jobs["P2"].ShouldBe("A file beside “P2/d.txt” has gone.");
        await bench.Run(With("skip"));
        File.Delete(Path.Combine(bench.In, "P1/b.txt"));
        (await bench.Preview(With("skip"))).Jobs.Single(job => job.Step == "field").Why.ShouldBe("“P1/b.txt” has gone from “parts”.");
    }

    [Fact]
    public async Task Reference_data_is_named_by_its_file_and_not_by_its_digest()
    {
        await using var bench = new Bench("a.txt");
        bench.Algorithms["with"] = "{name: with, command: [with, '${model}', '${note}'], inputs: {image: {required: false}}, outputs: {out: out.txt}, variables: {model: {type: file, required: true}, note: {}}}";
        bench.Launcher.Programs["with"] = call => { call.Write("out.txt", call.Read(1)); return 0; };
        var model = Path.Combine(bench.Folder, "net.pt");
        string Workflow(string note) => $"{{input: ./in, steps: [{{name: with, algorithm: with, variables: {{model: {model}{note}}}}}]}}";
        File.WriteAllText(model, "one");
        await bench.Run(Workflow(", note: x"));
        (await bench.Preview(Workflow(""))).Jobs.ShouldHaveSingleItem().Why.ShouldBe("“note” has no value now; it was x.");
        File.WriteAllText(model, "two");
        (await bench.Preview(Workflow(", note: x"))).Jobs.ShouldHaveSingleItem().Why.ShouldBe("“model” is other data than before: “net.pt”.");
    }

    [Fact]
    public async Task Two_results_in_one_place_and_names_that_are_too_long_are_told_before_anything_runs()
    {
        var lengthy = new string('x', 250);
        await using var bench = new Bench("a.png", "a.txt", $"{lengthy}.txt", "deep/a.txt");
        var (steps, _, flaws) = await bench.Preview("{input: ./in, steps: [{name: up, algorithm: upper}]}");
        steps[0].ToRun.ShouldBe(4);
        flaws.Count.ShouldBe(2);
        flaws.ShouldContain("YP1115: The result of “up/a.txt” would stand at “up/a.upper”, where another item's does. Let output.layout say more, such as ${key}, or rename one of them.");
        flaws.ShouldContain(flaw => flaw.StartsWith("YP2006: “up/xxx") && flaw.Contains("longer than 255 bytes"));
        (await bench.Preview("{input: {location: ./in, include: ['*.txt'], ignore: ['x*']}, steps: [{name: up, algorithm: upper}]}")).Flaws.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_value_that_an_item_has_no_metadata_for_is_told_before_anything_runs()
    {
        await using var bench = new Bench("a_1.txt", "b.txt");
        bench.Algorithms["tag"] = "{name: tag, command: [tag, '${n}'], inputs: {image: {required: false}}, outputs: {out: out.txt}, variables: {n: {type: integer, default: 0}}}";
        var flaws = (await bench.Preview("{input: {location: ./in, pattern: '(?<name>[a-z])(_(?<n>[0-9]))?[.]txt'}, steps: [{name: tag, algorithm: tag, variables: {n: '${n}'}}]}")).Flaws;
        flaws.ShouldHaveSingleItem().ShouldBe("YP2006: “tag/b.txt”: The variable “n” of step “tag” needs metadata that the item does not have: ${n}.");
    }
}
