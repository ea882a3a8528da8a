using Yunpipe.Local.Stores;
using Yunpipe.Stores;

namespace Yunpipe.Tests.Conformance;

public sealed class MemoryStoreTests : StoreConformance
{
    protected override Task<IStore> Open(string folder) => Task.FromResult<IStore>(new MemoryStore());

    protected override string? Viewed(IStore store, string folder, string path) =>
        ((MemoryStore)store).View.TryGetValue(path, out var bytes) ? System.Text.Encoding.UTF8.GetString(bytes) : null;
}

/// <summary>As on a network file system, where SQLite's journal is another.</summary>
public sealed class SharedFolderStoreTests : StoreConformance
{
    private string _folder = "";

    protected override Task<IStore> Open(string folder) => Task.FromResult<IStore>(FolderStore.Open(new StoreLayout(_folder = folder), shared: true));

    protected override string? Viewed(IStore store, string folder, string path) =>
        File.Exists(Path.Combine(folder, path)) ? File.ReadAllText(Path.Combine(folder, path)) : null;

    [Fact]
    public void The_journal_is_no_shared_memory()
    {
        using var database = StateDatabase.OpenToRead(new StoreLayout(_folder).State)!;
        database.Scalar("pragma journal_mode").ShouldBe("delete");
        Directory.GetFiles(Path.GetDirectoryName(new StoreLayout(_folder).State)!, "*-shm").ShouldBeEmpty();
    }

    [Fact]
    public void A_disk_of_this_machine_is_not_taken_for_a_network() => NetworkFolder.Holds("/proc").ShouldBeFalse();
}

public sealed class FolderStoreTests : StoreConformance
{
    protected override async Task<IStore> Open(string folder)
    {
        // A store that held something before asks every question; a fresh one may skip some.
        await using (var first = FolderStore.Open(new StoreLayout(folder))) await first.Commit(Records.Manifest("earlier", "earlier", "earlier"), null, default);
        return FolderStore.Open(new StoreLayout(folder));
    }

    protected override string? Viewed(IStore store, string folder, string path) =>
        File.Exists(Path.Combine(folder, path)) ? File.ReadAllText(Path.Combine(folder, path)) : null;

    [Fact]
    public async Task What_a_crash_left_without_a_manifest_is_not_done_and_gives_way()
    {
        var folder = Directory.CreateTempSubdirectory("yunpipe-store-").FullName;
        var layout = new StoreLayout(folder);
        await using var store = FolderStore.Open(layout);
        var half = Path.Combine(layout.Jobs, "blur", Records.Id("j").ToString());
        Directory.CreateDirectory(half);
        await File.WriteAllTextAsync(Path.Combine(half, "x"), "half");
        (await store.Find("blur", Records.Id("j"), default)).ShouldBeNull();
        var outputs = Directory.CreateDirectory(Path.Combine(folder, "out")).FullName;
        await File.WriteAllTextAsync(Path.Combine(outputs, "x"), "whole");
        await store.Commit(Records.Manifest("j", outputs: ("x", "whole")), outputs, default);
        (await File.ReadAllTextAsync(Path.Combine(half, "x"))).ShouldBe("whole");
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Outputs_whose_manifest_could_not_be_written_take_no_room()
    {
        var folder = Directory.CreateTempSubdirectory("yunpipe-store-").FullName;
        var layout = new StoreLayout(folder);
        await using var store = FolderStore.Open(layout);
        using (var database = new StateDatabase(layout.State, write: true)) database.Execute("create trigger no before insert on manifests begin select raise(abort, 'no'); end");
        var outputs = Directory.CreateDirectory(Path.Combine(folder, "out")).FullName;
        await File.WriteAllTextAsync(Path.Combine(outputs, "x"), "whole");
        await Should.ThrowAsync<IOException>(() => store.Commit(Records.Manifest("j", outputs: ("x", "whole")), outputs, default));
        Directory.EnumerateDirectories(layout.Jobs).SelectMany(Directory.EnumerateDirectories).ShouldBeEmpty();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Records_survive_the_process()
    {
        var folder = Directory.CreateTempSubdirectory("yunpipe-store-").FullName;
        await using (var store = FolderStore.Open(new StoreLayout(folder))) await store.Commit(Records.Manifest("j"), null, default);
        await using (var store = FolderStore.Open(new StoreLayout(folder))) (await store.Find("blur", Records.Id("j"), default)).ShouldNotBeNull();
        Directory.Delete(folder, recursive: true);
    }
}
