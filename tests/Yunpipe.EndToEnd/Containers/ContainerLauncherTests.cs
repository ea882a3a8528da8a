using System.Globalization;
using Yunpipe.Algorithms;
using Yunpipe.Work;

namespace Yunpipe.EndToEnd.Containers;

public sealed class DockerLauncherTests() : ContainerLauncherTests("docker");

public sealed class PodmanLauncherTests() : ContainerLauncherTests("podman");

/// <summary>Jobs in warm containers, on each engine.</summary>
public abstract class ContainerLauncherTests(string engine)
{
    [Fact]
    public async Task A_job_reads_its_input_and_leaves_its_output()
    {
        await using var run = new ContainerRun(engine);
        var input = Path.Combine(run.Input, "cells.tif");
        File.WriteAllText(input, "pixels");
        var program = await run.Program();
        var (job, folder) = run.Prepare("/app/copy.sh", run.Launcher.Seen(input), "out.tif");
        var done = run.Launcher.Run(program, ContainerRun.Usual, job, CancellationToken.None);
        (done.Cause, done.Exit, done.Message).ShouldBe((EndCause.Exited, 0, null));
        File.ReadAllText(Path.Combine(folder, "out.tif")).ShouldBe("pixels");
    }

    [Fact]
    public async Task Three_hundred_jobs_go_through_one_warm_container()
    {
        await using var run = new ContainerRun(engine);
        var program = await run.Program();
        var hosts = new HashSet<string>();
        for (var i = 0; i < 300; i++) hosts.Add(run.Run(program, "/bin/hostname").Tail);
        hosts.ShouldHaveSingleItem().ShouldNotBeEmpty();
        run.Launcher.Started.ShouldBe(1);
    }

