using Yunpipe.Items;
using Yunpipe.Local.Runs;
using Yunpipe.Local.Stores;
using Yunpipe.Runs;
using Yunpipe.Work;

namespace Yunpipe.Tests.Runs;

/// <summary>Outputs that were given back to the disk, and are needed again.</summary>
public sealed class ReleasedTests
{
    private const string Chain = """
        input: {location: ./in, include: ["*.txt"]}
        steps:
          - {name: first, algorithm: copy}
          - {name: second, algorithm: upper}
          - {name: third, algorithm: copy, variables: {}}
        """;

    private static string ChainWith(string third) => Chain.Replace("name: third, algorithm: copy", $"name: third, algorithm: {third}", StringComparison.Ordinal);

    private const string Gathered = """
        input: {location: ./in, include: ["*.txt"]}
        steps:
          - {name: first, algorithm: copy}
          - {name: all, algorithm: join, gather: all}
        """;

    private static async Task Release(Bench bench, params string[] steps)
    {
        await using var store = FolderStore.Open(new StoreLayout(bench.Out));
        foreach (var step in steps) await store.Release(step, await store.Manifests(step, default).ToListAsync());
    }

    [Fact]
    public async Task What_was_released_and_is_not_needed_is_not_made_again()
    {
        await using var bench = new Bench("a.txt", "b.txt");
        await bench.Run(Chain);
        await Release(bench, "first", "second");
        bench.View().ShouldBe(["third/a.copy", "third/b.copy"]);
        var summary = await bench.Run(Chain);
        bench.Launcher.Ran.ShouldBeEmpty();
        summary.Steps.Select(step => step.Already).ShouldBe([2, 2, 2]);
    }

    [Fact]
    public async Task Released_outputs_are_made_again_for_the_job_that_needs_them_back_to_the_first()
    {
        await using var bench = new Bench("a.txt", "b.txt");
        await bench.Run(Chain);
        await Release(bench, "first", "second");
        var summary = await bench.Run(ChainWith("upper"));
        summary.Steps.Select(step => step.MadeAgain).ShouldBe([2, 2, 0]);
        summary.Steps.Select(step => step.Already).ShouldBe([2, 2, 0]);
        summary.Ran.ShouldBe(2);
        bench.View().ShouldBe(["first/a.copy", "first/b.copy", "second/a.upper", "second/b.upper", "third/a.upper", "third/b.upper"]);
        await using var store = FolderStore.OpenToRead(new StoreLayout(bench.Out))!;
        (await store.Manifests("first", default).CountAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task Only_the_item_that_needs_it_is_made_again()
    {
        await using var bench = new Bench("a.txt", "b.txt");
        await bench.Run("""
            input: {location: ./in, include: ["*.txt"]}
            steps:
              - {name: first, algorithm: copy}
              - {name: second, algorithm: upper, when: "a.txt"}
            """);
        await Release(bench, "first");
        await bench.Run("""
            input: {location: ./in, include: ["*.txt"]}
            steps:
              - {name: first, algorithm: copy}
              - {name: second, algorithm: upper, when: ["*.txt"]}
            """);
        bench.Launcher.Ran.ShouldBe(["copy b.txt b.copy", "upper b.copy b.upper"]);
    }

    [Fact]
    public async Task A_gather_with_a_new_member_gets_its_released_members_back()
    {
        await using var bench = new Bench("a.txt", "b.txt");
        await bench.Run(Gathered);
        await Release(bench, "first");
        bench.Put("c.txt", "new");
        var summary = await bench.Run(Gathered);
        summary.Steps[0].MadeAgain.ShouldBe(2);
        bench.Result("all/all.joined").ShouldBe("content of a.txt|content of b.txt|new");
    }

    [Fact]
    public async Task Outputs_shared_by_jobs_of_equal_content_come_back_for_both()
    {
        await using var bench = new Bench("a.txt");
        await bench.Run(Chain);
        bench.Put("a.txt", "content of a.txt");
        (await bench.Run(Chain)).Steps[0].Adopted.ShouldBe(1);
        await Release(bench, "first", "second");
        (await bench.Run(ChainWith("upper"))).Ran.ShouldBe(1);
        bench.Result("third/a.upper").ShouldBe("CONTENT OF A.TXT");
    }

    [Fact]
    public async Task Where_it_cannot_be_made_again_the_job_behind_it_is_set_aside_with_the_reason()
    {
        await using var bench = new Bench("a.txt");
        await bench.Run(Chain);
        await Release(bench, "first", "second");
        bench.Launcher.Programs["copy"] = _ => 3;
        var summary = await bench.Run(ChainWith("upper"));
        summary.SetAside.ShouldBe(1);
        var failure = (await bench.Failures()).ShouldHaveSingleItem();
        failure.Step.ShouldBe("third");
        failure.Sentence.ShouldStartWith("“second” had to run again");
        failure.Sentence.ShouldContain("“first” had to run again");
    }

    [Fact]
    public async Task Results_that_were_deleted_are_made_again_since_nothing_else_would()
    {
        await using var bench = new Bench("a.txt");
        await bench.Run(Chain);
        await Release(bench, "third", "second");
        (await bench.Run(Chain)).Steps[^1].Ran.ShouldBe(1);
        bench.Result("third/a.copy").ShouldBe("CONTENT OF A.TXT");
    }

    [Fact]
    public async Task An_old_value_whose_output_was_released_does_not_show_the_newer_ones_result()
    {
        await using var bench = new Bench("a.txt");
        bench.Algorithms["say"] = "{name: say, command: [say, '${word}'], inputs: {image: {required: false}}, variables: {word: {type: string, default: one}}, outputs: {out: '${stem}.said'}}";
        bench.Launcher.Programs["say"] = call => { call.Write("a.said", call.Arguments[1]); return 0; };
        string Workflow(string word) => $$$"""
            input: {location: ./in, include: ["*.txt"]}
            steps:
              - {name: first, algorithm: say, variables: {word: {{{word}}} }}
              - {name: second, algorithm: upper}
            """;
        await bench.Run(Workflow("one"));
        await Release(bench, "first");
        await bench.Run(Workflow("two"));
        bench.Result("first/a.said").ShouldBe("two");
        await bench.Run(Workflow("one"));
        bench.Launcher.Ran.ShouldBeEmpty();
        bench.View().ShouldBe(["second/a.upper"]);
        bench.Result("second/a.upper").ShouldBe("ONE");
    }

    [Fact]
    public async Task A_plan_counts_what_would_be_made_again()
    {
        await using var bench = new Bench("a.txt", "b.txt");
        await bench.Run(Chain);
        await Release(bench, "first", "second");
        bench.Put("c.txt", "new");
        var steps = (await bench.Preview(ChainWith("upper"))).Steps;
        steps.Select(step => (step.Done, step.ToRun, step.Following)).ShouldBe([(0, 3, 0), (0, 2, 1), (0, 2, 1)]);
        steps[0].Reasons[RunReason.Released].ShouldBe(2);
        steps[1].Reasons[RunReason.Released].ShouldBe(2);
        steps[2].Reasons[RunReason.AlgorithmChanged].ShouldBe(2);
    }
}
