using System.Text.RegularExpressions;

namespace Yunpipe.EndToEnd.Cli;

/// <summary>A scientist runs a workflow, changes something, and runs it again.</summary>
public sealed class RunTests
{
    /// <summary>Which of several is the first is chance.</summary>
    private static string Whichever(string text) => Regex.Replace(text, "“[abc].txt”", "“<item>”");

    [Fact]
    public async Task A_first_run_makes_everything_and_says_where_it_is()
    {
        using var bench = new CommandBench().WithTwoSteps();
        var said = await bench.Yunpipe("run", "workflow.yaml");
        said.Exit.ShouldBe(0, said.ToString());
        bench.Golden("run-first.txt", said.Out);
        bench.View().Keys.ShouldBe(["count/a.count", "count/b.count", "count/c.count", "shout/a.loud", "shout/b.loud", "shout/c.loud"]);
        bench.Text("out/shout/a.loud").ShouldBe("IMAGE A\n");
        File.Exists(bench.At("out/report.html")).ShouldBeTrue();
    }

    [Fact]
    public async Task The_same_command_again_does_nothing()
    {
        using var bench = new CommandBench().WithTwoSteps();
        await bench.Yunpipe("run", "workflow.yaml");
        var said = await bench.Yunpipe("run", "workflow.yaml");
        said.Exit.ShouldBe(0, said.ToString());
        bench.Golden("run-again.txt", said.Out);
    }

    [Fact]
    public async Task A_changed_variable_makes_its_step_and_what_follows_again_and_changing_back_finds_the_old_results()
    {
        using var bench = new CommandBench().WithTwoSteps();
        await bench.Yunpipe("run", "workflow.yaml");
        var first = bench.View();
        var twice = await bench.Yunpipe("run", "workflow.yaml", "--set", "shout.times=2");
        bench.Golden("run-changed-variable.txt", Whichever(twice.Out));
        var json = await bench.Yunpipe("run", "workflow.yaml", "--set", "shout.times=3", "--json", "--jobs", "1");
        bench.Golden("run-changed-variable-json.txt", Whichever(json.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]));
        await bench.Yunpipe("run", "workflow.yaml", "--set", "shout.times=2");
        bench.Text("out/shout/a.loud").ShouldBe("IMAGE A\nIMAGE A\n");
        bench.Text("out/count/a.count").Trim().ShouldBe("16");
        var back = await bench.Yunpipe("run", "workflow.yaml");
        back.Out.ShouldContain("all was done before");
        bench.View().ShouldBe(first);
    }

    [Fact]
    public async Task A_changed_image_makes_only_what_depends_on_it_again()
    {
        using var bench = new CommandBench().WithTwoSteps();
        await bench.Yunpipe("run", "workflow.yaml");
        bench.Put("in/b.txt", "another image\n");
        var said = await bench.Yunpipe("run", "workflow.yaml");
        bench.Golden("run-changed-image.txt", said.Out);
        bench.Text("out/shout/b.loud").ShouldBe("ANOTHER IMAGE\n");
    }

    [Fact]
    public async Task A_touched_image_is_looked_at_and_nothing_is_made_again()
    {
        using var bench = new CommandBench().WithTwoSteps();
        await bench.Yunpipe("run", "workflow.yaml");
        File.SetLastWriteTimeUtc(bench.At("in/b.txt"), DateTime.UnixEpoch.AddYears(40));
        var said = await bench.Yunpipe("run", "workflow.yaml");
        said.Out.ShouldContain("3 done (2 before, 1 by equal content)");
    }

    [Fact]
    public async Task Only_the_named_items_are_run()
    {
        using var bench = new CommandBench().WithTwoSteps();
        (await bench.Yunpipe("run", "workflow.yaml", "--only", "b.txt")).Exit.ShouldBe(0);
        bench.View().Keys.ShouldBe(["count/b.count", "shout/b.loud"]);
        var none = await bench.Yunpipe("run", "workflow.yaml", "--only", "d.txt");
        none.Exit.ShouldBe(4);
        none.Error.ShouldContain("none of 3 items in “in” is called “d.txt”");
    }

    [Fact]
    public async Task A_quiet_run_that_goes_well_says_nothing()
    {
        using var bench = new CommandBench().WithTwoSteps();
        (await bench.Yunpipe("run", "workflow.yaml", "--quiet")).ShouldBe(new Said(0, "", ""));
    }

    [Fact]
    public async Task Records_can_be_kept_in_another_folder()
    {
        using var bench = new CommandBench().WithTwoSteps();
        (await bench.Yunpipe("run", "workflow.yaml", "--state", "records", "--no-flush", "--no-report")).Exit.ShouldBe(0);
        File.Exists(bench.At("records/state.db")).ShouldBeTrue();
        File.Exists(bench.At("out/_yunpipe/state.db")).ShouldBeFalse();
        File.Exists(bench.At("out/report.html")).ShouldBeFalse();
        (await bench.Yunpipe("run", "workflow.yaml", "--state", "records")).Out.ShouldContain("all was done before");
    }

    [Fact]
    public async Task Documents_tell_each_job_and_end_with_a_summary()
    {
        using var bench = new CommandBench().WithTwoSteps();
        bench.Put("in/b.txt", "b").Put("shout.yaml", bench.Text("shout.yaml").Replace("for i in", "grep -q image \"$$1\" || exit 3; for i in", StringComparison.Ordinal) + "exitCodes: {3: {kind: permanent, says: There is no image in it}}\n");
        var said = await bench.Yunpipe("run", "workflow.yaml", "--json", "--jobs", "1");
        said.Exit.ShouldBe(3, said.ToString());
        said.Error.ShouldBe("");
        bench.Golden("run-json.txt", string.Join('\n', said.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)));
        said.Out.ShouldStartWith("{\"event\":\"start\"");
        said.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].ShouldStartWith("{\"event\":\"summary\"");
    }

    [Fact]
    public async Task The_toolbox_beside_the_program_is_found()
    {
        Published.Find("yunpipe-toolbox");
        using var bench = new CommandBench().Put("in/x.csv", "id,area\n1,5\n").Put("in/y.csv", "id,area\n1,7\n")
            .Put("workflow.yaml", "input: {location: ./in, pattern: '{well}.csv'}\nsteps: [{name: table, algorithm: concat, gather: all}]\n");
        var said = await bench.Yunpipe("run", "workflow.yaml", "-o", "out");
        said.Exit.ShouldBe(0, said.ToString());
        bench.View().Single().Value.ShouldContain("7");
    }
}
