using System.Formats.Tar;
using System.Text;
using Yunpipe.Images;
using Yunpipe.Images.Files;

namespace Yunpipe.Tests;

public sealed class ArchivePlaceTests : IDisposable
{
    private readonly ImageScratch _scratch = new();
    private readonly SampleImage _image = new();

    private string Tar => _scratch.At("image.tar");

    public void Dispose() => _scratch.Dispose();

    private NewArchivePlace New(ArchiveForm form = ArchiveForm.Any) => new("the archive", form, () => new ArchiveFile(Tar));

    [Theory]
    [InlineData(ArchiveForm.Oci)]
    [InlineData(ArchiveForm.Docker)]
    [InlineData(ArchiveForm.Any)]
    public async Task An_image_comes_back_as_it_went_in(ArchiveForm form)
    {
        await using (var target = New(form)) await _image.PutInto(target, "lab/x:1");
        await using var source = new ArchivePlace(Tar);
        await _image.ShouldBeIn(source, "lab/x:1");
        await _image.ShouldBeIn(source, null);
        source.MakesManifests.ShouldBeFalse();
        _scratch.Files.ShouldBe(["image.tar"]);
    }

    [Fact]
    public async Task An_archive_of_one_image_is_always_the_same_bytes_and_tar_reads_it()
    {
        await using (var target = New()) await _image.PutInto(target, "1");
        var first = File.ReadAllBytes(Tar);
        await using (var target = New()) await _image.PutInto(target, "1");
        File.ReadAllBytes(Tar).ShouldBe(first);
        using var reader = new TarReader(new MemoryStream(first));
        var names = new List<string>();
        while (reader.GetNextEntry() is { } entry) names.Add(entry.Name);
        names.ShouldContain("oci-layout");
        names.ShouldContain("manifest.json");
        names.Count.ShouldBe(_image.Blobs.Count + 4);
    }

    [Fact]
    public async Task Several_platforms_go_into_an_oci_archive_only()
    {
        var images = new[] { _image, new SampleImage(seed: 2, architecture: "arm64") };
        await using (var target = New()) await SampleImage.PutIndexInto(target, "1", images);
        await using var source = new ArchivePlace(Tar);
        var index = ImageIndex.Read(await source.ReadManifest("1", default), "it");
        index.Manifests.Count.ShouldBe(3);
        foreach (var image in images) await image.ShouldBeIn(source, image.Document.Digest.ToString());
        New(ArchiveForm.Docker).TakesIndexes.ShouldBeFalse();
    }

