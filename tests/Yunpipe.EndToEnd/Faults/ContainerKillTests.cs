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
    private const int Items = 600, Kills = 15;

    private Workbench Make()
    {
        var bench = new Workbench();
        for (var i = 0; i < Items; i++) bench.Put($"{i:d4}.txt", $"image {i}");
        bench.Shell(name, "sleep 0.005; cat -- \"$1\" > \"$2\"", more: "{\"retry\": {\"attempts\": 20, \"backoff\": \"10 ms\"}}");
        return bench;
    }

    [Fact]
    public async Task Kills_of_command_agent_and_container_leave_every_job_done_and_no_container()
    {
        var engine = Engines.Find(name);
        using var bench = Make();
        var random = new Random(name.Length);
        int commands = 0, agents = 0, containers = 0;
        while (commands + agents + containers < Kills)
        {
            using var run = bench.Start();
            while (!run.HasExited && commands + agents + containers < Kills)
            {
                await Task.Delay(random.Next(100, 500));
                if (run.HasExited) break;
                var running = Containers(engine, bench);
                // The first two are sure to be one of each kind, also where all is done soon after.
                var choice = running.Length == 0 || commands == 0 ? 0 : containers == 0 ? 2 : random.Next(3);
                if (choice == 1 && AgentOf(engine, running[0]) is > 1 and var pid)
                {
                    Posix.Kill(pid, Posix.SigKill);
                    agents++;
                }
                else if (choice == 2)
                {
                    engine.Ask(["kill", "--signal", "KILL", running[0]], TimeSpan.FromSeconds(30), CancellationToken.None);
                    containers++;
                }
                else
                {
                    run.Kill();
                    await run.WaitForExitAsync();
                    commands++;
                    await Marked.Until(() => bench.Processes().Count == 0, "processes outlive the run that started them", 60);
                    await Marked.Until(() => Containers(engine, bench).Length == 0, "containers outlive the run that started them", 60);
                }
            }
            if (run.HasExited && run.ExitCode == 0) break;
        }
        var rest = await bench.Run();
        rest.Exit.ShouldBe(0, rest.Words);
        TestContext.Current.SendDiagnosticMessage($"killed {commands} commands, {agents} agents and {containers} containers; {rest.Output}");
        commands.ShouldBeGreaterThan(0);
        (agents + containers).ShouldBeGreaterThan(0);

        (await bench.Manifests()).Count.ShouldBe(Items);
        (await bench.Failures()).ShouldBeEmpty();
        bench.View().Count.ShouldBe(Items);
        for (var i = 0; i < Items; i++) bench.Viewed($"work/{i:d4}.out").ShouldBe($"image {i}");
        Containers(engine, bench).ShouldBeEmpty();
        bench.Processes().ShouldBeEmpty();
        bench.Attempts().ShouldBeEmpty();
    }

    private static string[] Containers(ContainerEngine engine, Workbench bench) =>
        Engines.Ask(engine, "ps", "--all", "--quiet", "--filter", $"label={ContainerArguments.RunLabel}={bench.Layout.Root}").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The first process of a container, as this machine numbers it; 0 where it has just ended.</summary>
    private static int AgentOf(ContainerEngine engine, string container) =>
        int.TryParse(engine.Ask(["inspect", "--format", "{{.State.Pid}}", container], TimeSpan.FromSeconds(30), CancellationToken.None).Output.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0;
}
