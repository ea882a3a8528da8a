using Yunpipe.Work;

namespace Yunpipe.EndToEnd.Agent;

/// <summary>docs/spec/agent-protocol.md, "A run", where the agent is a container's first process.</summary>
public sealed class AgentContainerTests
{
    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public void A_timeout_asks_everything_that_was_started_and_kills_what_does_not_listen(string engine)
    {
        using var container = new ContainerTalk(engine, "yunpipe-test");
        var agent = container.Agent;
        // One in the group, one behind setsid and a double fork; both say that they were asked. A third does not listen.
        var done = agent.Run(agent.Shell("""
            trap 'echo group asked; exit 4' TERM
            (setsid sh -c 'trap "echo far asked; exit 0" TERM; while :; do sleep 0.05; done' &)
            (setsid sh -c 'trap "" TERM; while :; do sleep 1; done' &)
            while :; do sleep 0.05; done
            """) with { Timeout = 700, Grace = 20_000 });
        (done.Cause, done.Exit).ShouldBe((EndCause.TimedOut, 4), done.Tail);
        done.Tail.ShouldContain("group asked");
        Left(agent).ShouldBe("1");

        var deaf = agent.Run(agent.Shell("trap '' TERM; (setsid sh -c 'trap \"\" TERM; while :; do sleep 1; done' &) ; while :; do sleep 1; done") with { Timeout = 300, Grace = 300 });
        (deaf.Cause, deaf.Exit).ShouldBe((EndCause.TimedOut, 9));
        Left(agent).ShouldBe("1");
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public void A_stop_reaches_a_process_in_a_session_of_its_own(string engine)
    {
        using var container = new ContainerTalk(engine, "yunpipe-test");
        var agent = container.Agent;
        agent.Send(agent.Shell("(setsid sh -c 'trap \"echo far asked > far; exit 0\" TERM; echo > ready; while :; do sleep 0.05; done' &) ; trap '' TERM; while [ ! -e far ]; do sleep 0.05; done"));
        Processes.Until(() => File.Exists(Path.Combine(container.Folder, "ready")));
        agent.Stop();
        var done = agent.Answer();
        (done.Cause, done.Exit).ShouldBe((EndCause.Stopped, 0), done.Tail);
        File.ReadAllText(Path.Combine(container.Folder, "far")).ShouldBe("far asked\n");
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public void Orphans_that_end_are_reaped_while_the_job_runs(string engine)
    {
        using var container = new ContainerTalk(engine, "yunpipe-test", ContainerTalk.Memory, "--pids-limit", "40");
        var agent = container.Agent;
        // Ten times twelve orphans: unreaped, the fourth round finds no process left.
        var done = agent.Run(agent.Shell("for r in 1 2 3 4 5 6 7 8 9 10; do for i in 1 2 3 4 5 6 7 8 9 10 11 12; do (true &) || exit 9; done; sleep 0.6; done; ps | grep -c true"));
        done.Exit.ShouldBe(0, done.Tail);
        done.Tail.ShouldNotContain("can't fork");
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public void Processes_side_by_side_are_measured_together(string engine)
    {
        using var container = new ContainerTalk(engine, "yunpipe-test", 256L << 20);
        var agent = container.Agent;
        // Each holds 40 MB until its reader wakes.
        var done = agent.Run(agent.Shell("for i in 1 2; do (head -c 40000000 /dev/zero | tail -c 40000000 | (sleep 2; cat > /dev/null)) & done; wait"));
        done.Exit.ShouldBe(0, done.Tail);
        done.Use.PeakMemory.ShouldBeInRange(75_000_000, 200_000_000);

        var alone = agent.Run(agent.Shell("head -c 20000000 /dev/zero | tail -c 20000000 > /dev/null"));
        alone.Use.PeakMemory.ShouldBeInRange(20_000_000, 60_000_000);
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public void The_processor_time_of_an_orphan_counts(string engine)
    {
        using var container = new ContainerTalk(engine, "yunpipe-test");
        var agent = container.Agent;
        var done = agent.Run(agent.Shell("(setsid sh -c 'i=0; while [ $i -lt 150000 ]; do i=$((i+1)); done; echo > spent' &); while [ ! -e spent ]; do sleep 0.1; done"));
        done.Exit.ShouldBe(0, done.Tail);
        done.Use.Cpu.ShouldBeInRange(30, done.Use.Wall * 2 + 50);
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public void Much_output_fits_into_little_memory(string engine)
    {
        using var container = new ContainerTalk(engine, "yunpipe-test");
        var agent = container.Agent;
        var done = agent.Run(agent.Shell("head -c 200000000 /dev/zero | tr '\\0' x; echo; echo the last line") with { LogLimit = 1 << 20 });
        (done.Cause, done.Exit).ShouldBe((EndCause.Exited, 0));
        done.LogBytes.ShouldBe(200_000_015);
        done.Tail.ShouldEndWith("the last line\n");
        new FileInfo(Path.Combine(container.Folder, "log")).Length.ShouldBeLessThan(1_200_000);
    }

    [Theory]
    [InlineData("docker")]
    [InlineData("podman")]
    public void Memory_that_runs_out_is_told_as_such_and_the_agent_lives_on(string engine)
    {
        using var container = new ContainerTalk(engine, "yunpipe-test", 64L << 20);
        var agent = container.Agent;
        var done = agent.Run(agent.Shell("head -c 200000000 /dev/zero | tail -c 200000000 > /dev/null; exit $?"));
        done.Cause.ShouldBe(EndCause.OutOfMemory, $"{done.Exit} {done.Tail}");
        agent.Run(agent.Shell("exit 5")).Exit.ShouldBe(5);
    }

    /// <summary>How many processes there are beside the one that counts: the agent.</summary>
    private static string Left(AgentTalk agent) => agent.Run(agent.Shell("n=0; for p in /proc/[0-9]*; do [ $p = /proc/$$ ] || n=$((n+1)); done; echo $n")).Tail.Trim();
}