    [Fact]
    public async Task What_docker_saved_is_read_and_its_digest_is_the_same_each_time()
    {
        var image = new SampleImage(packed: false);
        Save(image, ("layer1/layer.tar", image.Blobs[0].Bytes), ("layer2/layer.tar", image.Blobs[1].Bytes));
        await using (var fresh = new ArchivePlace(Tar)) (await fresh.ReadDocument(image.Config, default)).Digest.ShouldBe(image.Config.Digest);
        await using var source = new ArchivePlace(Tar);
        foreach (var name in new[] { null, "lab/x:1", "docker.io/lab/x:1", "1" })
        {
            var manifest = ImageManifest.Read(await source.ReadManifest(name, default), "it");
            manifest.Config.Digest.ShouldBe(image.Config.Digest);
            manifest.Layers.ShouldBe(image.Manifest.Layers);
        }
        var made = await source.ReadManifest(null, default);
        (await source.ReadManifest(made.Digest.ToString(), default)).ShouldBe(made);
        source.MakesManifests.ShouldBeTrue();
        foreach (var (blob, bytes) in image.Blobs)
        {
            await using var stream = await source.OpenBlob(blob, default);
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy);
            copy.ToArray().ShouldBe(bytes);
        }
    }

    [Fact]
    public async Task A_layer_that_is_a_link_to_another_is_read()
    {
        var image = new SampleImage(packed: false, sizes: [100]);
        Write(tar =>
        {
            Add(tar, "config.json", image.Blobs[^1].Bytes);
            Add(tar, "a/layer.tar", image.Blobs[0].Bytes);
            tar.WriteEntry(new UstarTarEntry(TarEntryType.SymbolicLink, "b/layer.tar") { LinkName = "../a/layer.tar" });
            Add(tar, "manifest.json", """[{"Config":"config.json","Layers":["b/layer.tar"]}]"""u8.ToArray());
        });
        await using var source = new ArchivePlace(Tar);
        ImageManifest.Read(await source.ReadManifest(null, default), "it").Layers[0].ShouldBe(image.Blobs[0].Blob);
    }

    [Fact]
    public async Task Packed_layers_of_docker_archives_keep_their_packing()
    {
        var image = new SampleImage();
        Save(image, ("a.tar", image.Blobs[0].Bytes), ("b.tar", image.Blobs[1].Bytes));
        await using var source = new ArchivePlace(Tar);
        ImageManifest.Read(await source.ReadManifest(null, default), "it").Layers.ShouldBe(image.Manifest.Layers);
    }

    [Fact]
    public async Task An_archive_that_is_packed_as_a_whole_is_read()
    {
        await using (var target = New()) await _image.PutInto(target, "1");
        File.WriteAllBytes(Tar, SampleImage.Gzip(File.ReadAllBytes(Tar)));
        var seen = new List<CopyProgress>();
        await using var source = new ArchivePlace(Tar, progress: new SeenProgress(seen));
        await _image.ShouldBeIn(source, "1");
        var size = new FileInfo(Tar).Length;
        seen[^1].ShouldBe(new CopyProgress($"unpacking “{Tar}”", size, size));
    }

    [Theory]
    [InlineData("../evil", null)]
    [InlineData("/etc/passwd", null)]
    [InlineData("a/../../evil", null)]
    [InlineData("link", "/etc/passwd")]
    [InlineData("a/link", "../../etc/passwd")]
    public async Task Names_and_links_that_lead_out_are_refused(string name, string? link)
    {
        Write(tar =>
        {
            if (link is null) Add(tar, name, []);
            else tar.WriteEntry(new UstarTarEntry(TarEntryType.SymbolicLink, name) { LinkName = link });
        });
        await using var source = new ArchivePlace(Tar);
        await source.FindManifest(null, default).ShouldSay(ImageCodes.UnsafeName, "leads out of it");
        _scratch.Files.ShouldBe(["image.tar"]);
    }

    [Theory]
    [InlineData("""[{"Config":"../config.json","Layers":[]}]""", ImageCodes.UnsafeName)]
    [InlineData("""[{"Config":"config.json","Layers":["/etc/passwd","x"]}]""", ImageCodes.UnsafeName)]
    [InlineData("""[{"Config":"config.json","Layers":["a.tar"]}]""", ImageCodes.BadManifest)]
    [InlineData("""[{"Config":"config.json","Layers":["none","none"]}]""", ImageCodes.NoBlob)]
    [InlineData("""[{"Config":"none","Layers":[]}]""", ImageCodes.NoBlob)]
    [InlineData("""[{"Layers":[]}]""", ImageCodes.BadManifest)]
    [InlineData("""{}""", ImageCodes.BadManifest)]
    [InlineData("""nonsense""", ImageCodes.BadManifest)]
    public async Task A_list_of_images_that_is_wrong_is_said(string manifest, string code)
    {
        var image = new SampleImage(packed: false);
        Write(tar =>
        {
            Add(tar, "config.json", image.Blobs[^1].Bytes);
            Add(tar, "a.tar", image.Blobs[0].Bytes);
            Add(tar, "manifest.json", Encoding.UTF8.GetBytes(manifest));
        });
        await using var source = new ArchivePlace(Tar);
        await source.FindManifest(null, default).ShouldSay(code);
    }

    [Fact]
    public async Task A_file_that_is_cut_off_or_something_else_is_said()
    {
        await using (var target = New()) await _image.PutInto(target, "1");
        var whole = File.ReadAllBytes(Tar);
        foreach (var length in new[] { 0, 100, 700, whole.Length / 2 })
        {
            File.WriteAllBytes(Tar, whole[..length]);
            await using var source = new ArchivePlace(Tar);
            await source.FindManifest("1", default).ShouldSay(ImageCodes.NotAnArchive);
        }
        File.WriteAllBytes(Tar, Enumerable.Range(0, 5000).Select(i => (byte)(i * 7)).ToArray());
        await using (var source = new ArchivePlace(Tar)) await source.FindManifest("1", default).ShouldSay(ImageCodes.NotAnArchive);
        Write(tar => Add(tar, "thesis.txt", [1]));
        await using (var source = new ArchivePlace(Tar)) await source.FindManifest("1", default).ShouldSay(ImageCodes.NotAnArchive, "holds no image");
        File.WriteAllBytes(Tar, SampleImage.Gzip(whole)[..500]);
        await using (var source = new ArchivePlace(Tar)) await source.FindManifest("1", default).ShouldSay(ImageCodes.NotAnArchive);
    }

    [Fact]
    public async Task An_archive_that_is_given_up_leaves_nothing_and_keeps_the_old_one()
    {
        File.WriteAllText(Tar, "old");
        await using (var target = New())
        {
            await target.WriteBlob(_image.Blobs[0].Blob, _image.Blobs[0].Bytes, default);
            await target.WriteBlob(_image.Blobs[1].Blob, new byte[10], default).ShouldSay(ImageCodes.WrongSize);
        }
        _scratch.Files.ShouldBe(["image.tar"]);
        File.ReadAllText(Tar).ShouldBe("old");
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_said()
    {
        await using var target = new NewArchivePlace("x", ArchiveForm.Any, () => new ArchiveFile(_scratch.At("none/image.tar")));
        await _image.PutInto(target, "1").ShouldSay(ImageCodes.Unusable, "none/image.tar");
    }

    [Fact]
    public async Task A_full_disk_is_said()
    {
        await using var target = new NewArchivePlace("x", ArchiveForm.Any, () => new FullDisk());
        await new SampleImage(sizes: [200_000]).PutInto(target, "1").ShouldSay(ImageCodes.DiskFull);
    }

    private sealed class FullDisk : ArchiveOutput
    {
        public override Stream Stream { get; } = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 1);
        public override Task Commit(CancellationToken cancel) => Task.CompletedTask;
        public override ImageException Explain(Exception error) => DiskTrouble.Writing("/dev/full", error);
        public override ValueTask DisposeAsync() => Stream.DisposeAsync();
    }

    private void Save(SampleImage image, params (string Name, byte[] Bytes)[] layers) => Write(tar =>
    {
        foreach (var (name, bytes) in layers) Add(tar, name, bytes);
        Add(tar, "config.json", image.Blobs[^1].Bytes);
        Add(tar, "manifest.json", Encoding.UTF8.GetBytes($$"""[{"Config":"config.json","RepoTags":["lab/x:1"],"Layers":[{{string.Join(',', layers.Select(layer => $"\"{layer.Name}\""))}}]}]"""));
    });

    private void Write(Action<TarWriter> fill)
    {
        using var tar = new TarWriter(File.Create(Tar));
        fill(tar);
    }

    private static void Add(TarWriter tar, string name, byte[] bytes) => tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(bytes) });
}
