namespace Yunpipe.EndToEnd.Cli;

/// <summary>What a person reads, and a script gets as exit code, when something is wrong (docs/reference/exit-codes.md).</summary>
public sealed class TroubleTests
{
    [Fact]
    public async Task An_image_that_fails_is_named_and_set_aside_and_the_rest_goes_on_until_it_is_mended()
    {
        using var bench = new CommandBench().WithTwoSteps().WithScript("grep -q ok \"$1\" || { echo 'no such magic' >&2; exit 9; }; cp \"$1\" \"$2\"");
        foreach (var name in (string[])["a", "b", "c"]) bench.Put($"in/{name}.txt", name == "b" ? "bad" : "ok");
        var said = await bench.Yunpipe("run", "workflow.yaml");
        said.Exit.ShouldBe(3, said.ToString());
        bench.Golden("run-set-aside.txt", said.Error + "---\n" + said.Out);
        bench.View().Keys.ShouldBe(["work/a.out", "work/c.out"]);

        var again = await bench.Yunpipe("run", "workflow.yaml");
        again.Exit.ShouldBe(3);
        again.Error.ShouldNotContain("no such magic");
        again.Out.ShouldContain("2 done before, 1 set aside");

        bench.Put("in/b.txt", "ok now");
        (await bench.Yunpipe("run", "workflow.yaml")).Exit.ShouldBe(0);
        bench.View().Count.ShouldBe(3);
    }

    [Fact]
    public async Task What_was_set_aside_is_tried_again_when_asked()
    {
        using var bench = new CommandBench().WithScript("test -e \"${2%/attempts/*}/../../ready\" || exit 1; cp \"$1\" \"$2\"").Put("in/a.txt", "a");
        (await bench.Yunpipe("run", "workflow.yaml")).Exit.ShouldBe(3);
        bench.Put("ready", "");
        (await bench.Yunpipe("run", "workflow.yaml")).Exit.ShouldBe(3);
        var said = await bench.Yunpipe("run", "workflow.yaml", "--retry");
        said.Exit.ShouldBe(0, said.ToString());
    }

    [Fact]
    public async Task Of_many_failures_twenty_are_named_and_the_rest_counted()
    {
        using var bench = new CommandBench().WithScript("exit 1");
        for (var i = 0; i < 25; i++) bench.Put($"in/{i}.txt", $"{i}");
        var said = await bench.Yunpipe("run", "workflow.yaml");
        said.Error.Split('\n').Count(line => line.StartsWith("set aside: ", StringComparison.Ordinal)).ShouldBe(20);
        said.Out.ShouldContain("5 more were set aside than are named above.");
        said.Out.ShouldContain("25 set aside: yunpipe failures out");
    }

    [Fact]
    public async Task A_run_that_tolerates_little_gives_up()
    {
        using var bench = new CommandBench().WithScript("exit 1", more: "tolerate: 2\n");
        for (var i = 0; i < 50; i++) bench.Put($"in/{i}.txt", $"{i}");
        var said = await bench.Yunpipe("run", "workflow.yaml", "--jobs", "1");
        said.Exit.ShouldBe(6, said.ToString());
        said.Out.ShouldContain("Gave up: 3 jobs were set aside; the workflow tolerates 2.");
    }

    [Fact]
    public async Task Where_nothing_matches_the_pattern_it_is_told_with_an_example()
    {
        using var bench = new CommandBench().WithTwoSteps().Put("other/a.png", "").Put("other/.hidden.txt", "");
        var said = await bench.Yunpipe("run", "workflow.yaml", "--input", "other");
        said.Exit.ShouldBe(4, said.ToString());
        bench.Golden("run-nothing.txt", said.Error);
        Directory.CreateDirectory(bench.At("empty"));
        (await bench.Yunpipe("run", "workflow.yaml", "--input", "empty")).Error.ShouldContain("No item was found: “empty” holds no files.");
    }

    [Fact]
    public async Task Everything_that_is_wrong_with_a_workflow_is_told_at_once()
    {
        using var bench = new CommandBench().WithTwoSteps();
        bench.Put("workflow.yaml", "input: ./in\nstep: []\nsteps:\n  - {name: shout, algorithm: ./shuot.yaml}\n  - {name: count, algorithm: ./count.yaml, variables: {times: 3}}\n  - {name: blur, algorithm: blurr}\n");
        var said = await bench.Yunpipe("run", "workflow.yaml", "--output", "out");
        said.Exit.ShouldBe(2);
        said.Out.ShouldBe("");
        bench.Golden("run-bad-workflow.txt", said.Error);
        var json = await bench.Yunpipe("run", "workflow.yaml", "--output", "out", "--json");
        json.Error.ShouldBe(said.Error);
        bench.Golden("run-bad-workflow-json.txt", json.Out);
    }

