using System.Text.Json;

namespace Yunpipe.EndToEnd.Cli;

/// <summary>Another terminal asks how far a run is.</summary>
public sealed class StatusTests
{
    [Fact]
    public async Task While_a_run_goes_on_status_tells_what_waits_and_runs_and_afterwards_only_what_is_there()
    {
        using var bench = new CommandBench().WithScript("while ! test -e \"${2%/_yunpipe/*}/../go\"; do sleep 0.02; done; cp \"$1\" \"$2\"");
        for (var i = 0; i < 8; i++) bench.Put($"in/{i}.txt", $"{i}");
        using var run = bench.Start("run", "workflow.yaml", "--jobs", "2");
        Said said = null!;
        await CommandBench.Until(() => bench.Yunpipe("status", "out", "--json").GetAwaiter().GetResult() is { Exit: 0 } told && (said = told).Out.Contains("\"running\":2", StringComparison.Ordinal), "Status does not tell of two jobs that run.");
        var step = JsonDocument.Parse(said.Out).RootElement.GetProperty("steps")[0];
        (step.GetProperty("step").GetString(), step.GetProperty("done").GetInt64()).ShouldBe(("work", 0));
        step.GetProperty("waiting").GetInt64().ShouldBeGreaterThan(0);
        var shown = (await bench.Yunpipe("status", "out")).Out.Split('\n');
        shown[1].ShouldStartWith("STEP  WAITING  RUNNING  DONE  SET ASIDE  IMAGES/MIN  TIME LEFT");
        bench.Put("go", "");
        (await CommandBench.End(run)).Exit.ShouldBe(0);
        File.Exists(bench.At("out/_yunpipe/progress.json")).ShouldBeFalse();
        (await bench.Yunpipe("status", "out")).Out.Split('\n')[1].ShouldStartWith("STEP  DONE  SET ASIDE");
    }

    [Fact]
    public async Task While_a_job_runs_logs_prints_what_it_has_written_so_far()
    {
        using var bench = new CommandBench().WithScript("echo reads $(basename \"$1\"); while ! test -e \"${2%/_yunpipe/*}/../go\"; do sleep 0.02; done; echo copies; cp \"$1\" \"$2\"");
        bench.Put("in/a b.txt", "a");
        bench.Put("in/c.txt", "c");
        using var run = bench.Start("run", "workflow.yaml", "--jobs", "1");
        Said said = null!;
        await CommandBench.Until(() => bench.Yunpipe("logs", "work/a b.txt", "-o", "out").GetAwaiter().GetResult() is { Exit: 0 } told && (said = told).Out.Length > 0, "The log of a job that runs is not found.");
        (said.Out, said.Error).ShouldBe(("reads a b.txt\n", "work/a b.txt still runs. What it has written so far:\n"));
        var json = JsonDocument.Parse((await bench.Yunpipe("logs", "a b.txt", "-o", "out", "--json")).Out).RootElement;
        (json.GetProperty("state").GetString(), json.GetProperty("text").GetString()).ShouldBe(("running", "reads a b.txt\n"));
        (await bench.Yunpipe("logs", json.GetProperty("job").GetString()![..8], "-o", "out")).Out.ShouldBe("reads a b.txt\n");
        (await bench.Yunpipe("logs", "work/c.txt", "-o", "out")).Error.ShouldStartWith("YP5011");
        bench.Put("go", "");
        (await CommandBench.End(run)).Exit.ShouldBe(0);
        (await bench.Yunpipe("logs", "work/a b.txt", "-o", "out")).ShouldBe(new Said(0, "reads a b.txt\ncopies\n", ""));
    }
}
