using System.Text;
using Yunpipe.Stores;

namespace Yunpipe.EndToEnd.Faults;

/// <summary>Inputs that vanish, cannot be read, or change under the run.</summary>
public sealed class InputTests
{
    private const string Copy = "cp \"$1\" \"$2\"";

    /// <summary>Waits in the job of one item until it is told to go on.</summary>
    private const string Waiting = """
        case "$1" in */b.txt) : > "${0%/*}/began"; while [ ! -e "${0%/*}/go" ]; do sleep 0.02; done;; esac
        cp "$1" "$2"
        """;

    private static Workbench Make(string script)
    {
        var bench = new Workbench();
        foreach (var name in (string[])["a", "b", "c"]) bench.Put(name + ".txt", "content of " + name);
        bench.Single(script);
        return bench;
    }

    [Fact]
    public async Task An_input_that_may_not_be_read_is_a_sentence_and_the_others_go_on()
    {
        using var bench = Make(Copy);
        AsNobody(bench);
        File.SetUnixFileMode(Path.Combine(bench.In, "b.txt"), UnixFileMode.None);
        var run = await bench.Run();
        run.Exit.ShouldBe(3, run.Words);
        var failure = (await bench.Failures()).ShouldHaveSingleItem();
        (failure.Key, failure.Cause).ShouldBe(("b.txt", Cause.InputUnreadable));
        failure.Sentence.ShouldContain("b.txt");
        bench.View().Keys.ShouldBe(["work/a.out", "work/c.out"]);
    }

