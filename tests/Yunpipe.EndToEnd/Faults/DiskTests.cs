using Yunpipe.Stores;

namespace Yunpipe.EndToEnd.Faults;

/// <summary>A disk that is full, or may not be written: a sentence, nothing lost, and the same command goes on.</summary>
public sealed class DiskTests
{
    private const int Items = 40;

    private static Workbench Make(string script)
    {
        var bench = new Workbench();
        for (var i = 0; i < Items; i++) bench.Put($"{i:d2}.txt", $"image {i}");
        bench.Single(script);
        return bench;
    }

    [Fact]
    public async Task When_the_disk_is_full_the_run_says_so_and_goes_on_once_there_is_space()
    {
        using var bench = Make("yes \"$(cat \"$1\")\" | head -c 300000 > \"$2\"");
        using var disk = SmallDisk.Mount(bench.Out, 6);
        var first = await bench.Run();
        first.Exit.ShouldNotBe(0);
        var done = (await bench.Manifests()).Count;
        done.ShouldBeInRange(1, Items - 1);
        foreach (var failure in await bench.Failures()) failure.Cause.ShouldBe(Cause.DiskFull, failure.Sentence);
        if ((await bench.Failures()).Count == 0) first.Words.ShouldContain("The disk is full. Free some space and run again.");

        disk.Remount("size=64m");
        var second = await bench.Run();
        second.Exit.ShouldBe(0, second.Words);
        (await bench.Manifests()).Count.ShouldBe(Items);
        (await bench.Failures()).ShouldBeEmpty();
        bench.View().Count.ShouldBe(Items);
        bench.View().Values.Distinct().Count().ShouldBe(Items);
        foreach (var file in Directory.GetFiles(Path.Combine(bench.Out, "work"))) new FileInfo(file).Length.ShouldBe(300_000);
        bench.Attempts().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(64 << 10)]
    [InlineData(200 << 10)]
    public async Task When_not_even_the_records_find_room_the_run_ends_with_a_sentence(int leaves)
    {
        using var bench = Make("echo done > \"$2\"");
        using var disk = SmallDisk.Mount(bench.Out, 4);
        (await bench.Run()).Exit.ShouldBe(0);
        for (var i = 0; i < 3000; i++) bench.Put($"more/{i:d4}.txt", $"image {i}");
        disk.Fill("other", leaves);
        var full = await bench.Run();
        full.Exit.ShouldBeOneOf(2, 6);
        full.Words.ShouldContain("The disk is full. Free some space and run again.");
        full.Words.ShouldNotContain("   at ");

        File.Delete(Path.Combine(bench.Out, "other"));
        disk.Remount("size=200m");
        var rest = await bench.Run();
        rest.Exit.ShouldBe(0, rest.Words);
        (await bench.Manifests()).Count.ShouldBe(Items + 3000);
    }

    [Theory]
    [InlineData(1, "head -c 60000000 /dev/zero > \"$2\"")]
    [InlineData(4, "head -c 60000000 /dev/zero > \"$2\"")]
    [InlineData(2, "head -c 60000000 /dev/zero > \"$2\" 2>&- || exit 1")]
    public async Task One_item_that_fills_the_disk_is_set_aside_and_all_others_are_done(int jobs, string fills)
    {
        using var bench = Make($"case \"$1\" in *07.txt) {fills};; *) cp \"$1\" \"$2\";; esac");
        using var disk = SmallDisk.Mount(bench.Out, 16);
        bench.Jobs = jobs;
        // What was full for one item is tried anew by the next run, and found to be the same.
        for (var run = 0; run < 2; run++) await ShouldSetAside(bench, await bench.Run(), "07.txt");
    }

