using Yunpipe.Dispatch;
using Yunpipe.Stores;

namespace Yunpipe.Tests.Dispatch;

/// <summary>What people are told, and how often.</summary>
public sealed class NoticesTests
{
    private const string Chain = """
        name: w
        input: {location: ./in, include: ["*.tif"]}
        steps: [{name: first, algorithm: copy}, {name: second, algorithm: copy}]
        """;

    private const string Plates = """
        name: w
        input: {location: ./in, pattern: "{plate}/{well}.tif"}
        steps:
          - {name: each, algorithm: copy, inputs: {image: input}}
          - {name: all, algorithm: join, inputs: {parts: each}, gather: {by: "${plate}", missing: wait}}
        """;

    private static IEnumerable<string> Subjects(DispatchBench bench) => bench.Told.Select(told => told.Subject);

    [Fact]
    public async Task A_backlog_that_is_settled_is_told_once_and_the_next_one_again()
    {
        var bench = new DispatchBench(Chain);
        await bench.Settle(10);
        bench.Told.ShouldBeEmpty();
        bench.Put("a.tif");
        bench.Put("b.tif");
        await bench.Settle(20);
        bench.Told.Single().ShouldBe(("Yunpipe w: finished", "Everything that was uploaded to w is worked on: nothing waits and nothing runs. It took 1 min 0 s. Nothing was set aside.\n"));
        bench.Another();
        await bench.Settle(20);
        bench.Told.Count.ShouldBe(1);
        bench.Put("c.tif");
        await bench.Settle(20);
        Subjects(bench).ShouldBe(["Yunpipe w: finished", "Yunpipe w: finished"]);
    }

