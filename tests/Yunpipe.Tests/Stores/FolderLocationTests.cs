using Yunpipe.Local.Stores;

namespace Yunpipe.Tests.Stores;

public sealed class FolderLocationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("yunpipe-location-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Put(string path, string text, int day)
    {
        var full = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
        File.SetLastWriteTimeUtc(full, new DateTime(2026, 1, day, 0, 0, 0, DateTimeKind.Utc));
    }

    private string Version() => new FolderLocation(_folder).Stat("a.zarr")!.Value.Version;

    [Fact]
    public void A_folder_has_another_version_for_every_change_below_it_and_the_old_one_when_all_is_as_it_was()
    {
        void Fresh()
        {
            Put("a.zarr/.zattrs", "{}", 9);
            Put("a.zarr/0/0", "chunk", 5);
            Put("a.zarr/0/1", "chunk", 6);
        }
        Fresh();
        var seen = new HashSet<string> { Version() };
        void Changed() => seen.Add(Version()).ShouldBeTrue();
        // Older than the newest file, and of the same size, as copies that keep their times are.
        Put("a.zarr/0/0", "other", 4);
        Changed();
        Put("a.zarr/0/0", "chunk", 6);
        Put("a.zarr/0/1", "chunk", 5);
        Changed();
        File.Move(Path.Combine(_folder, "a.zarr/0/1"), Path.Combine(_folder, "a.zarr/0/2"));
        Changed();
        File.Delete(Path.Combine(_folder, "a.zarr/0/2"));
        Changed();
        Fresh();
        seen.ShouldContain(Version());
    }
}
