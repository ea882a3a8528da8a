using System.Diagnostics;
using Yunpipe.Work;

namespace Yunpipe.EndToEnd.Agent;

/// <summary>docs/guide/by-hand.md, "How it ends".</summary>
public sealed class HandFailureTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(120)]
    [InlineData(255)]
    public async Task An_exit_code_of_the_algorithm_passes_through_untouched(int code)
    {
        using var bench = new HandBench().Put("a.tif");
        var said = await bench.Agent("a.tif", "out", "--code", $"{code}");
        said.Exit.ShouldBe(code);
        said.Error.ShouldBe(code == 3 ? "yunpipe: a.tif: The image holds no cells (exit code 3).\n" : "");
        bench.Files("out").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_code_that_counts_as_success_keeps_its_number_and_its_results()
    {
        using var bench = new HandBench(HandBench.Outline.Replace("{3: The image holds no cells}", "{3: {kind: success, says: Few cells}}", StringComparison.Ordinal)).Put("a.tif");
        (await bench.Agent("a.tif", "out", "--code", "3")).Exit.ShouldBe(3);
        bench.Files("out").ShouldContain("a_outline.tif");
    }

    [Fact]
    public async Task One_bad_image_does_not_stop_the_others_and_its_code_is_the_answer()
    {
        using var bench = new HandBench("""
            name: picky
            command: [/bin/sh, -c, 'grep -q bad "$$1" && exit 7; cp "$$1" "$$0"', "${out}/${stem}.out", "${image}"]
            inputs: image
            outputs: "${stem}.out"
            """).Put("a.tif", "bad.tif", "c.tif");
        var said = await bench.Agent("a.tif", "bad.tif", "c.tif", "out");
        said.Exit.ShouldBe(7);
        bench.Files("out").ShouldBe(["a.out", "c.out"]);
        said.Error.ShouldEndWith("yunpipe: 2 of 3 images have their results.\n");
    }

    [Fact]
    public async Task A_signal_is_told_as_a_shell_tells_it()
    {
        using var bench = new HandBench("{name: crash, command: [/bin/sh, -c, 'kill -SEGV $$$$']}");
        var said = await bench.Agent("out");
        said.Exit.ShouldBe(139);
        said.Error.ShouldBe("yunpipe: YP2185: all: It was ended by SIGSEGV (it crashed).\n");
    }

    [Fact]
    public async Task A_result_that_is_missing_has_a_code_of_ours()
    {
        using var bench = new HandBench("{name: empty, command: [/bin/true, \"${image}\"], inputs: image, outputs: {x: \"${stem}.x\"}}").Put("a.tif");
        var said = await bench.Agent("a.tif", "out");
        said.Exit.ShouldBe(123);
        said.Error.ShouldBe("yunpipe: YP2186: a.tif: The algorithm ended well but did not write its output “a.x” (x); it wrote no file at all.\n");
    }

    [Theory]
    [InlineData("/no/such/program", 127, "yunpipe: YP2184: all: The program “/no/such/program” was not found.\n")]
    [InlineData("no-such-program", 127, "yunpipe: YP2184: all: The program “no-such-program” was not found in PATH.\n")]
    [InlineData("/etc/passwd", 126, "yunpipe: YP2184: all: “/etc/passwd” could not be started: it is not marked as executable, or this user may not run it.\n")]
    public async Task A_program_that_does_not_start_ends_as_in_a_shell(string program, int code, string words)
    {
        using var bench = new HandBench($"{{name: none, command: [{program}]}}");
        var said = await bench.Agent("out");
        said.Exit.ShouldBe(code);
        said.Error.ShouldBe(words);
    }

    [Fact]
    public async Task A_timeout_ends_the_algorithm_and_all_below_it()
    {
        var mark = $"400{Environment.ProcessId}";
        using var bench = new HandBench($"{{name: slow, command: [/bin/sh, -c, 'setsid sleep {mark} & sleep {mark}'], resources: {{timeout: 300 ms}} }}");
        var said = await bench.Agent("out");
        said.Exit.ShouldBe(124);
        said.Error.ShouldBe("yunpipe: YP2185: all: It did not end within its timeout of 0.3 s.\n");
        Processes.Running(mark).ShouldBe(0);
    }

    [Theory]
    [InlineData(15, 143)]
    [InlineData(2, 130)]
    public async Task A_signal_reaches_the_algorithm_and_ends_it_quickly(int signal, int code)
    {
        var mark = $"500{signal}{Environment.ProcessId}";
        using var bench = new HandBench($"{{name: slow, command: [/bin/sh, -c, '(setsid sleep {mark} &); exec sleep {mark}', \"${{image}}\"], inputs: image}}").Put("a.tif", "b.tif");
        using var process = bench.Start(bench.Record, "a.tif", "b.tif", "out");
        Processes.Until(() => Processes.Running(mark) == 2);
        var clock = Stopwatch.StartNew();
        Posix.Kill(process.Id, signal);
        var said = await HandBench.End(process);
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(8), "the grace is for those that do not listen");
        said.Exit.ShouldBe(code);
        said.Error.ShouldContain("Stopped; 1 of 2 images were not begun.");
        Processes.Running(mark).ShouldBe(0);
        bench.Files("out").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_second_signal_ends_what_does_not_listen()
    {
        var mark = $"600{Environment.ProcessId}";
        using var bench = new HandBench($"{{name: deaf, command: [/bin/sh, -c, 'trap \"\" INT TERM; sleep {mark}']}}");
        using var process = bench.Start(bench.Record, "out");
        Processes.Until(() => Processes.Running(mark) == 1);
        Posix.Kill(process.Id, 2);
        Posix.Kill(process.Id, 15);
        (await HandBench.End(process)).Exit.ShouldBe(137);
        Processes.Running(mark).ShouldBe(0);
    }

    [Fact]
    public async Task An_algorithm_that_ends_well_when_it_is_stopped_has_no_result()
    {
        var mark = $"700{Environment.ProcessId}";
        using var bench = new HandBench($"{{name: polite, command: [/bin/sh, -c, 'trap \"exit 0\" TERM; sleep {mark} & wait']}}");
        using var process = bench.Start(bench.Record, "out");
        Processes.Until(() => Processes.Running(mark) == 1);
        Posix.Kill(process.Id, 15);
        (await HandBench.End(process)).Exit.ShouldBe(122);
    }

    [Fact]
    public async Task A_result_never_replaces_an_image_and_two_images_never_one_result()
    {
        using var bench = new HandBench("{name: same, command: [/bin/cp, \"${image}\", \"${out}/${stem}.tif\"], inputs: image, outputs: \"${stem}.tif\"}").Put("a.tif", "d/a.tif");
        var said = await bench.Agent("a.tif", ".");
        said.Exit.ShouldBe(123);
        said.Error.ShouldBe("yunpipe: YP2183: a.tif: The result “a.tif” would replace the image that it is made from: name another folder for the results.\n");
        said = await bench.Agent("a.tif", "d/a.tif", "out");
        said.Error.ShouldContain("yunpipe: YP2183: a.tif: Two images would both be written to “a.tif”: run them into two folders.\n");
        bench.Read("out/a.tif").ShouldBe("a.tif");
    }
}