    [Fact]
    public async Task Who_was_pushed_out_by_another_item_is_tried_again_and_done()
    {
        // 07 keeps the disk full until 08 has found no room; 09 ends well and 10 badly while their records find none. Nobody speaks before it has given its sign:
        // a word that finds no room in the log ends a job.
        using var bench = Make("""
            here=${0%/*}
            case "$1" in
            *07.txt) head -c 60000000 /dev/zero 2>/dev/null > "$2"; : > "$here/full"; while [ ! -e "$here/pushed" ]; do sleep 0.02; done; sleep 0.2; echo No space left on device; exit 1;;
            *08.txt) while [ ! -e "$here/full" ]; do sleep 0.02; done; head -c 8192 /dev/zero 2>/dev/null > "$2" || { : > "$here/pushed"; echo No space left on device; exit 1; };;
            *09.txt) cp "$1" "$2"; while [ ! -e "$here/full" ]; do sleep 0.02; done;;
            *10.txt) while [ ! -e "$here/full" ]; do sleep 0.02; done; exit 5;;
            *) cp "$1" "$2";;
            esac
            """);
        using var disk = SmallDisk.Mount(bench.Out, 16);
        bench.Jobs = 4;
        var run = await bench.Run();
        File.Exists(Path.Combine(bench.Root, "pushed")).ShouldBeTrue("08 was to find no room");
        run.Output.ShouldContain("tried again");
        (await bench.Failures()).Single(failure => failure.Key == "10.txt").Cause.ShouldBe(Cause.ExitCode);
        await ShouldSetAside(bench, run, "07.txt", "10.txt");
    }

    [Fact]
    public async Task A_log_that_fills_the_disk_is_told_as_such()
    {
        using var bench = Make("case \"$1\" in *07.txt) head -c 20000000 /dev/zero | tr '\\0' x;; esac; cp \"$1\" \"$2\"");
        using var disk = SmallDisk.Mount(bench.Out, 8);
        var run = await bench.Run();
        (await bench.Failures()).ShouldHaveSingleItem().Sentence.ShouldBe("The disk is full. Free some space and run again.");
        await ShouldSetAside(bench, run, "07.txt");
    }

    private static async Task ShouldSetAside(Workbench bench, Ended run, params IReadOnlyList<string> items)
    {
        run.Exit.ShouldBe(3, run.Words);
        var failures = await bench.Failures();
        failures.Select(failure => failure.Key).ShouldBe(items, run.Words);
        foreach (var failure in failures.Where(failure => failure.Cause == Cause.DiskFull)) failure.Sentence.ShouldStartWith("The disk is full. Free some space and run again.");
        failures.ShouldContain(failure => failure.Cause == Cause.DiskFull);
        (await bench.Manifests()).Count.ShouldBe(Items - items.Count);
        bench.View().Count.ShouldBe(Items - items.Count);
    }

    [Fact]
    public async Task An_output_folder_that_may_not_be_written_is_a_sentence_before_anything_runs()
    {
        using var bench = Make("cp \"$1\" \"$2\"");
        using var disk = SmallDisk.Mount(bench.Out, 16);
        disk.Remount("ro");
        var refused = await bench.Run();
        refused.Exit.ShouldBe(2);
        refused.Error.ShouldContain("YP3002");
        refused.Error.Trim().Split('\n').ShouldHaveSingleItem();

        disk.Remount("rw");
        (await bench.Run()).Exit.ShouldBe(0);
        var before = bench.View();
        disk.Remount("ro");
        var again = await bench.Run();
        again.Exit.ShouldBe(2, again.Words);
        again.Error.ShouldContain("YP3002");
        disk.Remount("rw");
        bench.View().ShouldBe(before);
    }

    [Fact]
    public async Task A_disk_that_somebody_else_fills_while_jobs_run_ends_the_run_with_a_sentence_and_loses_nothing()
    {
        using var bench = Make("while [ ! -e \"$(dirname \"$0\")/go\" ]; do sleep 0.02; done; cp \"$1\" \"$2\"");
        using var disk = SmallDisk.Mount(bench.Out, 16);
        using var process = bench.Start();
        await Marked.Until(() => bench.Processes().Any(pid => Marked.Name(pid) == "work.sh"), "no job began");
        disk.Fill("other", 0);
        bench.Beside("go", "");
        var run = await Workbench.End(process);
        run.Exit.ShouldBeOneOf(3, 6);
        run.Words.ShouldNotContain("   at ");
        File.Delete(Path.Combine(bench.Out, "other"));
        var rest = await bench.Run();
        rest.Exit.ShouldBe(0, rest.Words);
        (await bench.Manifests()).Count.ShouldBe(Items);
    }
}
