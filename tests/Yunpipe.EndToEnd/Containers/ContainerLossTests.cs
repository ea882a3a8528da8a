using System.Diagnostics;
using Yunpipe.Local.Launchers;
using Yunpipe.Work;

namespace Yunpipe.EndToEnd.Containers;

public sealed class DockerLossTests() : ContainerLossTests("docker");

public sealed class PodmanLossTests() : ContainerLossTests("podman");

/// <summary>Something is killed at the worst moment; nothing stays behind, and the next job runs.</summary>
public abstract class ContainerLossTests(string engine)
{
    [Fact]
    public async Task A_killed_agent_is_a_lost_job_and_a_new_container()
    {
        await using var run = new ContainerRun(engine);
        var program = await run.Program();
        run.Run(program, "/app/silent.sh").Exit.ShouldBe(0);
        var pid = run.AgentPid();
        var job = Task.Run(() => run.Run(program, "/app/slow.sh", "1000"));
        await Task.Delay(200);
        Posix.Kill(pid, Posix.SigKill);
        (await job).Cause.ShouldBe(EndCause.Lost);
        run.Run(program, "/app/silent.sh").Exit.ShouldBe(0);
        run.Launcher.Started.ShouldBe(2);
    }

    [Fact]
    public async Task A_removed_container_is_a_lost_job_and_a_new_container()
    {
        await using var run = new ContainerRun(engine);
        var program = await run.Program();
        run.Run(program, "/app/silent.sh").Exit.ShouldBe(0);
        var job = Task.Run(() => run.Run(program, "/app/slow.sh", "1000"));
        await Task.Delay(200);
        Engines.Ask(run.Engine, "rm", "--force", run.Containers().ShouldHaveSingleItem());
        // The engine kills both in no order: the agent may have breath left to tell how its process died.
        var done = await job;
        if (done.Cause != EndCause.Lost) (done.Cause, done.Exit).ShouldBe((EndCause.Signalled, Posix.SigKill));
        run.Run(program, "/app/silent.sh").Exit.ShouldBe(0);
        run.Launcher.Started.ShouldBe(2);
    }

    [Fact]
    public async Task A_killed_client_of_the_engine_is_a_lost_job_and_leaves_no_container()
    {
        await using var run = new ContainerRun(engine);
        var program = await run.Program();
        run.Run(program, "/app/silent.sh").Exit.ShouldBe(0);
        var job = Task.Run(() => run.Run(program, "/app/slow.sh", "1000"));
        await Task.Delay(200);
        Posix.Kill(Client(run), Posix.SigKill);
        (await job).Cause.ShouldBe(EndCause.Lost);
        run.ShouldEndAll();
        run.Run(program, "/app/silent.sh").Exit.ShouldBe(0);
    }

    [Fact]
    public async Task A_container_that_ended_while_it_was_idle_costs_no_job()
    {
        await using var run = new ContainerRun(engine);
        var program = await run.Program();
        run.Run(program, "/app/silent.sh").Exit.ShouldBe(0);
        Posix.Kill(run.AgentPid(), Posix.SigKill);
        run.ShouldEndAll();
        run.Run(program, "/app/silent.sh").Exit.ShouldBe(0);
    }

    [Fact]
    public async Task The_containers_of_a_killed_process_end()
    {
        await using var run = new ContainerRun(engine);
        await run.Program();
        // A shell stands for the command line: it holds the other end of the client's stdin, and is killed without warning.
        var words = ContainerArguments.Of(run.Engine, run.Settings, new ContainerPlaces(run.Settings.Agent, run.Attempts, run.Input, null, []),
            ContainerKind.Of("yunpipe-test", false, ContainerRun.Usual), $"{run.Id}-killed");
        var pipe = Path.Combine(run.Attempts, "pipe");
        using var holder = Process.Start(new ProcessStartInfo("/bin/bash",
            ["-c", "mkfifo \"$0\"; \"$@\" <\"$0\" >/dev/null 2>&1 & exec 3>\"$0\"; echo up; read -r _", pipe, .. words]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        holder.StandardOutput.ReadLine().ShouldBe("up");
        SpinWait.SpinUntil(() => run.Containers().Length == 1, TimeSpan.FromSeconds(30)).ShouldBeTrue();
        holder.Kill();
        run.ShouldEndAll();
    }

    [Fact]
    public async Task Containers_that_an_earlier_run_left_are_removed_first()
    {
        await using var run = new ContainerRun(engine);
        Engines.Ask(run.Engine, "run", "--detach", "--network", "none", "--label", $"yunpipe.run={run.Id}", "yunpipe-test", "/bin/sleep", "1000");
        run.Containers().Length.ShouldBe(1);
        await run.Program();
        run.Containers().ShouldBeEmpty();
    }

    [Fact]
    public async Task Slots_side_by_side_finish_whatever_is_killed_under_them()
    {
        await using var run = new ContainerRun(engine);
        var program = await run.Program();
        // Where a container takes long to start, kills come less often: otherwise none would live to do a job.
        var clock = Stopwatch.StartNew();
        run.Run(program, "/app/slow.sh", "0").Exit.ShouldBe(0);
        var longest = (int)Math.Max(400, clock.ElapsedMilliseconds);
        using var over = new CancellationTokenSource();
        var killer = Task.Run(async () =>
        {
            var random = new Random(1);
            var killed = 0;
            while (!over.IsCancellationRequested)
            {
                await Task.Delay(random.Next(longest / 4, longest));
                if (run.Containers() is not { Length: > 0 } containers) continue;
                // It may have gone by itself since: then nobody is killed this time.
                if (run.Engine.Ask(["kill", containers[random.Next(containers.Length)]], TimeSpan.FromSeconds(20), CancellationToken.None).Ok) killed++;
            }
            return killed;
        });
        var lost = 0;
        var slots = Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(() =>
        {
            for (var finished = 0; finished < 25;)
            {
                var done = run.Run(program, "/app/slow.sh", "0.05");
                if (done is { Cause: EndCause.Exited, Exit: 0 }) finished++;
                else Interlocked.Increment(ref lost);
            }
        }, TaskCreationOptions.LongRunning)).ToArray();
        await Task.WhenAll(slots).WaitAsync(TimeSpan.FromMinutes(3));
        await over.CancelAsync();
        (await killer).ShouldBeGreaterThan(0);
        lost.ShouldBeGreaterThan(0);
    }

    /// <summary>The client is our own child, and the only one that names the run.</summary>
    private static int Client(ContainerRun run)
    {
        using var pgrep = Process.Start(new ProcessStartInfo("pgrep", ["-P", $"{Environment.ProcessId}", "-f", $"yunpipe.run={run.Id}"]) { RedirectStandardOutput = true })!;
        return int.Parse(pgrep.StandardOutput.ReadToEnd());
    }
}
