using System.Globalization;
using Yunpipe.EndToEnd.Containers;
using Yunpipe.Local.Launchers;
using Yunpipe.Work;

namespace Yunpipe.EndToEnd.Faults;

public sealed class DockerKillTests() : ContainerKillTests("docker");

public sealed class PodmanKillTests() : ContainerKillTests("podman");

/// <summary>As <see cref="KillTests"/>, with containers: the command, the agent inside, or the whole container is killed.</summary>
public abstract class ContainerKillTests(string name)
{
    private const int Items = 2000, Kills = 100;

    /// <summary>Each job takes 10 ms, and waits as long as the test holds the work up, which it does where little would be left for the kills to come.</summary>
    private Workbench Make()
    {
        var bench = new Workbench();
        for (var i = 0; i < Items; i++) bench.Put($"{i:d4}.txt", $"image {i}");
        bench.Shell(name, "sleep 0.01; while [ -e ../hold ]; do sleep 0.01; done; cat -- \"$1\" > \"$2\"", more: "{\"retry\": {\"attempts\": 20, \"backoff\": \"10 ms\"}}");
        return bench;
    }

    [Fact]
    public async Task A_run_of_two_thousand_jobs_survives_a_hundred_kills_of_command_agent_and_container()
    {
        var engine = Engines.Find(name);
        using var undisturbed = Make();
        undisturbed.Jobs = 8;
        (await undisturbed.Run()).Exit.ShouldBe(0);
        var expected = undisturbed.View();
        expected.Count.ShouldBe(Items);

        using var bench = Make();
        var random = new Random(1);
        int commands = 0, agents = 0, containers = 0, kills = 0;
        using var over = new CancellationTokenSource();
        var holding = Task.Run(() => HoldUp(bench, () => kills, over.Token));
        while (kills < Kills)
        {
            using var run = bench.Start();
            while (kills < Kills)
            {
                var running = Containers(engine, bench);
                // Most kills come while there is work, some while the first container has yet to start.
                if (random.Next(4) > 0)
                    while (running.Length == 0 && !run.HasExited) running = Containers(engine, bench);
                var agent = running.Length > 0 && random.Next(3) == 0 ? AgentOf(engine, running[^1]) : 0;
                await Task.Delay(random.Next(400));
                if (run.HasExited) Assert.Fail($"The run ended with {run.ExitCode} after {kills} kills: {(await Workbench.End(run)).Words}");
                if (agent > 1)
                {
                    Posix.Kill(agent, Posix.SigKill);
                    agents++;
                }
                else if (running.Length > 0 && random.Next(2) == 0)
                {
                    engine.Ask(["kill", "--signal", "KILL", running[0]], TimeSpan.FromSeconds(30), CancellationToken.None);
                    containers++;
                }
                else
                {
                    run.Kill();
                    await run.WaitForExitAsync();
                    commands++;
                    await Marked.Until(() => bench.Processes().Count == 0, "processes outlive the run that started them");
                    await Marked.Until(() => Containers(engine, bench).Length == 0, "containers outlive the run that started them");
                }
                kills++;
                if (run.HasExited) break;
            }
            // The last kill may have left it something to go on with.
            if (kills == Kills && !run.HasExited) (await Workbench.End(run)).Exit.ShouldBe(0);
        }
        await over.CancelAsync();
        await holding;
        var before = Done(bench);
        var rest = await bench.Run();
        rest.Exit.ShouldBe(0, rest.Words);
        TestContext.Current.SendDiagnosticMessage($"killed {commands} commands, {agents} agents and {containers} containers, and done {before} of {Items} meanwhile");
        new[] { commands, agents, containers }.ShouldAllBe(each => each > Kills / 10);

        bench.View().ShouldBe(expected);
        (await bench.Manifests()).Select(manifest => manifest.Key).Distinct().Count().ShouldBe(Items);
        (await bench.Failures()).ShouldBeEmpty();
        Containers(engine, bench).ShouldBeEmpty();
        bench.Processes().ShouldBeEmpty();
        bench.Attempts().ShouldBeEmpty();
    }

    /// <summary>Keeps the share of work that is done at the share of kills that have come.</summary>
    private static async Task HoldUp(Workbench bench, Func<int> kills, CancellationToken over)
    {
        var hold = Path.Combine(Directory.CreateDirectory(bench.Layout.Attempts).FullName, "hold");
        while (!over.IsCancellationRequested)
        {
            if (Done(bench) > Items * (kills() + 1) / (Kills + 1)) await File.WriteAllTextAsync(hold, "", CancellationToken.None);
            else File.Delete(hold);
            await Task.Delay(5, CancellationToken.None);
        }
        File.Delete(hold);
    }

    private static int Done(Workbench bench) => Path.Combine(bench.Out, "work") is var view && Directory.Exists(view) ? Directory.EnumerateFiles(view).Count() : 0;

    private static string[] Containers(ContainerEngine engine, Workbench bench) =>
        Engines.Ask(engine, "ps", "--all", "--quiet", "--filter", $"label={ContainerArguments.RunLabel}={bench.Layout.Root}").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The first process of a container, as this machine numbers it; 0 where it has just ended.</summary>
    private static int AgentOf(ContainerEngine engine, string container) =>
        int.TryParse(engine.Ask(["inspect", "--format", "{{.State.Pid}}", container], TimeSpan.FromSeconds(30), CancellationToken.None).Output.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0;
}
