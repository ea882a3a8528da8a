using System.Globalization;
using Yunpipe.Stores;

namespace Yunpipe.EndToEnd.Faults;

public sealed class ProcessProgramTests() : ProgramTests("process");

public sealed class DockerProgramTests() : ContainerProgramTests("docker");

public sealed class PodmanProgramTests() : ContainerProgramTests("podman");

/// <summary>Programs that misbehave: each is told in a sentence, bounded, and alone in it.</summary>
public abstract class ProgramTests(string launcher)
{
    protected string Launcher { get; } = launcher;

    /// <summary>Items a, b and c, of which b meets the misbehaving script; the others are copied.</summary>
    private protected Workbench Make(string script, string more = "{}")
    {
        var bench = new Workbench();
        foreach (var name in (string[])["a", "b", "c"]) bench.Put(name + ".txt", "content of " + name);
        bench.Shell(Launcher, $"case \"$1\" in */b.txt)\n{script}\n;; *) cp \"$1\" \"$2\";; esac", more: more);
        return bench;
    }

    private protected static async Task<FailureRecord> ShouldSetAside(Workbench bench)
    {
        var run = await bench.Run();
        run.Exit.ShouldBe(3, run.Words);
        bench.View().Keys.ShouldBe(["work/a.out", "work/c.out"]);
        var failure = (await bench.Failures()).ShouldHaveSingleItem();
        failure.Key.ShouldBe("b.txt");
        bench.Processes().ShouldBeEmpty();
        return failure;
    }

    [Fact]
    public async Task A_gibibyte_of_output_costs_neither_memory_nor_disk()
    {
        using var bench = Make("head -c 1073741824 /dev/zero | tr '\\0' x; echo; echo the last line; cp \"$1\" \"$2\"");
        bench.Jobs = 1;
        using var process = bench.Start();
        long most = 0;
        var ending = Workbench.End(process);
        while (!ending.IsCompleted)
        {
            foreach (var pid in bench.Processes().Where(pid => Marked.Name(pid) == "yunpipe-agent").Append(process.Id)) most = Math.Max(most, PeakMemory(pid));
            await Task.WhenAny(ending, Task.Delay(20));
        }
        var run = await ending;
        run.Exit.ShouldBe(0, run.Words);
        most.ShouldBeInRange(1, 200L << 20);
        bench.View().Count.ShouldBe(3);
        var log = Directory.EnumerateFiles(bench.Layout.Logs, "*", SearchOption.AllDirectories).ShouldHaveSingleItem();
        new FileInfo(log).Length.ShouldBeInRange(8 << 20, 9 << 20);
        File.ReadLines(log).Last().ShouldBe("the last line");
    }

    [Fact]
    public async Task What_a_program_leaves_running_ends_with_it()
    {
        // A number that nobody else sleeps for marks them, also inside containers.
        var seconds = $"{900_000 + Environment.ProcessId}.{Random.Shared.Next(1000, 9999)}";
        using var bench = Make($"sleep {seconds} & setsid sleep {seconds} & (sleep {seconds} &); (setsid sh -c 'sleep {seconds} & sleep {seconds}' &); cp \"$1\" \"$2\"");
        var run = await bench.Run();
        run.Exit.ShouldBe(0, run.Words);
        bench.View().Count.ShouldBe(3);
        await Marked.Until(() => Marked.WithArgument(seconds).Count == 0, "processes were left");
    }

    [Fact]
    public async Task A_program_that_ignores_the_request_to_end_is_killed()
    {
        using var bench = Make("trap '' TERM; while :; do sleep 1; done", "{\"resources\": {\"timeout\": \"1 s\"}}");
        var failure = await ShouldSetAside(bench);
        (failure.Cause, failure.Sentence).ShouldBe((Cause.TimedOut, "The algorithm did not end within its timeout of 1 s."));
    }

    [Fact]
    public async Task A_program_without_output_is_told_what_is_missing()
    {
        var failure = await ShouldSetAside(Make("echo nothing here > \"${2%/*}/other.txt\""));
        (failure.Cause, failure.Sentence).ShouldBe((Cause.OutputMissing, "The algorithm ended well but did not write its output “b.out” (out); it wrote “other.txt”."));
    }

    [Fact]
    public async Task An_empty_output_is_none_where_a_minimum_is_asked_for()
    {
        var failure = await ShouldSetAside(Make(": > \"$2\"", "{\"outputs\": {\"out\": {\"path\": \"${stem}.out\", \"minimum\": \"1 B\"}}}"));
        (failure.Cause, failure.Sentence).ShouldBe((Cause.OutputMissing, "The output “b.out” has 0 bytes; at least 1 B are expected."));
    }

