using System.Text.Json;
using Yunpipe.Local.Stores;
using Yunpipe.Stores;
using Yunpipe.Tests.Conformance;

namespace Yunpipe.Tests.Stores;

public sealed class ManifestsAheadTests : IDisposable
{
    private const int Count = 2000;

    private readonly string _folder = Directory.CreateTempSubdirectory("yunpipe-ahead-").FullName;
    private readonly StateDatabase _writing, _reading;

    public ManifestsAheadTests()
    {
        var path = Path.Combine(_folder, "state.db");
        _writing = new StateDatabase(path, write: true);
        _reading = new StateDatabase(path, write: false);
        _writing.Execute("begin");
        for (var i = 0; i < Count; i++) Insert(i);
        _writing.Execute("commit");
    }

    public void Dispose()
    {
        _reading.Dispose();
        _writing.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    public static TheoryData<string> Orders => ["as written", "backwards", "shuffled", "twice", "with gaps", "two by two the wrong way round", "only the end", "ten slots", "three steps by turns"];

    [Theory]
    [MemberData(nameof(Orders))]
    public void Every_job_finds_its_own_manifest_in_whatever_order_it_is_asked_for(string order)
    {
        var all = Enumerable.Range(0, Count).ToArray();
        int[] asked = order switch
        {
            "backwards" => [.. all.Reverse()],
            "shuffled" => Shuffled(all),
            "twice" => [.. all, .. all],
            "with gaps" => [.. all.Where(i => i % 3 == 0 || i is > 500 and < 900)],
            "two by two the wrong way round" => [.. all.Select(i => i ^ 1)],
            "only the end" => [.. all[^300..], .. all[..300]],
            "three steps by turns" => [.. Enumerable.Range(0, 600).SelectMany(i => (int[])[i, 700 + i, 1400 + i])],
            "ten slots" => [.. all.Chunk(10).SelectMany(Shuffled)],
            _ => all,
        };
        var ahead = new ManifestsAhead(_reading);
        foreach (var i in asked) ahead.Find(Id(i))!.Key.ShouldBe($"key {i}");
        ahead.Find(Records.Id("nobody")).ShouldBeNull();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public void Two_that_stand_close_together_bring_those_behind_them(int first)
    {
        var ahead = new ManifestsAhead(_reading);
        ahead.Find(Id(first)).ShouldNotBeNull();
        ahead.Find(Id(first + 1)).ShouldNotBeNull();
        // What was read needs no row any more; and what is one slot late is not the end of it.
        _writing.Execute("delete from manifests");
        for (var i = first + 2; i < first + 202; i++) ahead.Find(Id(i ^ 1)).ShouldNotBeNull($"number {i ^ 1}");
    }

    [Fact]
    public void Those_far_apart_bring_nothing_but_themselves()
    {
        var ahead = new ManifestsAhead(_reading);
        foreach (var i in (int[])[500, 1500, 100, 1000]) ahead.Find(Id(i)).ShouldNotBeNull();
        _writing.Execute("delete from manifests");
        foreach (var i in (int[])[501, 1501, 101, 1001]) ahead.Find(Id(i)).ShouldBeNull();
    }

    [Fact]
    public void A_page_that_was_left_half_way_is_kept_while_the_next_is_read()
    {
        var ahead = new ManifestsAhead(_reading);
        foreach (var i in (int[])[1000, 1001]) ahead.Find(Id(i)).ShouldNotBeNull();
        // Past the end of the page, by less than slots can be apart: another page, and the first goes on being asked.
        ahead.Find(Id(1270)).ShouldNotBeNull();
        _writing.Execute("delete from manifests");
        for (var i = 1002; i < 1500; i++)
            if (i != 1270) ahead.Find(Id(i)).ShouldNotBeNull($"number {i}");
    }

    [Fact]
    public void Steps_that_were_added_one_after_the_other_have_a_page_each()
    {
        var ahead = new ManifestsAhead(_reading);
        int[] steps = [0, 500, 1000, 1500];
        for (var i = 0; i < 2 * steps.Length; i++)
            foreach (var step in steps) ahead.Find(Id(step + i)).ShouldNotBeNull();
        _writing.Execute("delete from manifests");
        for (var i = 2 * steps.Length; i < 200; i++)
            foreach (var step in steps) ahead.Find(Id(step + i)).ShouldNotBeNull($"number {step + i}");
    }

    [Fact]
    public async Task Several_threads_may_ask()
    {
        var ahead = new ManifestsAhead(_reading);
        await Parallel.ForAsync(0, Count, (i, _) =>
        {
            ahead.Find(Id(i))!.Key.ShouldBe($"key {i}");
            return ValueTask.CompletedTask;
        });
    }

    [Fact]
    public void A_record_that_cannot_be_read_is_told_by_who_asks_for_it_and_stops_nobody_else()
    {
        _writing.Execute("update manifests set json = x'7b' where id = 11");
        var ahead = new ManifestsAhead(_reading);
        for (var i = 0; i < 300; i++)
            if (i == 10) Should.Throw<JsonException>(() => ahead.Find(Id(10)));
            else ahead.Find(Id(i)).ShouldNotBeNull();
    }

    private static int[] Shuffled(int[] numbers)
    {
        var random = new Random(7);
        return [.. numbers.OrderBy(_ => random.Next())];
    }

    private static JobId Id(int number) => Records.Id($"job {number}");

    private void Insert(int number)
    {
        var manifest = Records.Manifest($"job {number}", $"key {number}");
        _writing.Change("insert into manifests(job, content, step, key, json) values($1, $2, $3, $4, $5)",
            Id(number).ToBytes(), Id(number).ToBytes(), manifest.Step, manifest.Key, JsonSerializer.SerializeToUtf8Bytes(manifest, RecordJson.Default.Manifest));
    }
}
