using System.Diagnostics;
using Yunpipe.Stores;

namespace Yunpipe.Tests.Runs;

/// <summary>A full disk: whoever meets it is tried again alone, whoever fills it is set aside, and where nobody finds room the run ends.</summary>
public sealed class FullDiskTests
{
    private const int NoRoom = -201, Lost = -200;
    private const string Chain = "{input: ./in, steps: [{name: first, algorithm: work}, {name: second, algorithm: upper}]}";

    private static Bench Make(int items, Func<Call, int> work)
    {
        var bench = new Bench([.. Enumerable.Range(0, items).Select(i => $"{i:d2}.txt")]);
        bench.Algorithms["work"] = "{name: work, command: [work, '${image}', '${stem}.w'], inputs: [image], outputs: {out: '${stem}.w'}, retry: {attempts: 3, backoff: 1 ms}}";
        bench.Launcher.Programs["work"] = work;
        return bench;
    }

    private static bool Is(Call call, string item) => call.Arguments[1].EndsWith(item + ".txt", StringComparison.Ordinal);

    private static int Good(Call call)
    {
        call.Write(call.Arguments[2], "fine");
        return 0;
    }

    [Fact]
    public async Task Who_meets_a_full_disk_is_tried_again_when_all_else_is_done_and_that_is_no_try()
    {
        var tries = 0;
        await using var bench = Make(12, call => Is(call, "03") && Interlocked.Increment(ref tries) == 1 ? NoRoom : Good(call));
        var summary = await bench.Run(Chain);
        (summary.Ran, summary.SetAside, summary.GaveUp).ShouldBe((24, 0, null));
        summary.Steps[0].Retries.ShouldBe(1);
        bench.Launcher.Ran.ToArray()[^2..].ShouldBe(["work 03.txt 03.w", "upper 03.w 03.upper"]);
        await using var store = Local.Stores.FolderStore.Open(new Local.Stores.StoreLayout(bench.Out));
        (await store.FindItem("first", "03.txt", default))!.Attempts.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Nothing_runs_beside_who_is_tried_again_for_want_of_room()
    {
        int running = 0, beside = 0;
        var seen = new System.Collections.Concurrent.ConcurrentDictionary<string, bool>();
        await using var bench = Make(12, call =>
        {
            Interlocked.Increment(ref running);
            try
            {
                // Every third finds no room the first time. One other is lost, and due again while the first of them is at its second try.
                var first = seen.TryAdd(call.Arguments[2], true);
                if (Is(call, "01") && first) return Lost;
                if (int.Parse(Path.GetFileNameWithoutExtension(call.Arguments[1])) % 3 > 0) return Good(call);
                if (first) return NoRoom;
                for (var clock = Stopwatch.StartNew(); clock.ElapsedMilliseconds < 100; Thread.Yield()) beside = Math.Max(beside, Volatile.Read(ref running) - 1);
                return Good(call);
            }
            finally
            {
                Interlocked.Decrement(ref running);
            }
        });
        bench.Algorithms["work"] = bench.Algorithms["work"].Replace("1 ms", "50 ms");
        bench.Launcher.Programs["upper"] = call =>
        {
            Interlocked.Increment(ref running);
            call.Write(call.Arguments[2], call.Read(1));
            Interlocked.Decrement(ref running);
            return 0;
        };
        (await bench.Run(Chain)).Ran.ShouldBe(24);
        beside.ShouldBe(0);
    }

    [Fact]
    public async Task Who_fills_the_disk_alone_is_set_aside_and_stops_nobody()
    {
        await using var bench = Make(12, call => Is(call, "03") || Is(call, "04") ? NoRoom : Good(call));
        var summary = await bench.Run(Chain, jobs: 1);
        (summary.Ran, summary.SetAside, summary.GaveUp).ShouldBe((20, 2, null));
        var failures = await bench.Failures();
        failures.Select(failure => failure.Key).ShouldBe(["03.txt", "04.txt"]);
        failures.ShouldAllBe(failure => failure.Cause == Cause.DiskFull && failure.Sentence == "The disk is full. Free some space and run again." && failure.Attempts.Count == 1);
        bench.Launcher.Ran.Count(run => run.StartsWith("work 03")).ShouldBe(2);
    }

    [Fact]
    public async Task Where_nobody_finds_room_the_run_ends_with_the_sentence_and_goes_on_later()
    {
        var full = true;
        await using var bench = Make(200, call => full ? NoRoom : Good(call));
        var summary = await bench.Run(Chain);
        (summary.Ran, summary.SetAside, summary.GaveUp).ShouldBe((0, 3, "The disk is full. Free some space and run again."));
        bench.Launcher.Ran.Count.ShouldBeLessThan(100);
        full = false;
        var again = await bench.Run(Chain);
        (again.Ran, again.SetAside, again.GaveUp).ShouldBe((400, 0, null));
        (await bench.Failures()).ShouldBeEmpty();
    }
}
