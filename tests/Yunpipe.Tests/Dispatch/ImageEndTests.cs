using Yunpipe.Stores;

namespace Yunpipe.Tests.Dispatch;

/// <summary>When an image that comes file by file is whole.</summary>
public sealed class ImageEndTests
{
    private static DispatchBench Images(string more) => new($$"""
        name: w
        input: {location: ./in, kind: directory{{more}}}
        steps: [{name: only, algorithm: folder}]
        """, quiet: 86_400);

    [Theory]
    [InlineData("${path}/done.txt", "x/a.ome.zarr/done.txt", "")]
    [InlineData("${path}/.done", "x/a.ome.zarr/.done", "0/0\n0/1\n")]
    [InlineData("${path}.done", "x/a.ome.zarr.done", "")]
    [InlineData("${path}.json", "x/a.ome.zarr.json", "a.ome.zarr/0/0\r\na.ome.zarr/0/1")]
    [InlineData("${path}.files", "x/a.ome.zarr.files", "x/a.ome.zarr/0/0\nx/a.ome.zarr/0/1")]
    public async Task A_file_in_it_or_beside_it_closes_an_image(string closed, string file, string text)
    {
        var bench = Images($", closed: \"{closed}\"");
        bench.Put("x/a.ome.zarr/0/0");
        bench.Put("x/a.ome.zarr/0/1");
        bench.Put("x/b.ome.zarr/0/0");
        await bench.Settle(5);
        bench.Sent.ShouldBeEmpty();
        bench.Put(file, text);
        await bench.Settle(3);
        bench.Sent.ShouldBe(["only x/a.ome.zarr"]);
        (await bench.Done()).ShouldBe(["only x/a.ome.zarr"]);
    }

    [Fact]
    public async Task Files_that_the_closing_file_names_are_waited_for_also_after_a_cold_start()
    {
        var bench = Images(", closed: \"${path}.done\"");
        bench.Put("a.zarr.done", "0/0\n0/1");
        bench.Put("a.zarr/0/0");
        await bench.Settle(5);
        bench.Sent.ShouldBeEmpty();
        bench.Another();
        bench.Put("a.zarr/0/1");
        await bench.Settle(3);
        bench.Sent.ShouldBe(["only a.zarr"]);
    }

    [Fact]
    public async Task An_image_is_whole_with_as_many_files_as_are_counted_and_is_made_again_when_one_is_corrected()
    {
        var bench = Images(", count: 3");
        bench.Put("a.zarr/0/0");
        bench.Put("a.zarr/0/1");
        await bench.Settle(5);
        bench.Sent.ShouldBeEmpty();
        bench.Put("a.zarr/.zattrs");
        await bench.Settle(3);
        bench.Sent.ShouldBe(["only a.zarr"]);
        bench.Put("a.zarr/0/1", "corrected");
        await bench.Settle(3);
        bench.Sent.ShouldBe(["only a.zarr", "only a.zarr"]);
    }

    [Fact]
    public async Task What_is_never_closed_is_taken_when_it_was_left_alone_for_its_own_quiet_period()
    {
        var bench = Images(", closed: \"${path}.done\", quiet: 5 min");
        bench.Put("a.zarr/0/0");
        await bench.Settle(3);
        bench.Sent.ShouldBeEmpty();
        await bench.Settle(5);
        bench.Sent.ShouldBe(["only a.zarr"]);
    }

    [Fact]
    public async Task A_closing_file_that_no_event_told_of_is_found_by_the_sweep()
    {
        var bench = Images(", closed: \"${path}/done\"");
        bench.Put("a.zarr/0/0", tell: false);
        bench.Put("a.zarr/done", "", tell: false);
        await bench.Settle(3);
        bench.Sent.ShouldBe(["only a.zarr"]);
    }

    [Fact]
    public async Task Images_that_are_parts_of_one_item_are_waited_for_and_closed_one_by_one()
    {
        var bench = new DispatchBench("""
            name: w
            input: {location: ./in, kind: directory, pattern: "{plate}/{well}-{ch}.zarr", item: {key: "${plate}/${well}", parts: {a: {ch: 1}, b: {ch: 2}}}, closed: "${path}.done"}
            steps: [{name: pair, algorithm: folders, inputs: {a: input.a, b: input.b}}]
            """, quiet: 86_400);
        foreach (var channel in (int[])[1, 2]) bench.Put($"P/A-{channel}.zarr/0");
        bench.Put("P/A-1.zarr.done", "");
        await bench.Settle(3);
        bench.Sent.ShouldBeEmpty();
        bench.Put("P/A-2.zarr.done", "");
        await bench.Settle(3);
        bench.Sent.ShouldBe(["pair P/A"]);
    }
}
