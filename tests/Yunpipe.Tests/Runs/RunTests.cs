using Yunpipe.Runs;
using Yunpipe.Work;

namespace Yunpipe.Tests.Runs;

/// <summary>Whole runs with function programs over a real folder store: what runs, what does not run again, and what fails.</summary>
public sealed class RunTests
{
    private const string Chain = """
        input: {location: ./in, include: ["*.txt"]}
        steps:
          - {name: first, algorithm: copy}
          - {name: second, algorithm: upper}
        """;

    [Fact]
    public async Task A_chain_of_steps_takes_every_item_to_the_end()
    {
        await using var bench = new Bench("a.txt", "deep/b.txt");
        var summary = await bench.Run(Chain);
        summary.Ran.ShouldBe(4);
        bench.View().ShouldBe(["first/a.copy", "first/deep/b.copy", "second/a.upper", "second/deep/b.upper"]);
        bench.Result("second/deep/b.upper").ShouldBe("CONTENT OF DEEP/B.TXT");
    }

    [Fact]
    public async Task The_same_again_does_nothing()
    {
        await using var bench = new Bench("a.txt", "b.txt");
        await bench.Run(Chain);
        var again = await bench.Run(Chain);
        bench.Launcher.Ran.ShouldBeEmpty();
        again.Steps.Select(step => step.Already).ShouldBe([2, 2]);
    }

    [Fact]
    public async Task A_new_item_and_a_changed_item_are_all_that_runs()
    {
        await using var bench = new Bench("a.txt", "b.txt");
        await bench.Run(Chain);
        bench.Put("c.txt", "new");
        bench.Put("a.txt", "changed");
        var summary = await bench.Run(Chain);
        summary.Ran.ShouldBe(4);
        bench.Result("second/a.upper").ShouldBe("CHANGED");
        bench.Result("second/c.upper").ShouldBe("NEW");
    }

    [Fact]
    public async Task Touching_a_file_repeats_nothing()
    {
        await using var bench = new Bench("a.txt");
        await bench.Run(Chain);
        bench.Put("a.txt", "content of a.txt");
        var summary = await bench.Run(Chain);
        bench.Launcher.Ran.ShouldBeEmpty();
        summary.Steps[0].Adopted.ShouldBe(1);
        summary.Steps[1].Already.ShouldBe(1);
    }

    [Fact]
    public async Task A_step_behind_a_changed_one_runs_only_where_its_input_really_differs()
    {
        await using var bench = new Bench("a.txt");
        await bench.Run(Chain);
        bench.Algorithms["copy"] = bench.Algorithms["copy"].Replace("name: copy", "name: copy, version: '2'");
        await bench.Run(Chain);
        // The new version wrote the same bytes, so what reads them is still right.
        bench.Launcher.Ran.ShouldHaveSingleItem().ShouldStartWith("copy");
    }

    [Fact]
    public async Task A_variable_changed_and_changed_back_finds_the_old_bytes()
    {
        await using var bench = new Bench("a.txt");
        bench.Algorithms["copy"] = "{name: copy, command: [tag, '${image}', '${stem}.copy', '${sigma}'], inputs: [image], outputs: {out: '${stem}.copy'}, variables: {sigma: {type: number, default: 1}}}";
        bench.Launcher.Programs["tag"] = call => { call.Write(call.Arguments[2], call.Read(1) + call.Arguments[3]); return 0; };
        string With(string sigma) => $"{{input: ./in, steps: [{{name: s, algorithm: copy, variables: {{sigma: {sigma}}}}}]}}";
        await bench.Run(With("1"));
        (await bench.Run(With("1"))).Steps[0].Again.ShouldBeEmpty();
        (await bench.Run(With("2"))).Steps[0].Again[RunReason.VariableChanged].ShouldBe((1, "“sigma” is now 2; it was 1."));
        bench.Result("s/a.copy").ShouldBe("content of a.txt2");
        await bench.Run(With("1.0"));
        bench.Launcher.Ran.ShouldBeEmpty();
        bench.Result("s/a.copy").ShouldBe("content of a.txt1");
    }

