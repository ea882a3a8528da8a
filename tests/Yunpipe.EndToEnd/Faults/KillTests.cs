using System.Diagnostics;
using Yunpipe.Work;

namespace Yunpipe.EndToEnd.Faults;

/// <summary>The process may be killed at any instruction (design.md §3.1).</summary>
public sealed class KillTests
{
    private const int Items = 1000, Kills = 100;

    private static Workbench Make()
    {
        var bench = new Workbench();
        for (var i = 0; i < Items; i++) bench.Put($"P{i % 7}/{i:d4}.txt", $"image {i}");
        const string more = "inputs: [image]\nretry: {attempts: 20, backoff: 10 ms}\n";
        bench.Beside("copy.yaml", more + "name: copy\ncommand: [cp, '${image}', '${out}/${stem}.copy']\noutputs: {out: '${stem}.copy'}\n");
        bench.Beside("sum.yaml", more + "name: sum\ncommand: [dd, 'if=${image}', 'of=${out}/${stem}.sum', status=none]\noutputs: {out: '${stem}.sum', log: {path: '*.log', required: false}}\n");
        bench.Beside("workflow.yaml", "input: ./in\nsteps: [{name: copy, algorithm: ./copy.yaml}, {name: sum, algorithm: ./sum.yaml}]\n");
        return bench;
    }

    [Theory]
    [InlineData(1)]
    public async Task A_run_of_two_thousand_jobs_survives_a_hundred_kills_and_is_as_if_nothing_had_happened(int seed)
    {
        using var undisturbed = Make();
        var clock = Stopwatch.StartNew();
        (await undisturbed.Run()).Exit.ShouldBe(0);
        var whole = clock.ElapsedMilliseconds;
        (await undisturbed.Run()).Exit.ShouldBeOneOf(0, 4);
        var start = clock.ElapsedMilliseconds - whole;
        // So that all kills fall into the work, and most of it is done between them.
        var longest = (int)(start + 1.2 * whole / Kills);
        var expected = undisturbed.View();
        expected.Count.ShouldBe(2 * Items);

        using var bench = Make();
        var random = new Random(seed);
        int kills = 0, commands = 0, agents = 0, early = 0;
        while (kills < Kills)
        {
            using var run = bench.Start();
            while (!run.HasExited && kills < Kills)
            {
                // Where the work is ahead of the kills, however fast this machine has become meanwhile, they come before it gets anywhere.
                var ahead = Done(bench) * (Kills + 1) > 2 * Items * (kills + 1);
                await Task.Delay(random.Next(1, ahead ? (int)Math.Max(2, start / 2) : longest));
                if (run.HasExited) break;
                var victims = bench.Processes().Where(pid => Marked.Name(pid) == "yunpipe-agent").ToList();
                if (victims.Count == 0) early++;
                if (victims.Count > 0 && random.Next(5) < 2)
                {
                    Posix.Kill(victims[random.Next(victims.Count)], Posix.SigKill);
                    agents++;
                    kills++;
                    continue;
                }
                run.Kill();
                await run.WaitForExitAsync();
                commands++;
                kills++;
                // What it had started ends with it, without anybody's help.
                await Marked.Until(() => bench.Processes().Count == 0, "processes outlive the run that started them");
            }
            if (run.HasExited && run.ExitCode == 0) Assert.Fail($"All was done after {kills} kills: the kills come too seldom.");
        }
        var rest = await bench.Run();
        rest.Exit.ShouldBe(0, rest.Words);
        TestContext.Current.SendDiagnosticMessage($"killed {commands} commands and {agents} agents, {early} times before the first job; {rest.Output}");

        bench.View().ShouldBe(expected);
        var manifests = await bench.Manifests();
        manifests.Count.ShouldBe(2 * Items);
        manifests.Select(manifest => (manifest.Step, manifest.Key)).Distinct().Count().ShouldBe(2 * Items);
        (await bench.Failures()).ShouldBeEmpty();
        bench.Processes().ShouldBeEmpty();
        bench.Attempts().ShouldBeEmpty();
    }

    private static int Done(Workbench bench) =>
        Directory.Exists(bench.Layout.Jobs) ? Directory.EnumerateDirectories(bench.Layout.Jobs).Sum(step => Directory.EnumerateDirectories(step).Count()) : 0;
}
