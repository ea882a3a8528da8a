using System.Diagnostics;
using Yunpipe.Work;

namespace Yunpipe.EndToEnd.Cli;

/// <summary>Ctrl-C once lets what runs come to its end, twice stops it; both can be gone on from.</summary>
public sealed class InterruptTests
{
    private const int SigInt = 2;

    /// <summary>Each job says that it has started, and waits for the word.</summary>
    private static CommandBench Waiting()
    {
        var bench = new CommandBench().WithScript("own=${2%/out/*}; out=${own%/_yunpipe/*}; mkdir -p \"$out/../began\"; touch \"$out/../began/${own##*/}\"; while ! test -e \"$out/../go\"; do sleep 0.02; done; cp \"$1\" \"$2\"");
        for (var i = 0; i < 8; i++) bench.Put($"in/{i}.txt", $"{i}");
        return bench;
    }

    private static Task Began(CommandBench bench) =>
        CommandBench.Until(() => Directory.Exists(bench.At("began")) && Directory.EnumerateFiles(bench.At("began")).Count() == 2, "Two jobs do not start.");

    [Fact]
    public async Task Once_finishes_what_runs_and_starts_nothing_more()
    {
        using var bench = Waiting();
        using var run = bench.Start("run", "workflow.yaml", "--jobs", "2");
        await Began(bench);
        Posix.Kill(run.Id, SigInt);
        await Task.Delay(300);
        run.HasExited.ShouldBeFalse();
        bench.Put("go", "");
        var said = await CommandBench.End(run);
        said.Exit.ShouldBe(130, said.ToString());
        said.Error.ShouldContain("Interrupted: waiting for 2 running jobs to end; Ctrl-C again stops now.");
        said.Out.ShouldContain("Interrupted: what is done is kept, and the same command goes on from here.");
        bench.View().Count.ShouldBe(2);

        var rest = await bench.Yunpipe("run", "workflow.yaml", "--jobs", "2");
        rest.Exit.ShouldBe(0, rest.ToString());
        rest.Out.ShouldContain("8 done (2 before)");
    }

    [Fact]
    public async Task Twice_stops_at_once_and_leaves_nothing_running()
    {
        using var bench = Waiting();
        using var run = bench.Start("run", "workflow.yaml", "--jobs", "2");
        await Began(bench);
        var clock = Stopwatch.StartNew();
        Posix.Kill(run.Id, SigInt);
        await Task.Delay(200);
        Posix.Kill(run.Id, SigInt);
        var said = await CommandBench.End(run);
        said.Exit.ShouldBe(130, said.ToString());
        said.Error.ShouldContain("Stopping now.");
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20));
        bench.View().ShouldBeEmpty();
        await CommandBench.Until(() => !Directory.EnumerateDirectories("/proc").Any(process => Runs(process, bench.At("work.sh"))), "A job outlives the run.");

        bench.Put("go", "");
        var rest = await bench.Yunpipe("run", "workflow.yaml", "--jobs", "2");
        rest.Exit.ShouldBe(0, rest.ToString());
        bench.View().Count.ShouldBe(8);
    }

    [Fact]
    public async Task A_terminated_run_stops_at_once_and_can_be_gone_on_from()
    {
        using var bench = Waiting();
        using var run = bench.Start("run", "workflow.yaml", "--jobs", "2", "--json");
        await Began(bench);
        Posix.Kill(run.Id, Posix.SigTerm);
        var said = await CommandBench.End(run);
        said.Exit.ShouldBe(130, said.ToString());
        said.Out.ShouldContain("\"outcome\":\"interrupted\"");
        bench.Put("go", "");
        (await bench.Yunpipe("run", "workflow.yaml")).Exit.ShouldBe(0);
    }

    private static bool Runs(string process, string script)
    {
        try
        {
            return File.ReadAllText(process + "/cmdline").Contains(script, StringComparison.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false; // Not a process, or one that has just gone.
        }
    }
}