    [Fact]
    public async Task A_folder_that_may_not_be_entered_is_a_sentence_and_the_others_go_on()
    {
        using var bench = Make(Copy);
        bench.Put("closed/d.txt", "hidden");
        AsNobody(bench);
        var closed = Path.Combine(bench.In, "closed");
        File.SetUnixFileMode(closed, UnixFileMode.None);
        var run = await bench.Run();
        File.SetUnixFileMode(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        run.Exit.ShouldBe(3, run.Words);
        (await bench.Failures()).ShouldHaveSingleItem().Sentence.ShouldContain("closed");
        bench.View().Keys.ShouldBe(["work/a.out", "work/b.out", "work/c.out"]);
    }

    [Fact]
    public async Task An_input_that_vanishes_before_its_job_begins_is_superseded_and_the_others_go_on()
    {
        using var bench = Make(Waiting.Replace("*/b.txt", "*/a.txt", StringComparison.Ordinal));
        bench.Jobs = 1;
        using var process = bench.Start();
        await Marked.Until(() => File.Exists(Path.Combine(bench.Root, "began")), "the first job did not begin");
        File.Delete(Path.Combine(bench.In, "b.txt"));
        bench.Beside("go", "");
        var run = await Workbench.End(process);
        run.Exit.ShouldBe(3, run.Words);
        run.Words.ShouldContain("b.txt");
        bench.View().Keys.ShouldBe(["work/a.out", "work/c.out"]);
        (await bench.Failures()).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_input_that_vanishes_while_its_job_runs_gives_no_result_and_the_others_go_on()
    {
        using var bench = Make(Waiting);
        using var process = bench.Start();
        await Marked.Until(() => File.Exists(Path.Combine(bench.Root, "began")), "the job did not begin");
        // The program has its link, and may have read the file or not: nobody knows.
        var content = File.ReadAllText(Path.Combine(bench.In, "b.txt"));
        File.Delete(Path.Combine(bench.In, "b.txt"));
        bench.Beside("go", "");
        var run = await Workbench.End(process);
        run.Exit.ShouldBe(3, run.Words);
        run.Words.ShouldContain("b.txt");
        bench.View().Keys.ShouldBe(["work/a.out", "work/c.out"]);
        bench.Put("b.txt", content);
        (await bench.Run()).Exit.ShouldBe(0);
        bench.Viewed("work/b.out").ShouldBe(content);
    }

    [Fact]
    public async Task An_input_that_changes_while_its_job_runs_gives_no_result_until_it_is_run_again()
    {
        using var bench = Make(Waiting);
        using var process = bench.Start();
        await Marked.Until(() => File.Exists(Path.Combine(bench.Root, "began")), "the job did not begin");
        bench.Put("b.txt", "another content");
        bench.Beside("go", "");
        var run = await Workbench.End(process);
        run.Exit.ShouldBeOneOf(0, 3);
        bench.View().Keys.ShouldBe(["work/a.out", "work/c.out"]);
        (await bench.Manifests()).Select(manifest => manifest.Key).Order(StringComparer.Ordinal).ShouldBe(["a.txt", "c.txt"]);
        (await bench.Run()).Exit.ShouldBe(0);
        bench.Viewed("work/b.out").ShouldBe("another content");
    }

    [Fact]
    public async Task A_program_that_writes_to_its_input_is_told_so()
    {
        using var bench = Make("case \"$1\" in */b.txt) echo more >> \"$1\";; esac; cp \"$1\" \"$2\"");
        (await bench.Run()).Exit.ShouldBe(3);
        var failure = (await bench.Failures()).ShouldHaveSingleItem();
        (failure.Cause, failure.Sentence).ShouldBe((Cause.InputChanged, "The input “b.txt” changed while the job ran: the algorithm wrote to it, or somebody replaced it."));
        bench.View().Keys.ShouldBe(["work/a.out", "work/c.out"]);
    }

    [Fact]
    public async Task A_program_that_writes_to_the_result_of_an_earlier_step_is_told_so()
    {
        using var bench = Make(Copy);
        bench.Beside("spoil.sh", "#!/bin/sh\ncase \"$1\" in */b.out) echo more >> \"$1\";; esac; cp \"$1\" \"$2\"\n");
        bench.Beside("spoil.yaml", "name: spoil\ncommand: [./spoil.sh, '${image}', '${out}/${stem}.two']\ninputs: [image]\noutputs: {out: '${stem}.two'}\n");
        bench.Beside("workflow.yaml", "input: ./in\nsteps: [{name: work, algorithm: ./work.yaml}, {name: spoil, algorithm: ./spoil.yaml}]\n");
        (await bench.Run()).Exit.ShouldBe(3);
        var failure = (await bench.Failures()).ShouldHaveSingleItem();
        (failure.Cause, failure.Sentence).ShouldBe((Cause.InputWritten, "The algorithm wrote to its input “b.out”, which is the result of an earlier step and may not change."));
        bench.View().Keys.ShouldNotContain("spoil/b.two");
    }

    [Fact]
    public async Task Going_from_one_value_to_another_and_back_gives_the_bytes_of_the_first()
    {
        using var bench = Make("printf '%s at %s\\n' \"$(cat \"$1\")\" \"$3\" > \"$2\"; date +%N >> \"$2\"");
        bench.Beside("work.yaml", "name: work\ncommand: [./work.sh, '${image}', '${out}/${stem}.out', '${sigma}']\ninputs: [image]\noutputs: {out: '${stem}.out'}\nvariables: {sigma: {type: number}}\n");
        void Sigma(int value) => bench.Beside("workflow.yaml", $"input: ./in\nsteps: [{{name: work, algorithm: ./work.yaml, variables: {{sigma: {value}}}}}]\n");
        Sigma(1);
        (await bench.Run()).Exit.ShouldBe(0);
        var first = bench.View();
        Sigma(2);
        (await bench.Run()).Exit.ShouldBe(0);
        bench.View().Values.Intersect(first.Values).ShouldBeEmpty();
        Sigma(1);
        (await bench.Run()).Exit.ShouldBeOneOf(0, 4);
        bench.View().ShouldBe(first);
        (await bench.Manifests()).Count.ShouldBe(6);
    }

    [Fact]
    public async Task The_second_of_two_runs_on_one_output_is_refused_and_names_the_first()
    {
        using var bench = Make(Waiting);
        using var first = bench.Start();
        await Marked.Until(() => File.Exists(Path.Combine(bench.Root, "began")), "the first run did not begin");
        var second = await bench.Run();
        second.Exit.ShouldBe(5);
        second.Error.ShouldContain($"is in use by process {first.Id} on {Environment.MachineName}");
        bench.Beside("go", "");
        (await Workbench.End(first)).Exit.ShouldBe(0);
        bench.View().Count.ShouldBe(3);
    }

    [Fact]
    public async Task Of_many_runs_that_start_at_once_one_works_and_the_others_name_it()
    {
        using var bench = Make(Waiting);
        var runs = Enumerable.Range(0, 6).Select(_ => bench.Start()).ToList();
        await Marked.Until(() => runs.Count(run => run.HasExited) == 5, "the others did not end");
        bench.Beside("go", "");
        var ends = await Task.WhenAll(runs.Select(Workbench.End));
        ends.Select(end => end.Exit).Order().ShouldBe([0, 5, 5, 5, 5, 5]);
        var winner = runs[Array.FindIndex(ends, end => end.Exit == 0)].Id;
        foreach (var end in ends.Where(end => end.Exit == 5)) end.Error.ShouldContain($"by process {winner} ");
        foreach (var run in runs) run.Dispose();
    }

    /// <summary>Root may read everything, so that somebody else must run.</summary>
    private static void AsNobody(Workbench bench)
    {
        if (Environment.UserName != "root") return;
        bench.Before = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
        foreach (var path in Directory.EnumerateFileSystemEntries(bench.Root, "*", SearchOption.AllDirectories).Append(bench.Root)) Own(path);
    }

    private static void Own(string path) => chown(Encoding.UTF8.GetBytes(path + "\0"), 65534, 65534).ShouldBe(0);

    [System.Runtime.InteropServices.DllImport("libc")]
    private static extern int chown(byte[] path, uint user, uint group);
}
