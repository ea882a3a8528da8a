using Yunpipe.Dispatch;
using Yunpipe.Items;
using Yunpipe.Stores;

namespace Yunpipe.Tests.Dispatch;

public sealed class DispatcherTests
{
    private const string Chain = """
        name: w
        input: {location: ./in, include: ["*.tif"]}
        steps: [{name: first, algorithm: copy}, {name: second, algorithm: copy}]
        """;

    private const string Channels = """
        name: w
        input: {location: ./in, pattern: "{plate}/{well}-{ch}.tif", item: {key: "${plate}/${well}", parts: {a: {ch: 1}, b: {ch: 2}}}}
        steps: [{name: pair, algorithm: pair, inputs: {a: input.a, b: input.b}}]
        """;

    [Fact]
    public async Task An_upload_becomes_a_job_and_its_result_the_next_steps()
    {
        var bench = new DispatchBench(Chain);
        bench.Put("a.tif");
        bench.Put("notes.txt");
        await bench.Deliver();
        bench.Sent.ShouldBe(["first a.tif"]);
        await bench.Work();
        await bench.Deliver();
        bench.Sent.ShouldBe(["first a.tif", "second a.tif"]);
        await bench.Settle();
        (await bench.Done()).ShouldBe(["first a.tif", "second a.tif"]);
        (await bench.LeftToDo()).ShouldBe(0);
    }

    [Fact]
    public async Task The_same_event_again_sends_nothing_also_after_a_cold_start()
    {
        var bench = new DispatchBench(Chain);
        bench.Put("a.tif");
        var events = bench.Happened.ToList();
        await bench.Deliver();
        await bench.Dispatcher.Handle(events, default);
        bench.Another();
        await bench.Dispatcher.Handle(events, default);
        bench.Sent.ShouldBe(["first a.tif"]);
    }

    [Fact]
    public async Task In_a_large_batch_what_is_done_or_set_aside_is_not_sent_again()
    {
        var bench = new DispatchBench(Chain);
        for (var n = 0; n < 50; n++) bench.Put($"{n:00}.tif");
        bench.Poison.Add("07.tif");
        var events = bench.Happened.ToList();
        await bench.Settle(2);
        bench.Sent.Count.ShouldBe(50 + 49);
        // Long after, when nobody remembers what was sent.
        bench.Time.Advance(TimeSpan.FromDays(1));
        bench.Another();
        for (var n = 50; n < 60; n++) bench.Put($"{n:00}.tif");
        await bench.Dispatcher.Handle([.. events, .. bench.Happened], default);
        bench.Sent.Count.ShouldBe(50 + 49 + 10);
    }

    [Fact]
    public async Task An_item_waits_for_all_its_required_parts_in_whatever_batches_they_come()
    {
        var bench = new DispatchBench(Channels);
        bench.Put("P/A1-1.tif");
        bench.Put("P/A2-1.tif");
        await bench.Deliver();
        bench.Sent.ShouldBeEmpty();
        bench.Another();
        bench.Put("P/A1-2.tif");
        await bench.Deliver();
        bench.Sent.ShouldBe(["pair P/A1"]);
        // A corrected part alone makes its item again, with the other part as it is.
        await bench.Work();
        bench.Put("P/A1-1.tif", "2");
        bench.Another();
        await bench.Deliver();
        bench.Sent.ShouldBe(["pair P/A1", "pair P/A1"]);
        bench.Queue.Single().Inputs.SelectMany(input => input.Members).Select(member => member.Part.File.Version).ShouldBe(["etag-2", "etag-1"]);
    }

    [Fact]
    public async Task An_item_goes_without_an_optional_part_when_it_was_left_alone()
    {
        var bench = new DispatchBench("""
            name: w
            input: {location: ./in, pattern: "{well}-{ch}.tif", item: {key: "${well}", parts: {image: {ch: 1}, mask: {ch: 2, required: false}}}}
            steps: [{name: only, algorithm: copy, inputs: {image: input.image}}]
            """, quiet: 120);
        bench.Put("A1-1.tif");
        await bench.Deliver();
        bench.Sent.ShouldBeEmpty();
        await bench.Settle(5);
        bench.Sent.ShouldBe(["only A1"]);
    }

    [Fact]
    public async Task A_file_waits_for_its_sidecar_whichever_comes_first()
    {
        var bench = new DispatchBench("""
            name: w
            input: {location: ./in, include: ["*.nii.gz"], sidecars: ["${stem}.json"]}
            steps: [{name: only, algorithm: copy}]
            """);
        bench.Put("s/b.json");
        bench.Put("s/a.nii.gz");
        await bench.Deliver();
        bench.Sent.ShouldBeEmpty();
        bench.Put("s/a.json");
        await bench.Deliver();
        bench.Put("s/b.nii.gz");
        await bench.Deliver();
        bench.Sent.ShouldBe(["only s/a.nii.gz", "only s/b.nii.gz"]);
        bench.Put("s/a.json", "2");
        await bench.Deliver();
        bench.Sent.Count.ShouldBe(3);
    }

