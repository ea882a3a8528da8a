using Yunpipe.Aws.Stores;
using Yunpipe.Aws.Tests.Emulator;
using Yunpipe.Items;
using Yunpipe.Stores;
using Yunpipe.Tests.Conformance;

namespace Yunpipe.Aws.Tests.Stores;

/// <summary>What a store in S3 promises beyond the other stores: who wins, in which order, and what a crash leaves.</summary>
public sealed class S3StoreProtocolTests : IAsyncLifetime
{
    private readonly SmallAws _aws = new();
    private readonly string _work = Directory.CreateTempSubdirectory("yunpipe-s3-").FullName;
    private TestBuckets _buckets = null!;

    public async ValueTask InitializeAsync() => _buckets = await TestBuckets.Make(_aws.Connect());

    public async ValueTask DisposeAsync()
    {
        await _buckets.DisposeAsync();
        await _aws.DisposeAsync();
        Directory.Delete(_work, recursive: true);
    }

    private string Outputs(string name, string text)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_work, Guid.NewGuid().ToString())).FullName;
        File.WriteAllText(Path.Combine(folder, name), text);
        return folder;
    }

    private static Manifest Made(string job, string attempt, string step = "blur") =>
        Records.Manifest(job, step: step, outputs: ("x", "text")) with { Attempts = [new AttemptRecord(attempt, 1, 2, null)] };

    [Fact]
    public async Task Of_two_attempts_at_once_each_writes_under_its_own_prefix_and_readers_see_the_winners()
    {
        var store = _buckets.Store();
        var both = await Task.WhenAll(store.Commit(Made("j", "one"), Outputs("x", "one"), default), store.Commit(Made("j", "two"), Outputs("x", "two"), default));
        var winner = both[0].Last.Id;
        both[1].Last.Id.ShouldBe(winner);
        var file = new ItemFile(Place.Job, $"blur/{Records.Id("j")}/x", "v", 3);
        (await File.ReadAllTextAsync((await _buckets.Store().Fetch(file, _work, default))!)).ShouldBe(winner);
    }

    [Fact]
    public async Task A_manifest_whose_answer_was_lost_is_our_own_success()
    {
        var faults = new ScriptedFaults();
        await using var aws = new SmallAws(faults.Next);
        await using var buckets = await TestBuckets.Make(aws.Connect());
        faults.When = request => request.Method == "PUT" && request.Path.Contains("/manifests/", StringComparison.Ordinal) ? Fault.LostAnswer : Fault.None;
        var manifest = await buckets.Store().Commit(Made("j", "mine"), Outputs("x", "mine"), default);
        manifest.Last.Id.ShouldBe("mine");
        faults.Made.ShouldBe(1);
        (await buckets.Store().Find("blur", Records.Id("j"), default)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Outputs_and_group_index_stand_before_the_manifest_names_them()
    {
        var keys = new List<string>();
        _aws.S3.Happened += happened => { lock (keys) keys.Add(happened.Key); };
        await _buckets.Store().Commit(Made("j", "one", "grouped"), Outputs("x", "one"), default);
        var manifest = keys.FindIndex(key => key.StartsWith("_yunpipe/manifests/", StringComparison.Ordinal));
        keys.FindIndex(key => key == $"grouped/{Records.Id("j")}/one/x").ShouldBeInRange(0, manifest - 1);
        keys.FindIndex(key => key.StartsWith("_yunpipe/groups/table/P1/", StringComparison.Ordinal)).ShouldBeInRange(0, manifest - 1);
        (await _buckets.Store().Members("table", "P1", default).ToListAsync()).ShouldBe([new GroupMember("grouped", "a.tif", Records.Id("j").ToString())]);
    }

    [Fact]
    public async Task A_crash_before_the_view_is_made_up_for_by_whoever_comes_next()
    {
        var manifest = await _buckets.Store().Commit(Made("j", "one"), Outputs("x", "one"), default);
        var store = _buckets.Store();
        (await store.HasView(manifest, Records.Entries(manifest), default)).ShouldBeFalse();
        await store.MakeView(manifest, Records.Entries(manifest), default);
        _buckets.Viewed("blur/x").ShouldBe("one");
        // What somebody deletes from the results is made again too.
        await _buckets.Results.Delete("blur/x", default);
        (await store.HasView(manifest, Records.Entries(manifest), default)).ShouldBeFalse();
    }

    [Fact]
    public async Task Of_many_views_of_one_item_made_at_once_the_newest_stands_in_the_end()
    {
        var stores = Enumerable.Range(0, 8).Select(_ => _buckets.Store()).ToList();
        await Task.WhenAll(stores.Select(async (store, n) =>
        {
            var manifest = await store.Commit(Made($"j{n}", $"a{n}") with { Order = 1000 + n }, Outputs("x", $"{n}"), default);
            await store.MakeView(manifest, Records.Entries(manifest), default);
        }));
        _buckets.Viewed("blur/x").ShouldBe("7");
        (await _buckets.Store().FindItem("blur", "a.tif", default))?.Order.ShouldBe(1007);
    }

    [Fact]
    public async Task What_a_role_may_not_know_to_be_absent_is_absent_all_the_same()
    {
        _aws.S3.HidesAbsent = true;
        var store = _buckets.Store();
        (await store.Find("blur", Records.Id("j"), default)).ShouldBeNull();
        (await store.FindContent("blur", Records.Id("c").ToString(), default)).ShouldBeNull();
        var manifest = await store.Commit(Made("j", "one"), Outputs("x", "one"), default);
        (await store.MakeView(manifest, Records.Entries(manifest), default)).ShouldBeNull();
        _buckets.Viewed("blur/x").ShouldBe("one");
        (await store.Fetch(new ItemFile(Place.Job, $"blur/{Records.Id("j")}/gone", "v", 1), _work, default)).ShouldBeNull();
        (await store.FindFailure("blur", Records.Id("j"), default)).ShouldBeNull();
    }

    [Fact]
    public async Task Steps_that_others_read_have_no_view()
    {
        var store = _buckets.Store(step => step == "last");
        foreach (var step in new[] { "first", "last" })
        {
            var manifest = await store.Commit(Made(step, "one", step), Outputs("x", step), default);
            await store.MakeView(manifest, Records.Entries(manifest), default);
            (await store.HasView(manifest, Records.Entries(manifest), default)).ShouldBeTrue();
        }
        _buckets.Viewed("first/x").ShouldBeNull();
        _buckets.Viewed("last/x").ShouldBe("last");
    }

    [Fact]
    public async Task A_name_that_s3_cannot_hold_is_refused_in_words()
    {
        var deep = string.Join('/', Enumerable.Repeat(new string('n', 200), 5));
        var folder = Path.Combine(_work, "deep");
        Directory.CreateDirectory(Path.Combine(folder, Path.GetDirectoryName(deep)!));
        await File.WriteAllTextAsync(Path.Combine(folder, deep), "x");
        var refused = await Should.ThrowAsync<PathTooLongException>(_buckets.Store().Commit(Made("j", "one"), folder, default));
        refused.Message.ShouldContain("S3 takes at most 1024");
        Yunpipe.Work.Failure.From(refused).Cause.ShouldBe(Cause.OutputName);
    }

    [Fact]
    public async Task Items_with_the_longest_keys_have_records_and_can_be_retired_with_what_is_below_them()
    {
        var key = string.Join('/', Enumerable.Repeat(new string('k', 203), 5))[..1010];
        var store = _buckets.Store();
        foreach (var each in new[] { key, key + "/below", key + "0" })
        {
            var manifest = await store.Commit(Made(each, "one") with { Key = each }, null, default);
            await store.MakeView(manifest, [], default);
        }
        await store.Retire("blur", key, default);
        (await store.FindItem("blur", key, default)).ShouldBeNull();
        (await store.FindItem("blur", key + "/below", default)).ShouldBeNull();
        (await store.FindItem("blur", key + "0", default)).ShouldNotBeNull();
    }
}
