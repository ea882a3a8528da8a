using Yunpipe.Work;

namespace Yunpipe.EndToEnd.Agent;

/// <summary>docs/spec/agent-protocol.md, "A run", against the published agent.</summary>
public sealed class AgentRunTests : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(120)]
    [InlineData(121)]
    [InlineData(137)]
    [InlineData(255)]
    public void An_exit_code_of_the_algorithm_passes_through_untouched(int code)
    {
        using var agent = new AgentTalk(_scratch).Greet();
        var done = agent.Run(agent.Shell($"exit {code}"));
        done.Cause.ShouldBe(EndCause.Exited);
        done.Exit.ShouldBe(code);
    }

    [Fact]
    public void A_signal_is_told_by_its_number()
    {
        using var agent = new AgentTalk(_scratch).Greet();
        var done = agent.Run(agent.Shell("kill -SEGV $$"));
        done.Cause.ShouldBe(EndCause.Signalled);
        done.Exit.ShouldBe(11);
    }

    [Fact]
    public void Standard_streams_can_be_files_and_then_the_log_has_none_of_it()
    {
        using var agent = new AgentTalk(_scratch).Greet();
        string At(string name) => Path.Combine(agent.Attempt, name);
        File.WriteAllText(At("in.txt"), "b\na\n");
        agent.Run(agent.Shell("sort; echo oops >&2") with { Stdin = At("in.txt"), Stdout = At("out.txt") }).Tail.ShouldBe("oops\n");
        File.ReadAllText(At("out.txt")).ShouldBe("a\nb\n");
        agent.Run(agent.Shell("echo one; echo two >&2") with { Stdout = At("out.txt"), Stderr = At("out.txt") }).LogBytes.ShouldBe(0);
        File.ReadAllText(At("out.txt")).ShouldBe("one\ntwo\n");
        var done = agent.Run(agent.Shell("cat") with { Stdin = At("absent") });
        done.Cause.ShouldBe(EndCause.NotStarted);
        done.Message.ShouldNotBeNull().ShouldContain("absent");
    }

    [Fact]
    public void An_argument_reaches_the_program_as_it_is()
    {
        using var agent = new AgentTalk(_scratch).Greet();
        string[] odd = ["a b", "$(touch spoiled)", "'\";#%2F+", "-n", "é", "e\u0301", "new\nline", "tab\t", "", "..", "*"];
        var done = agent.Run(agent.Command(["/usr/bin/printf", "<%s>", .. odd]));
        done.Tail.ShouldBe(string.Concat(odd.Select(word => $"<{word}>")));
        Directory.EnumerateFileSystemEntries(agent.Attempt).ShouldBe([agent.Log]);
    }

    [Fact]
    public void The_environment_of_the_run_is_added_to_that_of_the_agent()
    {
        using var agent = new AgentTalk(_scratch).Greet();
        var done = agent.Run(agent.Shell("echo $PATH $HOME") with { Environment = new Dictionary<string, string> { ["HOME"] = "/here" } });
        done.Tail.ShouldBe("/usr/bin:/bin /here\n");
    }

    [Fact]
    public void A_process_that_prints_nothing_leaves_no_log()
    {
        using var agent = new AgentTalk(_scratch).Greet();
        agent.Run(agent.Command("/bin/true")).LogBytes.ShouldBe(0);
        File.Exists(agent.Log).ShouldBeFalse();
    }

    [Fact]
    public void A_program_that_is_not_there_is_named()
    {
        using var agent = new AgentTalk(_scratch).Greet();
        var done = agent.Run(agent.Command("no-such-program"));
        done.Cause.ShouldBe(EndCause.NotStarted);
        done.Message.ShouldBe("The program “no-such-program” was not found in PATH.");
    }

    [Theory]
    [InlineData("#!/no/such/interpreter\n", "its interpreter (the first line of a script, or the loader of a program) is not there")]
    [InlineData("not a program", "it is not a program for this kind of machine")]
    public void A_program_that_cannot_be_started_is_explained(string content, string why)
    {
        using var agent = new AgentTalk(_scratch).Greet();
        var path = Path.Combine(_scratch.Root, "program");
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var done = agent.Run(agent.Command(path));
        done.Cause.ShouldBe(EndCause.NotStarted);
        done.Message!.ShouldContain(why);
    }

    [Fact]
    public void A_timeout_asks_first_and_the_process_may_clean_up()
    {
        using var agent = new AgentTalk(_scratch).Greet();
        var done = agent.Run(agent.Shell("trap 'echo cleaned; exit 3' TERM; while :; do sleep 0.01; done") with { Timeout = 300, Grace = 10_000 });
        done.Cause.ShouldBe(EndCause.TimedOut);
        done.Exit.ShouldBe(3);
        done.Tail.ShouldEndWith("cleaned\n");
        done.Use.Wall.ShouldBeInRange(300, 3_000);
    }

    [Fact]
    public void A_process_that_ignores_the_timeout_is_killed_after_the_grace()
    {
        using var agent = new AgentTalk(_scratch).Greet();
        var done = agent.Run(agent.Shell("trap '' TERM; while :; do sleep 0.1; done") with { Timeout = 200, Grace = 300 });
        done.Cause.ShouldBe(EndCause.TimedOut);
        done.Exit.ShouldBe(9);
        done.Use.Wall.ShouldBeInRange(500, 5_000);
    }

    [Fact]
    public void A_stop_ends_the_process_and_is_told_apart_from_a_timeout()
    {
        using var agent = new AgentTalk(_scratch).Greet();
        agent.Send(agent.Command("/bin/sleep", "1000") with { Timeout = 60_000 });
        agent.Stop();
        agent.Answer().Cause.ShouldBe(EndCause.Stopped);
        agent.Run(agent.Command("/bin/true")).Cause.ShouldBe(EndCause.Exited);
    }

    [Fact]
    public void A_stop_for_an_attempt_that_has_ended_is_ignored()
    {
        using var agent = new AgentTalk(_scratch).Greet();
        agent.Run(agent.Command("/bin/true")).Exit.ShouldBe(0);
        agent.Stop();
        agent.Run(agent.Command("/bin/true")).Cause.ShouldBe(EndCause.Exited);
    }

    [Fact]
    public void What_a_process_leaves_behind_is_ended_with_it()
    {
        using var agent = new AgentTalk(_scratch).Greet();
        var mark = $"100{Environment.ProcessId}";
        var done = agent.Run(agent.Shell($"sleep {mark} & setsid sleep {mark} & (sleep {mark} &) ; (setsid sh -c 'sleep {mark} & sleep {mark}' &); sleep 0.2"));
        done.Exit.ShouldBe(0);
        Processes.Running(mark).ShouldBe(0);
    }

    [Fact]
    public void The_end_of_the_connection_ends_the_process_and_all_below_it()
    {
        var agent = new AgentTalk(_scratch).Greet();
        var mark = $"200{Environment.ProcessId}";
        agent.Send(agent.Shell($"trap '' TERM; setsid sleep {mark} & sleep {mark}"));
        Processes.Until(() => Processes.Running(mark) >= 2);
        agent.End().ShouldBe(122);
        Processes.Running(mark).ShouldBe(0);
    }

    [Fact]
    public void A_gibibyte_of_output_is_kept_in_bounded_memory_and_a_bounded_file()
    {
        using var agent = new AgentTalk(_scratch).Greet();
        var done = agent.Run(agent.Shell("head -c 1073741824 /dev/zero | tr '\\0' x; echo; echo the last line") with { LogLimit = 1 << 20 });
        done.Exit.ShouldBe(0);
        done.LogBytes.ShouldBe((1L << 30) + 15);
        done.Tail.ShouldEndWith("x\nthe last line\n");
        new FileInfo(agent.Log).Length.ShouldBeInRange(1 << 20, (1 << 20) + (65 << 10));
        File.ReadAllText(agent.Log).ShouldContain("bytes left out");
        agent.Resident().ShouldBeLessThan(30 << 20);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_a_process_that_did_not_start()
    {
        using var agent = new AgentTalk(_scratch).Greet();
        var done = agent.Run(agent.Command("/bin/true") with { Directory = "/no/such/folder" });
        done.Cause.ShouldBe(EndCause.NotStarted);
        done.Message!.ShouldContain("/no/such/folder");
    }

    [Fact]
    public void Fixed_places_stand_for_the_time_of_the_run()
    {
        using var agent = new AgentTalk(_scratch).Greet();
        var place = Path.Combine(_scratch.Root, "fixed", "input.tif");
        File.WriteAllText(Path.Combine(_scratch.Root, "real.tif"), "pixels");
        var done = agent.Run(agent.Command("/bin/cat", place) with { Links = [new AgentLink(place, Path.Combine(_scratch.Root, "real.tif"))] });
        done.Tail.ShouldBe("pixels");
        File.Exists(place).ShouldBeFalse();
    }

    [Fact]
    public void Use_of_the_processor_and_of_memory_is_told()
    {
        using var agent = new AgentTalk(_scratch).Greet();
        var done = agent.Run(agent.Command("/usr/bin/awk", "BEGIN { s = \"x\"; while (length(s) < 64 * 1024 * 1024) s = s s; for (i = 0; i < 3000000; i++) n += i }"));
        done.Exit.ShouldBe(0);
        done.Use.PeakMemory.ShouldBeInRange(64L << 20, 400L << 20);
        done.Use.Cpu.ShouldBeInRange(50, done.Use.Wall * 1.2 + 10);
    }
}
