using Yunpipe.Dispatch;
using Yunpipe.Stores;

namespace Yunpipe.Tests.Dispatch;

public sealed class GroupTests
{
    private const string Input = """
        name: w
        input: {location: ./in, pattern: "{plate}/{well}.tif"}

        """;

    private static DispatchBench Plates(string gather, int quiet = 300) => new(Input + $$$"""
        steps:
          - {name: each, algorithm: copy, inputs: {image: input}}
          - {name: all, algorithm: join, inputs: {parts: each}, gather: {{{gather}}}}
        """, quiet);

    private static async Task<IReadOnlyList<string>> Members(DispatchBench bench) =>
        [.. (await bench.Store.FindItem("all", "P1", default))!.Inputs.Select(input => input.Key)];

    [Fact]
    public async Task A_group_is_whole_when_it_was_left_alone_and_its_members_are_settled()
    {
        var bench = Plates("\"${plate}\"");
        bench.Put("P1/A.tif");
        bench.Put("P1/B.tif");
        await bench.Settle(3);
        bench.Sent.ShouldNotContain("all P1");
        await bench.Settle(8);
        bench.Sent.Count(sent => sent == "all P1").ShouldBe(1);
        (await Members(bench)).ShouldBe(["P1/A.tif", "P1/B.tif"]);
        (await bench.LeftToDo()).ShouldBe(0);
    }

    [Fact]
    public async Task A_member_on_its_way_holds_its_group_however_long_it_takes()
    {
        var bench = Plates("\"${plate}\"");
        bench.Put("P1/A.tif");
        bench.Put("P1/B.tif");
        await bench.Deliver();
        var slow = bench.Queue.Single(job => job.Key == "P1/B.tif");
        bench.Queue.Remove(slow);
        await bench.Work();
        bench.Queue.Add(slow);
        await bench.Deliver();
        for (var minute = 0; minute < 90; minute++) await bench.Minute();
        bench.Sent.ShouldNotContain("all P1");
        await bench.Settle();
        (await Members(bench)).ShouldBe(["P1/A.tif", "P1/B.tif"]);
    }

    [Theory]
    [InlineData("{by: \"${plate}\", count: 2}")]
    [InlineData("{by: \"${plate}\", expect: {well: [A, B]}}")]
    public async Task What_it_expects_closes_a_group_at_once(string gather)
    {
        var bench = Plates(gather, quiet: 86_400);
        bench.Put("P1/A.tif");
        await bench.Settle(3);
        bench.Sent.ShouldNotContain("all P1");
        bench.Put("P1/B.tif");
        await bench.Settle(3);
        bench.Sent.Count(sent => sent == "all P1").ShouldBe(1);
        (await bench.LeftToDo()).ShouldBe(0);
    }

    [Theory]
    [InlineData("")]
    [InlineData("A.tif\nB.tif\n")]
    [InlineData("P1/A.tif\r\nP1/B.tif")]
    public async Task A_file_closes_its_group_and_is_no_item(string text)
    {
        var bench = Plates("{by: \"${plate}\", closed: \"${plate}/done.tif\"}", quiet: 86_400);
        bench.Put("P1/A.tif");
        bench.Put("P1/B.tif");
        await bench.Settle(3);
        bench.Put("P1/done.tif", text);
        await bench.Settle(3);
        bench.Sent.ShouldBe(["each P1/A.tif", "each P1/B.tif", "all P1"], ignoreOrder: true);
        (await bench.LeftToDo()).ShouldBe(0);
    }

