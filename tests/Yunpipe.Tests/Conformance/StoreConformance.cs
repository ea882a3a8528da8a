using Yunpipe.Items;
using Yunpipe.Stores;
using static Yunpipe.Tests.Conformance.Records;

namespace Yunpipe.Tests.Conformance;

/// <summary>What every store promises (design.md §3 and §4). Each implementation passes all of it.</summary>
public abstract class StoreConformance : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly string _work = Directory.CreateTempSubdirectory("yunpipe-store-").FullName;
    private IStore? _store;

    protected abstract Task<IStore> Open(string folder);

    /// <summary>The text at a path of the view; null where nothing stands.</summary>
    protected abstract string? Viewed(IStore store, string folder, string path);

    /// <summary>Ends what was started for the store.</summary>
    protected virtual ValueTask Close() => ValueTask.CompletedTask;

    private IStore Store => _store!;

    public async ValueTask InitializeAsync() => _store = await Open(_work);

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        await Close();
        Directory.Delete(_work, recursive: true);
        GC.SuppressFinalize(this);
    }

    private string Outputs(params (string Path, string Text)[] files)
    {
        var folder = Path.Combine(_work, "attempt-" + Guid.NewGuid());
        foreach (var (path, text) in files)
        {
            var full = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, text);
        }
        return folder;
    }

    private async Task<Manifest> Commit(Manifest manifest, params (string Path, string Text)[] files) =>
        await Store.Commit(manifest, files.Length == 0 ? null : Outputs(files), None);

    [Fact]
    public async Task A_job_is_done_when_its_manifest_is_written_and_not_before()
    {
        (await Store.Find("blur", Id("j"), None)).ShouldBeNull();
        await Commit(Manifest("j"));
        (await Store.Find("blur", Id("j"), None)).ShouldNotBeNull().Key.ShouldBe("a.tif");
    }

    [Fact]
    public async Task A_manifest_comes_back_as_it_was_written()
    {
        var written = Manifest("j", outputs: ("a_blur.tif", "bytes")) with { Missing = ["b.tif"], OutputsOf = Id("other").ToString(), Image = "img@sha256:1" };
        await Commit(written);
        var read = await Store.Find("blur", Id("j"), None);
        System.Text.Json.JsonSerializer.Serialize(read, RecordJson.Default.Manifest).ShouldBe(System.Text.Json.JsonSerializer.Serialize(written, RecordJson.Default.Manifest));
    }

    [Fact]
    public async Task Of_two_commits_of_one_job_the_first_stands_and_the_second_learns_it()
    {
        await Commit(Manifest("j", outputs: ("x", "one")), ("x", "one"));
        var second = await Commit(Manifest("j", outputs: ("x", "two")) with { Algorithm = "sha256:second" }, ("x", "two"));
        second.Algorithm.ShouldBe("sha256:0");
        (await Read("blur", "j", "x")).ShouldBe("one");
    }

    [Fact]
    public async Task Of_fifty_commits_at_once_one_stands()
    {
        var all = await Task.WhenAll(Enumerable.Range(0, 50).Select(n => Task.Run(() => Commit(Manifest("j") with { Algorithm = $"sha256:{n}" }))));
        all.Select(manifest => manifest.Algorithm).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task Outputs_are_kept_under_their_job_and_can_be_fetched()
    {
        await Commit(Manifest("j", outputs: ("deep/x.tif", "bytes")), ("deep/x.tif", "bytes"));
        (await Read("blur", "j", "deep/x.tif")).ShouldBe("bytes");
        (await Read("blur", "j", "deep/y.tif")).ShouldBeNull();
    }

    [Fact]
    public async Task Equal_content_is_found_only_while_its_outputs_are_kept_and_at_its_step()
    {
        await Commit(Manifest("j", content: "c", outputs: ("x", "one")), ("x", "one"));
        var id = Id("c").ToString();
        (await Store.FindContent("blur", id, None))?.Job.ShouldBe(Id("j").ToString());
        (await Store.FindContent("blur", Id("d").ToString(), None)).ShouldBeNull();
    }

    [Fact]
    public async Task The_view_shows_the_current_job_of_an_item_and_forgets_what_it_no_longer_makes()
    {
        var first = await Commit(Manifest("one", outputs: [("x", "1"), ("y", "1")]), ("x", "1"), ("y", "1"));
        (await Store.HasView(first, Entries(first), None)).ShouldBeFalse();
        (await Store.MakeView(first, Entries(first), None)).ShouldBeNull();
        Viewed(Store, _work, "blur/x").ShouldBe("1");
        (await Store.HasView(first, Entries(first), None)).ShouldBeTrue();

        var second = await Commit(Manifest("two", outputs: ("x", "2")), ("x", "2"));
        await Store.MakeView(second, Entries(second), None);
        Viewed(Store, _work, "blur/x").ShouldBe("2");
        Viewed(Store, _work, "blur/y").ShouldBeNull();
        (await Store.HasView(first, Entries(first), None)).ShouldBeFalse();
        (await Read("blur", "one", "x")).ShouldBe("1");
    }

    [Fact]
    public async Task Changing_back_shows_the_old_bytes_again()
    {
        var first = await Commit(Manifest("one", outputs: ("x", "1")), ("x", "1"));
        await Store.MakeView(first, Entries(first), None);
        var second = await Commit(Manifest("two", outputs: ("x", "2")), ("x", "2"));
        await Store.MakeView(second, Entries(second), None);
        await Store.MakeView(first, Entries(first), None);
        Viewed(Store, _work, "blur/x").ShouldBe("1");
        (await Store.FindItem("blur", "a.tif", None))?.Job.ShouldBe(first.Job);
    }

    [Fact]
    public async Task The_results_of_a_job_whose_input_came_later_stay_whichever_ends_last()
    {
        var newer = await Commit(Manifest("newer", outputs: ("x", "new")) with { Order = 2000 }, ("x", "new"));
        (await Store.MakeView(newer, Entries(newer), None)).ShouldBeNull();
        var older = await Commit(Manifest("older", outputs: ("x", "old")) with { Order = 1000 }, ("x", "old"));
        (await Store.MakeView(older, Entries(older), None)).ShouldBeNull();
        Viewed(Store, _work, "blur/x").ShouldBe("new");
        (await Store.HasView(older, Entries(older), None)).ShouldBeTrue("it is not to be tried for ever");
        (await Store.FindItem("blur", "a.tif", None))?.Job.ShouldBe(newer.Job);
        // Asked for anew, as when a variable is set back, it is the newest.
        await Store.MakeView(older with { Order = 3000 }, Entries(older), None);
        Viewed(Store, _work, "blur/x").ShouldBe("old");
    }

    [Fact]
    public async Task A_directory_is_one_output_with_all_its_files()
    {
        (string, string)[] files = [("image.zarr/.zattrs", "{}"), ("image.zarr/0/0.0", "chunk"), ("image.zarr/0/1 0+%", "odd")];
        var manifest = Manifest("j") with { Outputs = [new ManifestOutput("out", "image.zarr", 10, "sha256:0", 3)] };
        await Commit(manifest, files);
        await Store.MakeView(manifest, Entries(manifest), None);
        foreach (var (path, text) in files) Viewed(Store, _work, "blur/" + path).ShouldBe(text);
        var folder = await Store.Fetch(new ItemFile(Place.Job, $"blur/{Id("j")}/image.zarr", "v", 10, IsDirectory: true), Path.Combine(_work, "fetch"), None);
        foreach (var (path, text) in files) (await File.ReadAllTextAsync(Path.Combine(folder!, path["image.zarr/".Length..]))).ShouldBe(text);
    }

    [Fact]
    public async Task Names_are_kept_as_they_are()
    {
        (string Path, string Text)[] files = [("a b+c%20.tif", "1"), ("häß/“quoted”#1.tif", "2"), ("-dash\nline.tif", "3"), ("empty", ""), ("'\"&<>.tif", "5")];
        var manifest = await Commit(Manifest("j", "häß/a b+c%20.tif", outputs: files), files);
        await Store.MakeView(manifest, Entries(manifest), None);
        foreach (var (path, text) in files)
        {
            (await Read("blur", "j", path)).ShouldBe(text);
            Viewed(Store, _work, "blur/" + path).ShouldBe(text);
        }
        (await Store.FindItem("blur", "häß/a b+c%20.tif", None))?.Job.ShouldBe(manifest.Job);
    }

    [Fact]
    public async Task Two_items_cannot_stand_at_one_path()
    {
        var mine = await Commit(Manifest("one", "a.tif", outputs: ("x", "1")), ("x", "1"));
        var yours = await Commit(Manifest("two", "a.png", outputs: ("x", "2")), ("x", "2"));
        (await Store.MakeView(mine, Entries(mine), None)).ShouldBeNull();
        (await Store.MakeView(yours, Entries(yours), None)).ShouldBe("a.tif");
        Viewed(Store, _work, "blur/x").ShouldBe("1");
    }

    [Fact]
    public async Task A_failure_stands_until_it_is_forgotten_and_attempts_go_with_it()
    {
        await Store.AddAttempt("blur", Id("j"), new AttemptRecord("t1", 1, 2, null, Cause.OutOfMemory), None);
        await Store.AddAttempt("blur", Id("j"), new AttemptRecord("t2", 3, 4, null, Cause.TimedOut), None);
        (await Store.Attempts("blur", Id("j"), None)).Select(attempt => attempt.Id).ShouldBe(["t1", "t2"]);
        await Store.SetAside(Failure("j"), None);
        (await Store.FindFailure("blur", Id("j"), None))?.Sentence.ShouldBe("It failed.");
        (await Store.ForgetFailure("blur", Id("j"), None)).ShouldBeTrue();
        (await Store.FindFailure("blur", Id("j"), None)).ShouldBeNull();
        (await Store.Attempts("blur", Id("j"), None)).ShouldBeEmpty();
        (await Store.ForgetFailure("blur", Id("j"), None)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_new_job_of_an_item_replaces_the_failure_of_its_old_one()
    {
        await Store.SetAside(Failure("old", "a.tif"), None);
        await Store.SetAside(Failure("other", "b.tif"), None);
        await Store.SetAside(Failure("newer", "a.tif"), None);
        (await Store.FindFailure("blur", Id("old"), None)).ShouldBeNull();
        await Commit(Manifest("newest", "a.tif"));
        (await Store.FindFailure("blur", Id("newer"), None)).ShouldBeNull();
        (await Store.FindFailure("blur", Id("other"), None)).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_retired_item_leaves_the_view_and_its_neighbours_stay()
    {
        foreach (var key in new[] { "a.tif/t1", "a.tif/t10", "a.tif/t1/deep", "a.tif0" })
        {
            var made = await Commit(Manifest(key, key, outputs: (key.Replace('/', '-'), "x")), (key.Replace('/', '-'), "x"));
            await Store.MakeView(made, Entries(made), None);
        }
        await Store.Retire("blur", "a.tif/t1", None);
        Viewed(Store, _work, "blur/a.tif-t1").ShouldBeNull();
        Viewed(Store, _work, "blur/a.tif-t1-deep").ShouldBeNull();
        Viewed(Store, _work, "blur/a.tif-t10").ShouldBe("x");
        Viewed(Store, _work, "blur/a.tif0").ShouldBe("x");
        (await Store.Find("blur", Id("a.tif/t1"), None)).ShouldNotBeNull();
    }

    [Fact]
    public async Task The_manifest_wins_over_a_failure_whichever_comes_first()
    {
        await Store.SetAside(Failure("a"), None);
        await Commit(Manifest("a"));
        (await Store.FindFailure("blur", Id("a"), None)).ShouldBeNull();
        await Commit(Manifest("b"));
        await Store.SetAside(Failure("b"), None);
        (await Store.FindFailure("blur", Id("b"), None)).ShouldBeNull();
    }

    [Fact]
    public async Task Everything_can_be_listed_by_step()
    {
        await Task.WhenAll(Enumerable.Range(0, 1203).Select(i => Store.Commit(Manifest($"m{i}", $"k{i}", i % 2 == 0 ? "even" : "odd"), null, None)));
        await Commit(Manifest("last", "last", "even"));
        var even = new List<string>();
        await foreach (var manifest in Store.Manifests("even", None)) even.Add(manifest.Key);
        even.Count.ShouldBe(603);
        even.Distinct().Count().ShouldBe(603);
        await Store.SetAside(Failure("f"), None);
        var failures = new List<string>();
        await foreach (var failure in Store.Failures(null, None)) failures.Add(failure.Key);
        failures.ShouldBe(["a.tif"]);
    }

    private async Task<string?> Read(string step, string job, string path)
    {
        var file = new ItemFile(Place.Job, $"{step}/{Id(job)}/{path}", "v", 1);
        return await Store.Fetch(file, Path.Combine(_work, "fetch"), None) is { } local ? await File.ReadAllTextAsync(local) : null;
    }
}