    [Fact]
    public async Task Four_slots_hold_four_containers()
    {
        await using var run = new ContainerRun(engine);
        var program = await run.Program();
        var slots = Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(() =>
        {
            for (var i = 0; i < 50; i++) run.Run(program, "/bin/true").Exit.ShouldBe(0);
        }, TaskCreationOptions.LongRunning));
        await Task.WhenAll(slots);
        run.Launcher.Started.ShouldBeInRange(1, 4);
    }

    [Fact]
    public async Task A_failing_job_keeps_its_container_and_its_own_code()
    {
        await using var run = new ContainerRun(engine);
        var program = await run.Program();
        var done = run.Run(program, "/app/fail.sh", "3");
        (done.Cause, done.Exit, done.Tail).ShouldBe((EndCause.Exited, 3, "the image holds nothing to see\n"));
        run.Run(program, "/app/silent.sh").Exit.ShouldBe(0);
        run.Launcher.Started.ShouldBe(1);
    }

    [Fact]
    public async Task Isolation_of_jobs_gives_each_a_container_of_its_own()
    {
        await using var run = new ContainerRun(engine);
        var program = await run.Program(isolation: Isolation.Job);
        run.Shell(program, "touch /tmp/left").Exit.ShouldBe(0);
        run.Shell(program, "test ! -e /tmp/left").Exit.ShouldBe(0);
        run.Launcher.Started.ShouldBe(2);
    }

    [Fact]
    public async Task Memory_that_is_used_up_is_told_and_the_container_replaced()
    {
        await using var run = new ContainerRun(engine);
        Assert.SkipUnless(run.Engine.LimitsMemory, "This engine cannot limit memory on this machine.");
        var program = await run.Program();
        run.Run(program, "/app/greedy.sh").Cause.ShouldBe(EndCause.OutOfMemory);
        run.Run(program, "/app/silent.sh").Cause.ShouldBe(EndCause.Exited);
        run.Launcher.Started.ShouldBe(2);
    }

    [Fact]
    public async Task Shared_memory_that_fills_the_container_is_told_as_memory()
    {
        await using var run = new ContainerRun(engine);
        Assert.SkipUnless(run.Engine.LimitsMemory, "This engine cannot limit memory on this machine.");
        var limits = ContainerRun.Usual with { Memory = 64L << 20, SharedMemory = 512L << 20 };
        var program = await run.Program();
        var done = run.Launcher.Run(program, limits, run.Prepare("/bin/dd", "if=/dev/zero", "of=/dev/shm/big", "bs=1048576", "count=300").Run, CancellationToken.None);
        done.Cause.ShouldBe(EndCause.OutOfMemory, done.Message);
    }

    [Fact]
    public async Task Shared_memory_is_clean_for_each_job()
    {
        await using var run = new ContainerRun(engine);
        var program = await run.Program();
        run.Shell(program, "mkdir /dev/shm/a; touch /dev/shm/a/b /dev/shm/c; ln -s / /dev/shm/d").Exit.ShouldBe(0);
        run.Run(program, "/bin/ls", "-A", "/dev/shm").Tail.ShouldBe("");
        run.Launcher.Started.ShouldBe(1);
    }

    [Fact]
    public async Task More_memory_is_another_container()
    {
        await using var run = new ContainerRun(engine);
        Assert.SkipUnless(run.Engine.LimitsMemory, "This engine cannot limit memory on this machine.");
        var program = await run.Program();
        foreach (var memory in (long[])[128L << 20, 192L << 20])
        {
            var done = run.Launcher.Run(program, ContainerRun.Usual with { Memory = memory },
                run.Prepare("/bin/sh", "-c", "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null").Run, CancellationToken.None);
            done.Tail.Trim().ShouldBe(memory.ToString(CultureInfo.InvariantCulture));
        }
        run.Launcher.Started.ShouldBe(2);
    }

    [Fact]
    public async Task Processes_and_shared_memory_are_limited()
    {
        await using var run = new ContainerRun(engine);
        Assert.SkipUnless(run.Engine.LimitsPids, "This engine cannot limit processes on this machine.");
        var program = await run.Program();
        var limits = ContainerRun.Usual with { Pids = 20, SharedMemory = 8L << 20 };
        var done = run.Launcher.Run(program, limits, run.Prepare("/bin/sh", "-c", "for i in $(seq 100); do sleep 5 & done").Run, CancellationToken.None);
        done.Exit.ShouldNotBe(0);
        done = run.Launcher.Run(program, limits, run.Prepare("/bin/df", "-m", "/dev/shm").Run, CancellationToken.None);
        done.Tail.ShouldMatch(@"shm\s+8\s");
    }

    [Fact]
    public async Task A_job_that_ignores_TERM_is_killed_at_its_timeout_and_the_container_replaced()
    {
        await using var run = new ContainerRun(engine);
        var program = await run.Program();
        var done = run.Launcher.Run(program, ContainerRun.Usual, run.Prepare("/app/deaf.sh").Run with { Timeout = 300 }, CancellationToken.None);
        done.Cause.ShouldBe(EndCause.TimedOut);
        run.Run(program, "/app/silent.sh").Exit.ShouldBe(0);
        run.Launcher.Started.ShouldBe(2);
    }

    [Fact]
    public async Task A_stop_ends_the_job()
    {
        await using var run = new ContainerRun(engine);
        var program = await run.Program();
        run.Run(program, "/app/silent.sh");
        using var stop = new CancellationTokenSource(300);
        run.Launcher.Run(program, ContainerRun.Usual, run.Prepare("/app/slow.sh", "1000").Run, stop.Token).Cause.ShouldBe(EndCause.Stopped);
    }

    [Fact]
    public async Task What_a_job_leaves_running_is_ended_with_it()
    {
        await using var run = new ContainerRun(engine);
        var program = await run.Program();
        run.Run(program, "/app/forks.sh").Exit.ShouldBe(0);
        run.Shell(program, "ps | grep -c '[s]leep 1000'").Tail.ShouldBe("0\n");
        run.Launcher.Started.ShouldBe(1);
    }

    [Fact]
    public async Task A_gibibyte_of_output_is_kept_bounded()
    {
        await using var run = new ContainerRun(engine);
        var (job, folder) = run.Prepare("/app/noisy.sh", "1024");
        var done = run.Launcher.Run(await run.Program(), ContainerRun.Usual, job, CancellationToken.None);
        done.LogBytes.ShouldBeGreaterThan(1L << 30);
        done.Tail.ShouldEndWith("the last line\n");
        new FileInfo(Path.Combine(folder, "log")).Length.ShouldBeLessThan(9 << 20);
    }

    [Fact]
    public async Task Inputs_and_kept_outputs_cannot_be_written_through()
    {
        await using var run = new ContainerRun(engine);
        var program = await run.Program();
        foreach (var place in (string[])[run.Input, run.Settings.Jobs!])
        {
            var input = Path.Combine(place, "cells.tif");
            File.WriteAllText(input, "pixels");
            var (job, folder) = run.Prepare("/app/vandal.sh", "cells.tif");
            File.CreateSymbolicLink(Path.Combine(folder, "cells.tif"), run.Launcher.Seen(input));
            run.Launcher.Run(program, ContainerRun.Usual, job, CancellationToken.None).Exit.ShouldBe(0);
            File.ReadAllText(input).ShouldBe("pixels");
            Directory.GetFileSystemEntries(place).ShouldBe([input]);
        }
    }

    [Fact]
    public async Task Outputs_belong_to_the_caller()
    {
        await using var run = new ContainerRun(engine);
        var (job, folder) = run.Prepare("/bin/sh", "-c", "touch file; mkdir folder; touch folder/inner");
        run.Launcher.Run(await run.Program(), ContainerRun.Usual, job, CancellationToken.None).Exit.ShouldBe(0);
        Owners(folder).Distinct().ShouldBe([string.Join(':', Posix.Owner().User, Posix.Owner().Group)]);
    }

    [Fact]
    public async Task An_owner_without_rights_and_unknown_to_the_image_works_too()
    {
        Assert.SkipUnless(Posix.Owner().User == 0, "Only root can be somebody else.");
        await using var run = new ContainerRun(engine, settings => settings with { Owner = (4321, 8765) });
        var (job, folder) = run.Prepare("/bin/sh", "-c", "touch file; id -u; ! touch /bin/mine 2>/dev/null");
        var done = run.Launcher.Run(await run.Program(), ContainerRun.Usual, job, CancellationToken.None);
        (done.Exit, done.Tail).ShouldBe((0, "4321\n"));
        Owners(folder).Distinct().ShouldBe(["4321:8765"]);
    }

    [Theory]
    [InlineData("with spaces")]
    [InlineData("comma, colon: and =")]
    [InlineData("\"double\" and 'single'")]
    [InlineData("$(touch x); `y` # %2F + \\")]
    [InlineData("-leading")]
    [InlineData("\u00e9 and e\u0301")]
    [InlineData("new\nline and\ttab")]
    public async Task A_folder_of_any_name_can_be_the_input(string name)
    {
        await using var run = new ContainerRun(engine, inputName: name);
        var input = Path.Combine(run.Input, name);
        File.WriteAllText(input, "pixels");
        var done = run.Run(await run.Program(), "/bin/cat", run.Launcher.Seen(input));
        (done.Tail, done.Message).ShouldBe(("pixels", null));
    }

    [Fact]
    public async Task The_network_is_off_unless_the_algorithm_asks()
    {
        await using var run = new ContainerRun(engine);
        run.Shell(await run.Program(), "ls /sys/class/net | grep -v lo | wc -l").Tail.ShouldBe("0\n");
        if (engine == "docker") run.Shell(await run.Program(network: true), "ls /sys/class/net | grep -v lo | wc -l").Tail.ShouldNotBe("0\n");
    }

    [Fact]
    public async Task Rights_are_dropped_and_cannot_be_gained()
    {
        await using var run = new ContainerRun(engine);
        var status = run.Run(await run.Program(), "/bin/grep", "-E", "NoNewPrivs|CapBnd", "/proc/self/status").Tail;
        status.ShouldMatch(@"NoNewPrivs:\s+1");
        // CHOWN, DAC_OVERRIDE and FOWNER for root, nothing for others.
        status.ShouldMatch(Posix.Owner().User == 0 ? @"CapBnd:\s+000000000000000b" : @"CapBnd:\s+0000000000000000");
    }

    private static string[] Owners(string folder)
    {
        using var find = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("find", [folder, "-printf", "%U:%G\n"]) { RedirectStandardOutput = true })!;
        return find.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