    [Fact]
    public async Task A_program_that_removes_its_folder_for_outputs_is_told_so()
    {
        var failure = await ShouldSetAside(Make("rm -rf \"${2%/*}\""));
        (failure.Cause, failure.Sentence).ShouldBe((Cause.OutputMissing, "The algorithm removed or replaced its folder for outputs."));
    }

    [Fact]
    public async Task A_link_in_the_place_of_the_folder_for_outputs_harms_nothing_where_it_leads()
    {
        using var bench = Make("rm -rf \"${2%/*}\"; ln -s @ \"${2%/*}\"");
        var precious = Path.Combine(Directory.CreateDirectory(Path.Combine(bench.Root, "home")).FullName, "precious");
        File.WriteAllText(precious, "mine");
        bench.Beside("work.json", File.ReadAllText(Path.Combine(bench.Root, "work.json")).Replace("@", bench.Root + "/home", StringComparison.Ordinal));
        (await ShouldSetAside(bench)).Sentence.ShouldBe("The algorithm removed or replaced its folder for outputs.");
        File.ReadAllText(precious).ShouldBe("mine");
    }

    [Fact]
    public async Task A_program_that_kills_itself_is_told_by_the_signal()
    {
        var failure = await ShouldSetAside(Make("kill -SEGV $$"));
        (failure.Cause, failure.Sentence).ShouldBe((Cause.Signal, "The algorithm was ended by SIGSEGV (it crashed) and wrote nothing."));
    }

    private static long PeakMemory(int pid)
    {
        try
        {
            var line = File.ReadLines($"/proc/{pid}/status").FirstOrDefault(text => text.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line[6..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) << 10;
        }
        catch (IOException)
        {
            return 0; // It has just ended.
        }
    }
}

/// <summary>What only a container can hold.</summary>
public abstract class ContainerProgramTests(string launcher) : ProgramTests(launcher)
{
    [Fact]
    public async Task A_program_that_eats_its_memory_is_told_the_limit()
    {
        var failure = await ShouldSetAside(Make("awk 'BEGIN { s = \"0123456789abcdef\"; while (1) s = s s }'", "{\"resources\": {\"memory\": \"64 MiB\"}}"));
        (failure.Cause, failure.Sentence).ShouldBe((Cause.OutOfMemory, "The algorithm needed more than the 64 MiB of memory that it was given."));
    }

    [Fact]
    public async Task Inputs_cannot_be_written_through()
    {
        using var bench = Make("""
            target=$(readlink -f "$1")
            { echo spoiled > "$1"; echo spoiled > "$target"; rm -f "$target"; chmod 777 "$target"; touch "${target%/*}/planted"; } 2>/dev/null
            cp "$1" "$2"
            """);
        var run = await bench.Run();
        run.Exit.ShouldBe(0, run.Words);
        bench.Viewed("work/b.out").ShouldBe("content of b");
        Directory.EnumerateFiles(bench.In).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(["a.txt", "b.txt", "c.txt"]);
        File.ReadAllText(Path.Combine(bench.In, "b.txt")).ShouldBe("content of b");
    }

    [Fact]
    public async Task An_output_that_is_a_link_into_this_machine_brings_nothing_out()
    {
        var failure = await ShouldSetAside(Make("ln -s /etc/passwd \"$2\""));
        failure.Cause.ShouldBe(Cause.OutputName);
        failure.Sentence.ShouldBe("The output “b.out” is a link that leads out of the job's folder.");
    }

    [Fact]
    public async Task An_input_that_changes_while_its_job_runs_gives_no_result_until_it_is_run_again()
    {
        using var bench = Make(": > \"${2%/*}/../began\"; while [ ! -e \"${2%/*}/../go\" ]; do sleep 0.05; done; cp \"$1\" \"$2\"");
        using var process = bench.Start();
        string? job = null;
        await Marked.Until(() => (job = Directory.Exists(bench.Layout.Attempts) ? Directory.EnumerateFiles(bench.Layout.Attempts, "began", SearchOption.AllDirectories).FirstOrDefault() : null) is not null, "the job did not begin");
        bench.Put("b.txt", "another content");
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(job)!, "go"), "");
        await Workbench.End(process);
        (await bench.Manifests()).Select(manifest => manifest.Key).Order(StringComparer.Ordinal).ShouldBe(["a.txt", "c.txt"]);
        (await bench.Failures()).ShouldBeEmpty();
    }
}
