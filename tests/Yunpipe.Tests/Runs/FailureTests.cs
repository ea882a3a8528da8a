using Yunpipe.Runs;
using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Tests.Runs;

/// <summary>One bad item never stops the others: it is retried by cause, then set aside with one sentence (design.md §3.6).</summary>
public sealed class FailureTests
{
    private const string Chain = "{input: ./in, steps: [{name: first, algorithm: work}, {name: second, algorithm: upper}]}";

    private static Bench Make(Func<Call, int> work, string more = "")
    {
        var bench = new Bench("a.txt", "b.txt", "c.txt");
        bench.Algorithms["work"] = $"{{name: work, command: [work, '${{image}}', '${{stem}}.w'], inputs: [image], outputs: {{out: '${{stem}}.w'}}, retry: {{attempts: 3, backoff: 1 ms}}{more}}}";
        bench.Launcher.Programs["work"] = work;
        return bench;
    }

    private static int Good(Call call)
    {
        call.Write(call.Arguments[2], "fine");
        return 0;
    }

    private static bool IsB(Call call) => call.Arguments[1].EndsWith("b.txt", StringComparison.Ordinal);

    [Fact]
    public async Task A_failing_item_is_set_aside_with_its_last_words_and_the_others_go_on()
    {
        await using var bench = Make(call => IsB(call) ? 7 : Good(call));
        var summary = await bench.Run(Chain);
        summary.Steps[0].SetAside.ShouldBe(1);
        summary.Steps[1].HeldBack.ShouldBe(1);
        summary.Ran.ShouldBe(4);
        var failure = (await bench.Failures()).ShouldHaveSingleItem();
        failure.Sentence.ShouldBe("The algorithm ended with exit code 7: “last words”");
        failure.Attempts.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_declared_exit_code_speaks_its_own_sentence_and_is_not_tried_again()
    {
        await using var bench = Make(call => IsB(call) ? 3 : Good(call), ", exitCodes: {3: {kind: permanent, says: The image holds no nuclei}}");
        await bench.Run(Chain);
        var failure = (await bench.Failures()).ShouldHaveSingleItem();
        failure.Sentence.ShouldBe("The image holds no nuclei (exit code 3)");
        failure.Attempts.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_transient_failure_is_tried_as_often_as_the_algorithm_says_and_the_manifest_tells_it()
    {
        var tries = 0;
        await using var bench = Make(call => IsB(call) && Interlocked.Increment(ref tries) < 3 ? 75 : Good(call), ", exitCodes: {75: {kind: transient, says: Licence server busy}}");
        var summary = await bench.Run(Chain);
        summary.SetAside.ShouldBe(0);
        summary.Steps[0].Retries.ShouldBe(2);
        await using var store = Local.Stores.FolderStore.Open(new Local.Stores.StoreLayout(bench.Out));
        var manifest = await store.FindItem("first", "b.txt", default);
        manifest!.Attempts.Select(attempt => attempt.Cause).ShouldBe([Cause.ExitCode, Cause.ExitCode, null]);
    }

    [Fact]
    public async Task Out_of_memory_is_tried_with_more_up_to_the_limit()
    {
        var asked = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var bench = Make(call =>
        {
            if (!IsB(call)) return Good(call);
            asked.Enqueue(call.Arguments[3]);
            return int.Parse(call.Arguments[3]) < 400 ? -137 : Good(call);
        }, ", resources: {memory: 128 MiB}");
        bench.Algorithms["work"] = bench.Algorithms["work"].Replace("'${stem}.w']", "'${stem}.w', '${memory_mb}']");
        var summary = await bench.Run(Chain, new RunOptions(new Capacity(2, 400L << 20, [], 2)));
        summary.SetAside.ShouldBe(0);
        asked.ShouldBe(["128", "256", "400"]);
    }

    [Fact]
    public async Task A_missing_output_names_what_was_written_instead()
    {
        await using var bench = Make(call => { call.Write(IsB(call) ? "other.txt" : call.Arguments[2], "x"); return 0; });
        await bench.Run(Chain);
        (await bench.Failures()).ShouldHaveSingleItem().Sentence.ShouldBe("The algorithm ended well but did not write its output “b.w” (out); it wrote “other.txt”.");
    }

    [Fact]
    public async Task Set_aside_stays_set_aside_until_it_is_to_be_retried()
    {
        var broken = true;
        await using var bench = Make(call => IsB(call) && broken ? 3 : Good(call), ", exitCodes: {3: {kind: permanent, says: Bad}}");
        await bench.Run(Chain);
        broken = false;
        var again = await bench.Run(Chain);
        bench.Launcher.Ran.ShouldBeEmpty();
        again.SetAside.ShouldBe(1);
        var retried = await bench.Run(Chain, retry: true);
        retried.SetAside.ShouldBe(0);
        retried.Ran.ShouldBe(2);
        (await bench.Failures()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_lost_agent_is_our_failure_and_is_tried_again()
    {
        var tries = 0;
        await using var bench = Make(call => IsB(call) && Interlocked.Increment(ref tries) < 3 ? -200 : Good(call));
        (await bench.Run(Chain)).SetAside.ShouldBe(0);
        tries.ShouldBe(3);
    }

    [Fact]
    public async Task An_algorithm_that_writes_to_its_input_is_caught()
    {
        await using var bench = Make(call =>
        {
            if (IsB(call)) File.AppendAllText(call.Arguments[1], "!");
            return Good(call);
        });
        await bench.Run(Chain);
        (await bench.Failures()).ShouldHaveSingleItem().Cause.ShouldBe(Cause.InputChanged);
    }

    [Fact]
    public async Task A_gather_with_a_missing_member_fails_skips_or_waits_as_it_was_told()
    {
        await using var bench = Make(call => IsB(call) ? 3 : Good(call), ", exitCodes: {3: {kind: permanent, says: Bad}}");
        string With(string missing) => $"{{input: ./in, steps: [{{name: first, algorithm: work}}, {{name: all, algorithm: join, inputs: {{parts: first}}, gather: {{missing: {missing}}}}}]}}";
        var failed = await bench.Run(With("fail"));
        failed.Steps[1].SetAside.ShouldBe(1);
        (await bench.Failures()).Single(failure => failure.Step == "all").Sentence.ShouldBe("The group “all” lacks b.txt.");
        var waited = await bench.Run(With("wait"));
        waited.Steps[1].HeldBack.ShouldBe(1);
        waited.Steps[1].Waiters.ShouldBe((1, "The group “all” lacks b.txt."));
        var skipped = await bench.Run(With("skip"));
        skipped.Steps[1].Ran.ShouldBe(1);
        bench.Result("all/all.joined").ShouldBe("fine|fine");
        await using var store = Local.Stores.FolderStore.Open(new Local.Stores.StoreLayout(bench.Out));
        (await store.FindItem("all", "all", default))!.Missing.ShouldBe(["b.txt"]);
    }

    [Fact]
    public async Task Every_group_that_lacks_members_has_a_failure_of_its_own_until_it_is_whole()
    {
        await using var bench = new Bench("P1/a.txt", "P1/b.txt", "P2/a.txt", "P3/a.txt");
        const string workflow = "{input: {location: ./in, pattern: '{plate}/{name}.txt'}, steps: [{name: all, algorithm: join, inputs: {parts: input}, gather: {by: '${plate}', count: 2}}]}";
        (await bench.Run(workflow)).Steps[0].SetAside.ShouldBe(2);
        (await bench.Failures()).Select(failure => failure.Key).Order().ShouldBe(["P2", "P3"]);
        bench.Put("P2/b.txt", "late");
        await bench.Run(workflow);
        (await bench.Failures()).ShouldHaveSingleItem().Key.ShouldBe("P3");
    }

    [Fact]
    public async Task A_member_that_is_expected_and_was_set_aside_is_lacked_once()
    {
        await using var bench = Make(call => IsB(call) ? 3 : Good(call), ", exitCodes: {3: {kind: permanent, says: Bad}}");
        await bench.Run("{input: {location: ./in, pattern: '{name}.txt'}, steps: [{name: first, algorithm: work}, {name: all, algorithm: join, inputs: {parts: first}, gather: {expect: {name: [a, b, c, d]}}}]}");
        (await bench.Failures()).Single(failure => failure.Step == "all").Sentence.ShouldBe("The group “all” lacks b.txt and name=d.");
    }

    [Fact]
    public async Task A_run_gives_up_where_the_workflow_does_not_tolerate_so_many()
    {
        await using var bench = new Bench([.. Enumerable.Range(0, 200).Select(i => $"{i:d3}.txt")]);
        bench.Algorithms["work"] = "{name: work, command: [work, '${image}'], inputs: [image], retry: {attempts: 1}}";
        bench.Launcher.Programs["work"] = _ => 9;
        var summary = await bench.Run("{input: ./in, steps: [{name: first, algorithm: work}], tolerate: 3}", jobs: 1);
        summary.GaveUp.ShouldNotBeNull();
        summary.SetAside.ShouldBeInRange(4, 100);
    }

    [Fact]
    public async Task An_output_that_leads_out_of_its_folder_is_refused()
    {
        await using var bench = new Bench("a.txt");
        bench.Algorithms["work"] = "{name: work, command: [work, '${image}'], inputs: [image], outputs: {out: '${name}.w'}, variables: {name: {type: string, default: '../../x'}}}";
        bench.Launcher.Programs["work"] = _ => 0;
        await bench.Run("{input: ./in, steps: [{name: first, algorithm: work}]}");
        (await bench.Failures()).ShouldHaveSingleItem().Sentence.ShouldContain("leads out of the job's folder");
    }
}