    [Fact]
    public async Task A_file_that_names_a_member_which_nobody_has_seen_sets_the_group_aside_until_that_comes()
    {
        var bench = Plates("{by: \"${plate}\", closed: \"${plate}/done.txt\"}", quiet: 600);
        bench.Put("P1/A.tif");
        bench.Put("P1/done.txt", "A.tif\nB.tif");
        await bench.Settle(3);
        (await bench.Store.Failures("all", default).SingleAsync()).Sentence.ShouldBe("The group “P1” lacks B.tif.");
        bench.Put("P1/B.tif");
        await bench.Settle(3);
        (await Members(bench)).ShouldBe(["P1/A.tif", "P1/B.tif"]);
        (await bench.Store.Failures("all", default).CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task A_set_aside_member_fails_its_group_or_is_skipped_or_waited_for()
    {
        foreach (var (policy, sent, aside) in new[] { ("fail", 0, 1), ("skip", 1, 0), ("wait", 0, 0) })
        {
            var bench = Plates($"{{by: \"${{plate}}\", missing: {policy}}}");
            bench.Poison.Add("P1/B.tif");
            bench.Put("P1/A.tif");
            bench.Put("P1/B.tif");
            await bench.Settle();
            bench.Sent.Count(job => job == "all P1").ShouldBe(sent, policy);
            (await bench.Store.Failures("all", default).CountAsync()).ShouldBe(aside, policy);
            if (policy == "skip") (await bench.Store.FindItem("all", "P1", default))!.Missing.ShouldBe(["P1/B.tif"]);
            // Mended and tried again, it makes the group whole.
            bench.Poison.Clear();
            bench.Put("P1/B.tif", "mended");
            await bench.Settle();
            (await Members(bench)).ShouldBe(["P1/A.tif", "P1/B.tif"], policy);
            (await bench.LeftToDo()).ShouldBe(0, policy);
        }
    }

    [Theory]
    [InlineData("fail", 0)]
    [InlineData("skip", 1)]
    public async Task A_member_that_was_set_aside_without_an_event_settles_its_group_all_the_same(string policy, int sent)
    {
        var bench = Plates($"{{by: \"${{plate}}\", missing: {policy}}}");
        bench.Poison.Add("P1/B.tif");
        bench.Put("P1/A.tif");
        bench.Put("P1/B.tif");
        await bench.Deliver();
        await bench.Work();
        var aside = await bench.Store.Failures("each", default).SingleAsync();
        bench.Happened.RemoveAll(happened => happened is StoreEvent.Recorded { Step: "each", Job: var job } && job == aside.Job).ShouldBe(1);
        await bench.Settle(60);
        bench.Sent.Count(job => job == "all P1").ShouldBe(sent);
        (await bench.Store.Failures("all", default).CountAsync()).ShouldBe(1 - sent);
        (await bench.LeftToDo()).ShouldBe(0);
    }

    [Fact]
    public async Task A_late_a_corrected_and_a_removed_member_make_a_new_job_after_the_quiet_period()
    {
        var bench = Plates("\"${plate}\"");
        bench.Put("P1/A.tif");
        bench.Put("P1/B.tif");
        await bench.Settle();
        bench.Put("P1/C.tif");
        await bench.Settle(3);
        bench.Sent.Count(sent => sent == "all P1").ShouldBe(1);
        await bench.Settle();
        (await Members(bench)).ShouldBe(["P1/A.tif", "P1/B.tif", "P1/C.tif"]);
        bench.Put("P1/B.tif", "2");
        await bench.Settle();
        bench.Sent.Count(sent => sent == "all P1").ShouldBe(3);
        bench.Another();
        bench.Remove("P1/A.tif");
        await bench.Settle();
        (await Members(bench)).ShouldBe(["P1/B.tif", "P1/C.tif"]);
        (await bench.LeftToDo()).ShouldBe(0);
    }

    [Fact]
    public async Task A_group_and_an_item_that_become_again_what_they_were_show_the_former_result()
    {
        var bench = Plates("\"${plate}\"");
        bench.Put("P1/A.tif");
        await bench.Settle();
        bench.Put("P1/B.tif");
        bench.Put("P1/A.tif", "2");
        await bench.Settle();
        bench.Remove("P1/B.tif");
        bench.Put("P1/A.tif", "1");
        await bench.Settle(20);
        (await Members(bench)).ShouldBe(["P1/A.tif"]);
        (await bench.Store.FindItem("each", "P1/A.tif", default))!.Inputs.Single().Version.ShouldBe("etag-1");
    }

    [Fact]
    public async Task Single_items_join_the_result_of_their_group_and_groups_make_wider_groups()
    {
        var bench = new DispatchBench(Input + """
            steps:
              - {name: field, algorithm: join, inputs: {parts: input}, gather: "${plate}"}
              - {name: flat,  algorithm: copy, inputs: {image: field}}
              - {name: each,  algorithm: pair, inputs: {a: input, b: flat}}
              - {name: plate, algorithm: join, inputs: {parts: each}, gather: "${plate}"}
              - {name: total, algorithm: join, inputs: {parts: plate}, gather: all}
            """);
        foreach (var plate in (string[])["P1", "P2"])
            foreach (var well in (string[])["A", "B"]) bench.Put($"{plate}/{well}.tif");
        await bench.Settle(40);
        (await bench.Done()).ShouldBe(["each P1/A.tif", "each P1/B.tif", "each P2/A.tif", "each P2/B.tif", "field P1", "field P2", "flat P1", "flat P2", "plate P1", "plate P2", "total all"]);
        (await bench.LeftToDo()).ShouldBe(0);
        bench.Sent.Count.ShouldBe(11);
    }

    [Fact]
    public async Task A_directory_of_files_is_one_item_when_nothing_came_for_a_while()
    {
        var bench = new DispatchBench("""
            name: w
            input: {location: ./in, kind: directory}
            steps: [{name: only, algorithm: folder}]
            """, quiet: 120);
        for (var n = 0; n < 10; n++) bench.Put($"x/a.ome.zarr/0/{n}");
        await bench.Deliver();
        await bench.Minute();
        bench.Put("x/a.ome.zarr/.zattrs");
        await bench.Deliver();
        await bench.Minute();
        bench.Sent.ShouldBeEmpty();
        await bench.Settle(5);
        bench.Sent.ShouldBe(["only x/a.ome.zarr"]);
        // One that no event tells of is found by the sweep, and left alone first as well.
        for (var n = 0; n < 3; n++) bench.Put($"x/b.ome.zarr/0/{n}", tell: false);
        bench.Put("x/a.ome.zarr/0/3", "changed");
        await bench.Settle(40);
        bench.Sent.ShouldBe(["only x/a.ome.zarr", "only x/a.ome.zarr", "only x/b.ome.zarr"], ignoreOrder: true);
    }

    [Fact]
    public async Task What_came_from_one_item_is_gathered_by_its_origin()
    {
        var bench = new DispatchBench(Input + """
            steps:
              - {name: cut, algorithm: cut, inputs: {image: input}}
              - {name: tiles, algorithm: join, inputs: {parts: cut.tiles}, gather: "${origin}"}
            """);
        bench.Put("P1/A.tif", "++");
        await bench.Settle();
        (await bench.Store.FindItem("tiles", "P1/A.tif", default))!.Inputs.Count.ShouldBe(3);
        bench.Put("P1/A.tif", "+");
        await bench.Settle();
        (await bench.Store.FindItem("tiles", "P1/A.tif", default))!.Inputs.Count.ShouldBe(2);
        (await bench.LeftToDo()).ShouldBe(0);
    }
}