    [Fact]
    public async Task An_older_event_undoes_nothing()
    {
        var bench = new DispatchBench(Chain);
        bench.Put("a.tif", "old");
        var old = bench.Happened.ToList();
        bench.Happened.Clear();
        bench.Put("a.tif", "new");
        await bench.Deliver();
        await bench.Dispatcher.Handle(old, default);
        bench.Queue.Select(job => job.Inputs[0].Members[0].Part.File.Version).ShouldBe(["etag-new"]);
        // A dispatcher that has forgotten sends the old version, which its worker finds to be gone.
        bench.Another();
        await bench.Dispatcher.Handle(old, default);
        await bench.Settle();
        (await bench.Done()).ShouldBe(["first a.tif", "second a.tif"]);
        (await bench.LeftToDo()).ShouldBe(0);
    }

    [Fact]
    public async Task A_removal_that_arrives_late_does_not_remove_what_came_after_it()
    {
        var bench = new DispatchBench(Chain);
        bench.Put("a.tif", "1");
        await bench.Settle(1);
        bench.Remove("a.tif");
        var late = bench.Happened.ToList();
        bench.Happened.Clear();
        bench.Put("a.tif", "2");
        await bench.Deliver();
        await bench.Dispatcher.Handle(late, default);
        bench.Another();
        await bench.Dispatcher.Handle(late, default);
        await bench.Settle();
        (await bench.LeftToDo()).ShouldBe(0);
    }

    [Fact]
    public async Task An_event_whose_job_the_queue_refuses_fails_alone_and_succeeds_when_it_comes_again()
    {
        var bench = new DispatchBench("""
            name: w
            input: {location: ./in, include: ["*.tif"]}
            steps: [{name: one, algorithm: copy, inputs: {image: input}, when: "a*"}, {name: two, algorithm: copy, inputs: {image: input}, when: "b*"}]
            """);
        bench.Put("a.tif");
        bench.Put("b.tif");
        bench.Refusing.Add("two");
        var events = bench.Happened.ToList();
        var handled = await bench.Deliver();
        handled.Failed.Keys.ShouldBe([1]);
        bench.Sent.ShouldBe(["one a.tif"]);
        bench.Refusing.Clear();
        (await bench.Dispatcher.Handle([events[1]], default)).Failed.ShouldBeEmpty();
        bench.Sent.ShouldBe(["one a.tif", "two b.tif"]);
    }

    [Fact]
    public async Task Events_that_never_came_are_made_up_for_by_the_sweep()
    {
        var bench = new DispatchBench(Chain);
        for (var n = 0; n < 5; n++) bench.Put($"{n}.tif", tell: false);
        await bench.Minute();
        bench.Sent.Count.ShouldBe(5);
        await bench.Work();
        // The manifests are there, and nobody has told of them.
        bench.Happened.Clear();
        for (var minute = 0; minute < 20; minute++) await bench.Minute();
        bench.Sent.Count(sent => sent.StartsWith("second", StringComparison.Ordinal)).ShouldBe(5);
        await bench.Settle();
        (await bench.LeftToDo()).ShouldBe(0);
    }

    [Fact]
    public async Task A_message_that_was_lost_is_sent_again_once_its_queue_is_empty_and_not_before()
    {
        var bench = new DispatchBench(Chain);
        bench.Put("a.tif");
        bench.Put("b.tif");
        await bench.Deliver();
        var kept = bench.Queue.Last();
        bench.Queue.RemoveAt(0);
        for (var minute = 0; minute < 60; minute++) await bench.Minute();
        bench.Sent.Count.ShouldBe(2);
        bench.Queue.ShouldBe([kept]);
        await bench.Settle(40);
        bench.Sent.Count(sent => sent.StartsWith("first", StringComparison.Ordinal)).ShouldBe(3);
        (await bench.LeftToDo()).ShouldBe(0);
    }