    [Fact]
    public async Task Nothing_is_finished_while_a_job_waits_or_runs_or_a_group_is_about_to_close()
    {
        var bench = new DispatchBench(Plates, quiet: 1800);
        bench.Put("P1/A.tif");
        await bench.Deliver();
        for (var minute = 0; minute < 30; minute++) await bench.Minute();
        bench.Told.ShouldBeEmpty();
        await bench.Settle(10);
        bench.Told.ShouldBeEmpty();
        bench.Sent.ShouldNotContain("all P1");
        await bench.Settle(60);
        bench.Sent.ShouldContain("all P1");
        bench.Told.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_group_that_waits_for_what_nobody_uploads_does_not_keep_a_backlog_from_being_finished()
    {
        var bench = new DispatchBench(Plates, quiet: 120);
        bench.Poison.Add("P1/B.tif");
        bench.Put("P1/A.tif");
        bench.Put("P1/B.tif");
        await bench.Settle(30);
        Subjects(bench).ShouldBe(["Yunpipe w: 1 item was set aside", "Yunpipe w: finished"]);
        bench.Told[1].Text.ShouldEndWith("1 item was set aside: see yunpipe failures w.\n");
    }

    [Fact]
    public async Task Many_that_are_set_aside_at_once_are_one_message_and_none_is_told_twice()
    {
        var bench = new DispatchBench(Chain);
        for (var n = 0; n < 60; n++)
        {
            bench.Poison.Add($"{n:00}.tif");
            bench.Put($"{n:00}.tif");
        }
        bench.Put("a//b.tif");
        await bench.Deliver();
        await bench.Work();
        var events = bench.Happened.ToList();
        // Each is told of twice, to dispatchers that know nothing of each other.
        await bench.Dispatcher.Handle(events, default);
        bench.Another();
        await bench.Dispatcher.Handle(events, default);
        await bench.Settle(5);
        bench.Another();
        await bench.Dispatcher.Handle(events, default);
        await bench.Settle(60);
        var told = bench.Told.Where(told => told.Subject.EndsWith("set aside", StringComparison.Ordinal)).ToList();
        told.Single().Subject.ShouldBe("Yunpipe w: 61 items were set aside");
        told.Single().Text.ShouldStartWith("first, 00.tif: Poison.\nfirst, 01.tif: Poison.\n");
        told.Single().Text.ShouldEndWith("first, 49.tif: Poison.\n… and 11 more.\n\nAll others go on. See: yunpipe failures w\n");
    }

    [Fact]
    public async Task What_was_set_aside_without_an_event_is_found_by_the_sweep_and_told()
    {
        var bench = new DispatchBench(Chain);
        bench.Poison.Add("a.tif");
        bench.Put("a.tif");
        await bench.Deliver();
        await bench.Work();
        bench.Happened.Clear();
        await bench.Settle(40);
        Subjects(bench).ShouldContain("Yunpipe w: 1 item was set aside");
    }

    [Fact]
    public async Task What_could_not_be_told_is_told_later()
    {
        var bench = new DispatchBench(Chain) { IsMute = true };
        bench.Poison.Add("a.tif");
        bench.Put("a.tif");
        bench.Put("b.tif");
        await bench.Deliver();
        await bench.Work();
        await bench.Deliver();
        for (var minute = 0; minute < 5; minute++) await Should.ThrowAsync<IOException>(bench.Minute);
        bench.IsMute = false;
        await bench.Settle(10);
        Subjects(bench).ShouldBe(["Yunpipe w: 1 item was set aside", "Yunpipe w: finished"]);
    }

    [Fact]
    public async Task A_note_that_is_written_when_all_was_told_tells_nothing_and_one_that_was_begun_and_not_ended_is_told_after_ten_minutes()
    {
        const string New = "_yunpipe/dispatch/notices/new/";
        var bench = new DispatchBench(Chain);
        bench.Poison.Add("a.tif");
        bench.Put("a.tif");
        await bench.Deliver();
        await bench.Work();
        await bench.Deliver();
        var name = await bench.Notes.List(New, null, default).SingleAsync();
        var note = (await bench.Notes.Read(name, default))!.Value.Content;
        await bench.Settle(2);
        bench.Told.Count.ShouldBe(1);
        await bench.Notes.Put(name, note, default);
        await bench.Settle(15);
        Subjects(bench).ShouldBe(["Yunpipe w: 1 item was set aside", "Yunpipe w: finished"]);
        (await bench.Notes.List(New, null, default).CountAsync()).ShouldBe(0);
        // Whoever was to tell has died.
        await bench.Notes.Put(name, note, default);
        await bench.Notes.Put(name.Replace("/new/", "/told/", StringComparison.Ordinal), System.Text.Encoding.UTF8.GetBytes($$"""{"at": {{bench.Time.GetUtcNow().ToUnixTimeMilliseconds()}}, "told": false, "ended": 0}"""), default);
        await bench.Settle(9);
        bench.Told.Count.ShouldBe(2);
        await bench.Settle(2);
        bench.Told.Count.ShouldBe(3);
    }

    [Fact]
    public async Task What_was_tried_again_and_set_aside_again_is_told_again_and_two_workers_that_set_one_job_aside_are_not()
    {
        var bench = new DispatchBench(Chain);
        bench.Put("a.tif");
        await bench.Deliver();
        var job = bench.Queue.Single();
        bench.Queue.Clear();
        async Task SetAside(long began, long ended)
        {
            await bench.Store.SetAside(new FailureRecord { Job = job.Id.ToString(), Step = job.Step, Key = job.Key, Origin = job.Origin, Meta = job.Meta, Cause = Cause.ExitCode, Sentence = "No.", Attempts = [new AttemptRecord("x", began, ended, null)] }, default);
            bench.Happened.Add(new StoreEvent.Recorded(job.Step, job.Id.ToString()));
            await bench.Deliver();
            await bench.Minute();
        }
        int Times() => bench.Told.Count(told => told.Subject == "Yunpipe w: 1 item was set aside");
        await SetAside(1000, 2000);
        await SetAside(1500, 2500);
        Times().ShouldBe(1);
        bench.Another();
        await SetAside(1500, 2600);
        Times().ShouldBe(1);
        await SetAside(9000, 9900);
        Times().ShouldBe(2);
    }

    [Fact]
    public async Task Two_dispatchers_in_one_minute_tell_once()
    {
        var bench = new DispatchBench(Chain);
        for (var n = 0; n < 20; n++)
        {
            if (n % 2 == 0) bench.Poison.Add($"{n}.tif");
            bench.Put($"{n}.tif");
        }
        await bench.Deliver();
        await bench.Work();
        await bench.Deliver();
        await bench.Work();
        await bench.Deliver();
        var dispatchers = Enumerable.Range(0, 4).Select(_ => bench.Another()).ToList();
        for (var minute = 0; minute < 10; minute++)
        {
            bench.Time.Advance(TimeSpan.FromMinutes(1));
            foreach (var dispatcher in dispatchers) await dispatcher.LookAtDue(10, bench.Empty, default);
            await Task.WhenAll(dispatchers.Select(dispatcher => Task.Run(() => dispatcher.Tell(true, default))));
        }
        bench.Told.Count(told => told.Subject == "Yunpipe w: finished").ShouldBe(1);
        bench.Told.Where(told => told.Subject.EndsWith("set aside", StringComparison.Ordinal)).SelectMany(told => told.Text.Split('\n')).Count(line => line.StartsWith("first, ", StringComparison.Ordinal)).ShouldBe(10);
    }
}
