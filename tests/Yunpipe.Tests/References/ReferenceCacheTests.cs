using Microsoft.Extensions.Time.Testing;
using Yunpipe.Local.References;
using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Tests.References;

/// <summary>Copies of reference data on this machine, whatever the service they come from.</summary>
public sealed class ReferenceCacheTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("yunpipe-references-").FullName;
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private int _fetched;

    public void Dispose() => AttemptFolders.Delete(_folder);

    private ReferenceCache Cache(TimeProvider? time = null) => new(Path.Combine(_folder, "cache"), time ?? _time, _ => { });

    private RemoteReference File(string source, string version, string text, Func<Task>? half = null) => new(source, "model.pt", false, version, text.Length, async (path, moved, _) =>
    {
        Interlocked.Increment(ref _fetched);
        await System.IO.File.WriteAllTextAsync(path, text[..(text.Length / 2)], CancellationToken.None);
        if (half is not null) await half();
        await System.IO.File.WriteAllTextAsync(path, text, CancellationToken.None);
        moved(text.Length);
        return true;
    });

    private static RemoteReference Folder(params string[] files) => new("folder", "atlas", true, string.Join(' ', files), 0, async (path, _, _) =>
    {
        foreach (var file in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(path, file))!);
            await System.IO.File.WriteAllTextAsync(Path.Combine(path, file), file, CancellationToken.None);
        }
        return true;
    });

    private IEnumerable<string> Copies => Directory.EnumerateFiles(_folder, "model.pt", SearchOption.AllDirectories);

    [Fact]
    public async Task A_version_is_fetched_once_and_has_the_digest_of_its_bytes()
    {
        var here = Path.Combine(_folder, "here");
        await System.IO.File.WriteAllTextAsync(here, "weights", TestContext.Current.CancellationToken);
        for (var run = 0; run < 3; run++)
        {
            using var cache = Cache();
            var found = await cache.Bring(File("a", "1", "weights"), _ => { }, default);
            found!.Digest.ShouldBe(ContentDigest.OfFile(here).ToString());
            Path.GetFileName(found.Path).ShouldBe("model.pt");
        }
        _fetched.ShouldBe(1);
        using var other = Cache();
        (await other.Bring(File("b", "1", "weights"), _ => { }, default))!.Digest.ShouldBe(ContentDigest.OfFile(here).ToString());
        _fetched.ShouldBe(2, "it is another source");
    }

    [Fact]
    public async Task A_folder_has_the_digest_that_a_folder_here_has_and_cannot_be_written()
    {
        string[] files = ["z.txt", "a/b.txt", "a.txt", "ü/ c.txt"];
        var here = Path.Combine(_folder, "here");
        await Folder(files).Fetch(here, _ => { }, default);
        using var cache = Cache();
        var found = await cache.Bring(Folder(files), _ => { }, default);
        found!.Digest.ShouldBe(ContentDigest.OfDirectory(here).Digest.ToString());
        foreach (var entry in new DirectoryInfo(found.Path).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)) (entry.UnixFileMode & (UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)).ShouldBe(UnixFileMode.None);
    }

    [Fact]
    public async Task A_fetch_that_breaks_off_leaves_nothing_and_one_that_was_killed_is_made_again()
    {
        var cache = Cache();
        await Should.ThrowAsync<IOException>(() => cache.Bring(File("a", "1", "weights", () => throw new IOException("broken")), _ => { }, default));
        Copies.ShouldBeEmpty();
        (await cache.Bring(File("a", "1", "weights") with { Fetch = (_, _, _) => Task.FromResult(false) }, _ => { }, default)).ShouldBeNull();
        Copies.ShouldBeEmpty();
        var whole = (await cache.Bring(File("a", "1", "weights"), _ => { }, default))!;
        cache.Dispose();
        // As a killed command leaves it: bytes, and no word that they are all.
        System.IO.File.Delete(Path.Combine(Path.GetDirectoryName(whole.Path)!, "../whole.json"));
        System.IO.File.SetUnixFileMode(whole.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await System.IO.File.WriteAllTextAsync(whole.Path, "wei", TestContext.Current.CancellationToken);
        using var next = Cache();
        next.Find(File("a", "1", "weights")).ShouldBeNull();
        var again = (await next.Bring(File("a", "1", "weights"), _ => { }, default))!;
        (await System.IO.File.ReadAllTextAsync(again.Path, TestContext.Current.CancellationToken)).ShouldBe("weights");
    }

    [Fact]
    public async Task Whoever_comes_while_it_is_fetched_waits_and_takes_what_came()
    {
        var (half, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        var waits = 0;
        using var first = Cache(TimeProvider.System);
        var fetching = first.Bring(File("a", "1", "weights", () => { half.SetResult(); return go.Task; }), _ => { }, default);
        await half.Task;
        using var second = new ReferenceCache(Path.Combine(_folder, "cache"), TimeProvider.System, _ => Interlocked.Increment(ref waits));
        var waiting = second.Bring(File("a", "1", "weights"), _ => { }, default);
        await Task.Delay(300, TestContext.Current.CancellationToken);
        waiting.IsCompleted.ShouldBeFalse();
        go.SetResult();
        (await waiting)!.Path.ShouldBe((await fetching)!.Path);
        (_fetched, waits).ShouldBe((1, 1));
    }

    [Fact]
    public async Task A_copy_goes_when_its_source_has_another_version_or_nobody_uses_it_for_a_month_but_never_while_it_is_read()
    {
        var reading = Cache();
        var old = (await reading.Bring(File("a", "1", "old"), _ => { }, default))!;
        using (var cache = Cache()) await cache.Bring(File("a", "2", "new"), _ => { }, default);
        System.IO.File.Exists(old.Path).ShouldBeTrue("somebody reads it");
        reading.Dispose();
        using (var cache = Cache()) await cache.Bring(File("a", "3", "newer"), _ => { }, default);
        Copies.Count().ShouldBe(1);
        _time.Advance(TimeSpan.FromDays(20));
        using (var cache = Cache()) cache.Find(File("a", "3", "newer")).ShouldNotBeNull();
        _time.Advance(TimeSpan.FromDays(20));
        using (var cache = Cache()) await cache.Bring(File("b", "1", "other"), _ => { }, default);
        Copies.Count().ShouldBe(2, "it was used twenty days ago");
        _time.Advance(TimeSpan.FromDays(31));
        using (var cache = Cache()) await cache.Bring(File("c", "1", "third"), _ => { }, default);
        Copies.Count().ShouldBe(1);
    }

    [Fact]
    public async Task What_is_no_copy_any_more_is_fetched_again()
    {
        using (var cache = Cache())
        {
            var found = (await cache.Bring(Folder("a.txt", "b.txt"), _ => { }, default))!;
            System.IO.File.Delete(Path.Combine(found.Path, "b.txt"));
        }
        using var next = Cache();
        next.Find(Folder("a.txt", "b.txt")).ShouldBeNull();
        var again = (await next.Bring(Folder("a.txt", "b.txt"), _ => { }, default))!;
        System.IO.File.Exists(Path.Combine(again.Path, "b.txt")).ShouldBeTrue();
    }
}