    [Fact]
    public async Task A_sweep_goes_on_where_it_left_off_and_rests_when_nothing_is_amiss()
    {
        var bench = new DispatchBench(Chain);
        for (var n = 0; n < 25; n++) bench.Put($"{n:00}.tif", tell: false);
        (await bench.Dispatcher.Sweep(10, new HashSet<string>(), default)).Files.ShouldBe(10);
        bench.Another();
        (await bench.Dispatcher.Sweep(10, new HashSet<string>(), default)).Files.ShouldBe(10);
        var last = await bench.Dispatcher.Sweep(10, new HashSet<string>(), default);
        (last.Files, last.Ended).ShouldBe((5, true));
        bench.Sent.Count.ShouldBe(25);
        bench.Time.Advance(TimeSpan.FromMinutes(14));
        (await bench.Dispatcher.Sweep(10, new HashSet<string>(), default)).Files.ShouldBe(0);
        bench.Time.Advance(TimeSpan.FromMinutes(2));
        (await bench.Dispatcher.Sweep(10, new HashSet<string>(), default)).Files.ShouldBe(10);
    }

    [Fact]
    public async Task What_is_there_already_is_submitted_a_stretch_at_a_time_and_counted_first()
    {
        var bench = new DispatchBench(Chain);
        for (var n = 0; n < 25; n++) bench.Put($"x/{n:00}.tif", "12345", tell: false);
        var dry = await bench.Dispatcher.Submit(new SubmitRequest([], "x/", DryRun: true), 100, default);
        (dry.Files, dry.Bytes, dry.Sent, dry.Jobs["first"]).ShouldBe((25, 125L, 0, 25));
        bench.Sent.ShouldBeEmpty();
        string? after = null;
        var stretches = 0;
        do
        {
            var part = await bench.Dispatcher.Submit(new SubmitRequest([], "x/", after), 10, default);
            after = part.After;
            stretches++;
        }
        while (after is not null);
        stretches.ShouldBe(3);
        bench.Sent.Count.ShouldBe(25);
        var named = await bench.Dispatcher.Submit(new SubmitRequest(["x/03.tif", "absent.tif"], Again: true), 10, default);
        (named.Sent, named.Problems.Single()).ShouldBe((1, "“absent.tif” is not in the input."));
    }

    [Fact]
    public async Task From_a_step_on_nothing_before_it_is_sent()
    {
        var bench = new DispatchBench(Chain);
        bench.Put("a.tif");
        await bench.Settle(1);
        bench.Put("b.tif", tell: false);
        var submitted = await bench.Dispatcher.Submit(new SubmitRequest([], FromStep: "second", Again: true), 100, default);
        submitted.Jobs.ShouldBeEmpty();
        submitted.Sent.ShouldBe(0);
    }

    [Fact]
    public async Task Names_that_cannot_be_keys_are_set_aside_with_a_sentence()
    {
        var bench = new DispatchBench(Chain);
        bench.Put("a//b.tif");
        await bench.Deliver();
        var failure = await bench.Store.Failures("input", default).SingleAsync();
        failure.Sentence.ShouldBe("“a//b.tif” has an empty part between slashes.");
        bench.Sent.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_item_of_which_a_step_can_make_no_job_is_set_aside_with_a_sentence_once()
    {
        var bench = new DispatchBench("""
            name: w
            input: {location: ./in, pattern: "{well}-{s}.tif"}
            steps: [{name: only, algorithm: scale, variables: {sigma: "${s}"}}]
            """);
        bench.Put("A-2.tif");
        bench.Put("B-x.tif");
        await bench.Settle(40);
        bench.Sent.ShouldBe(["only A-2.tif"]);
        (await bench.Store.Failures("only", default).SingleAsync()).ShouldSatisfyAllConditions(failure => failure.Key.ShouldBe("B-x.tif"), failure => failure.Sentence.ShouldContain("sigma"));
        bench.Told.Select(told => told.Subject).ShouldBe(["Yunpipe w: 1 item was set aside", "Yunpipe w: finished"]);
    }

    [Fact]
    public async Task A_scatter_that_makes_fewer_items_takes_the_others_out_of_the_view()
    {
        var bench = new DispatchBench("""
            name: w
            input: {location: ./in, include: ["*.tif"]}
            steps: [{name: cut, algorithm: cut}, {name: each, algorithm: copy, inputs: {image: cut.tiles}}]
            """);
        bench.Put("a.tif", "++");
        await bench.Settle(1);
        (await bench.Done()).Count(done => done.StartsWith("each", StringComparison.Ordinal)).ShouldBe(3);
        bench.Put("a.tif", "x");
        await bench.Settle();
        (await bench.LeftToDo()).ShouldBe(0);
    }

    [Theory]
    [InlineData("0055AED6DCD90281E5", "0055AED6DCD90281E5", 0)]
    [InlineData("0055AED6DCD90281E5", "0055AED6DCD90281E6", -1)]
    [InlineData("0055", "00550", 0)]
    [InlineData("0056", "0055AED6DCD90281E6", 1)]
    [InlineData("00ab", "00AC", -1)]
    public void Sequencers_are_padded_on_the_right(string a, string b, int expected) => Math.Sign(Sequencers.Compare(a, b)).ShouldBe(expected);
}