    [Fact]
    public async Task A_step_joins_outputs_of_two_others_on_their_item()
    {
        await using var bench = new Bench("a.txt", "b.txt");
        bench.Algorithms["both"] = "{name: both, command: [both, '${x}', '${y}', '${stem}.both'], inputs: [x, y], outputs: {out: '${stem}.both'}}";
        bench.Launcher.Programs["both"] = call => { call.Write(call.Arguments[3], call.Read(1) + "+" + call.Read(2)); return 0; };
        await bench.Run("""
            input: ./in
            steps:
              - {name: up, algorithm: upper, inputs: {image: input}}
              - {name: co, algorithm: copy, inputs: {image: input}}
              - {name: both, algorithm: both, inputs: {x: up, y: co}}
              - {name: raw, algorithm: both, inputs: {x: both, y: input}}
            """);
        bench.Result("both/b.both").ShouldBe("CONTENT OF B.TXT+content of b.txt");
        bench.Result("raw/b.both").ShouldBe("CONTENT OF B.TXT+content of b.txt+content of b.txt");
    }

    [Fact]
    public async Task A_gather_takes_its_group_in_order_and_joins_back_into_each_member()
    {
        await using var bench = new Bench("P1/a.txt", "P1/b.txt", "P2/c.txt");
        bench.Algorithms["both"] = "{name: both, command: [both, '${x}', '${y}', '${stem}.both'], inputs: [x, y], outputs: {out: '${stem}.both'}}";
        bench.Launcher.Programs["both"] = call => { call.Write(call.Arguments[3], call.Read(1) + "/" + call.Read(2)); return 0; };
        var summary = await bench.Run("""
            input: {location: ./in, pattern: "{plate}/{name}.txt"}
            steps:
              - {name: up, algorithm: upper}
              - {name: plate, algorithm: join, inputs: {parts: up}, gather: {by: "${plate}"}}
              - {name: back, algorithm: both, inputs: {x: input, y: plate}}
              - {name: all, algorithm: join, inputs: {parts: back}, gather: all}
            """);
        summary.SetAside.ShouldBe(0);
        bench.Result("plate/P1/P1.joined").ShouldBe("CONTENT OF P1/A.TXT|CONTENT OF P1/B.TXT");
        bench.Result("back/P2/c.both").ShouldBe("content of P2/c.txt/CONTENT OF P2/C.TXT");
        bench.Result("all/all.joined").ShouldBe("content of P1/a.txt/CONTENT OF P1/A.TXT|CONTENT OF P1/B.TXT|content of P1/b.txt/CONTENT OF P1/A.TXT|CONTENT OF P1/B.TXT|content of P2/c.txt/CONTENT OF P2/C.TXT");
        await bench.Run("""
            input: {location: ./in, pattern: "{plate}/{name}.txt"}
            steps:
              - {name: up, algorithm: upper}
              - {name: plate, algorithm: join, inputs: {parts: up}, gather: {by: "${plate}"}}
              - {name: back, algorithm: both, inputs: {x: input, y: plate}}
              - {name: all, algorithm: join, inputs: {parts: back}, gather: all}
            """);
        bench.Launcher.Ran.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_run_over_a_part_of_the_items_leaves_groups_alone()
    {
        await using var bench = new Bench("a.txt", "b.txt");
        const string workflow = "{input: ./in, steps: [{name: up, algorithm: upper}, {name: all, algorithm: join, inputs: {parts: up}, gather: all}]}";
        await bench.Run(workflow);
        bench.Put("a.txt", "other");
        await bench.Run(workflow, new RunOptions(new Capacity(2, 0, [], 2)) { Only = ["a.txt"] });
        bench.Result("up/a.upper").ShouldBe("OTHER");
        bench.Result("all/all.joined").ShouldBe("CONTENT OF A.TXT|CONTENT OF B.TXT");
        await bench.Run(workflow);
        bench.Result("all/all.joined").ShouldBe("OTHER|CONTENT OF B.TXT");
    }

    [Fact]
    public async Task A_late_member_makes_its_group_anew_and_leaves_the_others()
    {
        await using var bench = new Bench("P1/a.txt", "P2/c.txt");
        const string workflow = """
            input: {location: ./in, pattern: "{plate}/{name}.txt"}
            steps: [{name: plate, algorithm: join, inputs: {parts: input}, gather: {by: "${plate}"}}]
            """;
        await bench.Run(workflow);
        bench.Put("P1/late.txt", "late");
        await bench.Run(workflow);
        bench.Launcher.Ran.ShouldHaveSingleItem();
        bench.Result("plate/P1/P1.joined").ShouldBe("content of P1/a.txt|late");
    }

    [Fact]
    public async Task A_matrix_multiplies_a_step_and_what_follows()
    {
        await using var bench = new Bench("a.txt");
        bench.Algorithms["tag"] = "{name: tag, command: [tag, '${image}', '${stem}.tag', '${n}'], inputs: [image], outputs: {out: '${stem}.tag'}, variables: {n: {type: integer, default: 0}}}";
        bench.Launcher.Programs["tag"] = call => { call.Write(call.Arguments[2], call.Read(1) + call.Arguments[3]); return 0; };
        await bench.Run("""
            input: ./in
            steps:
              - {name: tag, algorithm: tag, matrix: {n: [1, 2, 3]}}
              - {name: up, algorithm: upper}
            """);
        bench.View().Where(path => path.StartsWith("up")).ShouldBe(["up/n=1/a.upper", "up/n=2/a.upper", "up/n=3/a.upper"]);
        bench.Result("up/n=2/a.upper").ShouldBe("CONTENT OF A.TXT2");
    }

    [Fact]
    public async Task An_output_of_each_scatters_into_items_of_their_own_which_can_be_gathered_again()
    {
        await using var bench = new Bench("a.txt", "b.txt");
        bench.Algorithms["split"] = "{name: split, command: [split, '${image}'], inputs: [image], outputs: {tiles: {path: 'tile*.t', each: true}}}";
        bench.Launcher.Programs["split"] = call => { for (var i = 0; i < 3; i++) call.Write($"tile{i}.t", $"{i} of {call.Read(1)}"); return 0; };
        await bench.Run("""
            input: ./in
            steps:
              - {name: split, algorithm: split}
              - {name: up, algorithm: upper, inputs: {image: split.tiles}}
              - {name: whole, algorithm: join, inputs: {parts: up}, gather: {by: "${origin}"}}
            """);
        bench.View().Count(path => path.StartsWith("up/")).ShouldBe(6);
        bench.Result("whole/b.txt/b.joined").ShouldBe("0 OF CONTENT OF B.TXT|1 OF CONTENT OF B.TXT|2 OF CONTENT OF B.TXT");
    }

    [Fact]
    public async Task A_scatter_that_makes_fewer_takes_the_rest_out_of_the_view()
    {
        await using var bench = new Bench("a.txt");
        bench.Algorithms["split"] = "{name: split, command: [split, '${image}', '${n}'], inputs: [image], outputs: {tiles: {path: 'tile*.t', each: true}}, variables: {n: {type: integer, default: 3}}}";
        bench.Launcher.Programs["split"] = call => { for (var i = 0; i < int.Parse(call.Arguments[2]); i++) call.Write($"tile{i}.t", $"{i}"); return 0; };
        string With(int n) => $"{{input: ./in, steps: [{{name: split, algorithm: split, variables: {{n: {n}}}}}, {{name: up, algorithm: upper, inputs: {{image: split.tiles}}}}]}}";
        await bench.Run(With(3));
        bench.View().Count(path => path.StartsWith("up/")).ShouldBe(3);
        await bench.Run(With(1));
        bench.View().Where(path => path.StartsWith("up/")).ShouldBe(["up/a.txt/tile0.upper"]);
        await bench.Run(With(3));
        bench.View().Count(path => path.StartsWith("up/")).ShouldBe(3);
        bench.Launcher.Ran.ShouldBeEmpty();
    }

    [Fact]
    public async Task Reference_data_counts_by_its_content_also_in_a_matrix()
    {
        await using var bench = new Bench("a.txt");
        File.WriteAllText(Path.Combine(bench.Folder, "m1"), "one");
        File.WriteAllText(Path.Combine(bench.Folder, "m2"), "two");
        bench.Algorithms["with"] = "{name: with, command: [with, '${image}', '${stem}.w', '${model}'], inputs: [image], outputs: {out: '${stem}.w'}, variables: {model: {type: file, required: true}}}";
        bench.Launcher.Programs["with"] = call => { call.Write(call.Arguments[2], call.Read(1) + call.Read(3)); return 0; };
        var workflow = $"{{input: ./in, steps: [{{name: w, algorithm: with, matrix: {{model: [{bench.Folder}/m1, {bench.Folder}/m2]}}}}]}}";
        (await bench.Run(workflow)).Ran.ShouldBe(2);
        File.SetLastWriteTimeUtc(Path.Combine(bench.Folder, "m1"), DateTime.UtcNow.AddDays(-1));
        await bench.Run(workflow);
        bench.Launcher.Ran.ShouldBeEmpty();
        File.WriteAllText(Path.Combine(bench.Folder, "m1"), "another");
        await bench.Run(workflow);
        bench.Launcher.Ran.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Never_more_runs_at_once_than_the_capacity_allows()
    {
        await using var bench = new Bench([.. Enumerable.Range(0, 40).Select(i => $"{i}.txt")]);
        bench.Algorithms["copy"] = bench.Algorithms["copy"].Replace("name: copy", "name: copy, resources: {cpu: 2}");
        await bench.Run(Chain, new RunOptions(new Capacity(5, 0, [], 100)));
        bench.Launcher.Peak.ShouldBeLessThanOrEqualTo(4);
        await bench.Run("{input: ./in, steps: [{name: once, algorithm: copy}]}", new RunOptions(new Capacity(5, 0, [], 100)));
        bench.Launcher.Peak.ShouldBeLessThanOrEqualTo(4);
    }

    [Fact]
    public async Task Items_are_listed_no_further_ahead_than_those_under_way_so_that_memory_does_not_grow_with_them()
    {
        await using var bench = new Bench([.. Enumerable.Range(0, 1500).Select(i => $"{i}.txt")]);
        long ended = 0, most = 0;
        bench.Launcher.Programs["copy"] = call =>
        {
            long Ahead() => bench.Running!.Input.Source.Counts.Files - Interlocked.Read(ref ended);
            // Time enough for a listing that nothing holds back.
            if (Interlocked.Read(ref ended) == 0) SpinWait.SpinUntil(() => Ahead() > 1000, 300);
            most = Math.Max(most, Ahead());
            call.Write(call.Arguments[2], "x");
            Interlocked.Increment(ref ended);
            return 0;
        };
        (await bench.Run(Chain)).Ran.ShouldBe(3000);
        // 64 under way; 256 taken, and as many read ahead.
        most.ShouldBeInRange(10, 64 + 2 * 256 + 10);
    }

    [Fact]
    public async Task Asked_to_finish_it_starts_nothing_more_and_goes_on_later()
    {
        await using var bench = new Bench([.. Enumerable.Range(0, 50).Select(i => $"{i}.txt")]);
        using var finish = new CancellationTokenSource();
        var started = 0;
        bench.Launcher.Programs["copy"] = call => { if (Interlocked.Increment(ref started) == 5) finish.Cancel(); call.Write(call.Arguments[2], "x"); return 0; };
        var summary = await bench.Run(Chain, jobs: 2, finish: finish.Token);
        summary.Interrupted.ShouldBeTrue();
        summary.Ran.ShouldBeLessThan(100);
        var rest = await bench.Run(Chain, jobs: 2);
        (summary.Ran + rest.Ran).ShouldBe(100);
        rest.SetAside.ShouldBe(0);
    }
}