    [Fact]
    public async Task Misspelt_options_and_forgotten_words_are_told()
    {
        using var bench = new CommandBench().WithTwoSteps();
        var text = "";
        foreach (var words in (string[][])[["run"], ["run", "--jbos", "2", "workflow.yaml"], ["run", "nothere.yaml"], ["run", "image"], ["run", "workflow.yaml", "more"], ["run", "workflow.yaml", "--", "cp"],
            ["run", "workflow.yaml", "--jobs", "many"], ["run", "workflow.yaml", "--jobs", "0"], ["run", "workflow.yaml", "--jobs", "2", "--cpu", "1"], ["run", "workflow.yaml", "--memory", "much"],
            ["run", "workflow.yaml", "--gpus", "all"], ["run", "workflow.yaml", "--set", "shuot.times=2"], ["run", "workflow.yaml", "--launcher", "kubernetes"], ["run", "workflow.yaml", "-i", "nothere"],
            ["run", "workflow.yaml", "-o", "in/out"], ["run", "workflow.yaml", "-o", "s3://Bucket/out"], ["rnu"]])
        {
            var said = await bench.Yunpipe(words);
            said.Exit.ShouldBe(2, said.ToString());
            said.Out.ShouldBe("");
            text += $"$ yunpipe {string.Join(' ', words)}\n{said.Error}";
        }
        bench.Golden("run-usage.txt", text);
        Directory.Exists(bench.At("out")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_bucket_without_a_region_is_one_sentence()
    {
        using var bench = new CommandBench().WithTwoSteps();
        var nothing = new Dictionary<string, string>
        {
            ["AWS_REGION"] = "", ["AWS_DEFAULT_REGION"] = "", ["AWS_CONFIG_FILE"] = bench.At("none"), ["AWS_SHARED_CREDENTIALS_FILE"] = bench.At("none"), ["AWS_EC2_METADATA_DISABLED"] = "true",
        };
        var said = await bench.Yunpipe(nothing, "run", "workflow.yaml", "-o", "s3://bucket/out");
        said.Exit.ShouldBe(2, said.ToString());
        said.Error.ShouldBe("YP6002: No region of AWS is set, and none is found. Set AWS_REGION, or a region in ~/.aws/config; for another service set AWS_ENDPOINT_URL.\n");
    }

    [Fact]
    public async Task An_output_that_cannot_be_used_is_told_before_anything_runs()
    {
        using var bench = new CommandBench().WithTwoSteps().Put("file", "");
        var said = await bench.Yunpipe("run", "workflow.yaml", "--output", "file");
        said.Exit.ShouldBe(2);
        said.Error.ShouldContain("YP3002: The output folder");
        said.Error.ShouldContain("Choose a folder that you may write to");
    }

    [Fact]
    public async Task A_second_run_on_one_output_names_the_first()
    {
        using var bench = new CommandBench().WithScript("while ! test -e \"${2%/attempts/*}/../../go\"; do sleep 0.05; done; cp \"$1\" \"$2\"").Put("in/a.txt", "a");
        using var first = bench.Start("run", "workflow.yaml");
        await CommandBench.Until(() => Directory.Exists(bench.At("out/_yunpipe/attempts")) && Directory.EnumerateDirectories(bench.At("out/_yunpipe/attempts")).Any(), "The first run does not start.");
        var second = await bench.Yunpipe("run", "workflow.yaml");
        second.Exit.ShouldBe(5, second.ToString());
        second.Error.ShouldContain($"is in use by process {first.Id} on {Environment.MachineName}: yunpipe run workflow.yaml.");
        bench.Put("go", "");
        (await CommandBench.End(first)).Exit.ShouldBe(0);
    }

    [Fact]
    public async Task An_image_that_changes_meanwhile_is_named_and_taken_by_the_next_run()
    {
        using var bench = new CommandBench().WithScript("own=${2%/out/*}; in=${own%/out/_yunpipe/*}/in; test -e \"$in/../once\" || { touch \"$in/../once\"; echo more >> \"$in/b.txt\"; }; cp \"$1\" \"$2\"");
        bench.Put("in/a.txt", "a").Put("in/b.txt", "b");
        var said = await bench.Yunpipe("run", "workflow.yaml", "--jobs", "1");
        said.Exit.ShouldBe(3, said.ToString());
        said.Error.ShouldContain("changed meanwhile: b.txt; what work was to make of it waits for the next run.");
        said.Out.ShouldContain("1 job met an input that changed meanwhile: the same command again takes it as it is now.");
        (await bench.Yunpipe("run", "workflow.yaml")).Exit.ShouldBe(0);
        bench.Text("out/work/b.out").ShouldBe("bmore\n");
    }

    [Fact]
    public async Task Results_that_would_hide_each_other_are_named()
    {
        using var bench = new CommandBench().WithTwoSteps().Put("in/deep/a.txt", "deep");
        bench.Put("workflow.yaml", "input: ./in\nsteps: [{name: shout, algorithm: ./shout.yaml}]\noutput: {location: ./out, layout: '${name}'}\n");
        var said = await bench.Yunpipe("run", "workflow.yaml", "--jobs", "1");
        said.Exit.ShouldBe(3, said.ToString());
        // Which of the two was first is nobody's promise.
        said.Error.ShouldMatch("no place: shout (deep/a.txt is done, but the results of “a.txt”|a.txt is done, but the results of “deep/a.txt”) stand where its own would; see output.layout.");
        said.Out.ShouldContain("1 item has no place among the results");
    }

    [Fact]
    public async Task A_step_that_can_never_fit_is_told_before_anything_runs()
    {
        using var bench = new CommandBench().WithTwoSteps();
        bench.Put("count.yaml", bench.Text("count.yaml") + "resources: {cpu: 64, memory: 4 GiB}\n");
        var said = await bench.Yunpipe("run", "workflow.yaml", "--cpu", "2", "--memory", "1GiB");
        said.Exit.ShouldBe(2);
        said.Error.ShouldContain("YP2001: Step “count” needs 64 processor cores; the run has 2.");
    }
}
