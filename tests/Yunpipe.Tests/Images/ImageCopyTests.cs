using Yunpipe.Images;
using Yunpipe.Images.Files;

namespace Yunpipe.Tests;

public sealed class ImageCopyTests : IDisposable
{
    private readonly ImageScratch _scratch = new();
    private readonly SampleImage _image = new(), _arm = new(seed: 2, architecture: "arm64");

    public void Dispose() => _scratch.Dispose();

    private LayoutPlace Layout(string name) => new(_scratch.At(name), TimeProvider.System);

    private async Task<LayoutPlace> Index(string name)
    {
        await using (var target = Layout(name)) await SampleImage.PutIndexInto(target, "1", _image, _arm);
        return Layout(name);
    }

    private static Task<CopyOutcome> Copy(ImagePlace from, string? name, ImagePlace to, string? tag, params ImagePlatform[] platforms) => ImageCopy.Run(from, name, to, tag, platforms, null, default);

    [Fact]
    public async Task An_index_is_copied_byte_for_byte_with_its_attestations()
    {
        await using var registry = new TestRegistry();
        await using (var from = await Index("a"))
        await using (var to = registry.Open("lab/x")) (await Copy(from, "1", to, "2")).Image.ShouldBe(SampleImage.Index(_image, _arm));
        await using (var from = registry.Open("lab/x", PlaceUse.Read))
        await using (var to = Layout("b")) await Copy(from, "2", to, "3");
        await using var back = Layout("b");
        (await back.ReadManifest("3", default)).Bytes.ToArray().ShouldBe(SampleImage.Index(_image, _arm).Bytes.ToArray());
        foreach (var image in new[] { _image, _arm, SampleImage.Attestation }) await image.ShouldBeIn(back, image.Document.Digest.ToString());
    }

    [Fact]
    public async Task One_platform_of_an_index_is_its_manifest()
    {
        await using var from = await Index("a");
        await using (var to = Layout("b")) await Copy(from, "1", to, "1", new ImagePlatform("linux", "arm64"));
        await using var back = Layout("b");
        await _arm.ShouldBeIn(back, "1");
        (await back.HasBlob(_image.Config, default)).ShouldBeFalse();
    }

    [Fact]
    public async Task Several_platforms_keep_their_attestations_only()
    {
        var third = new SampleImage(seed: 3, architecture: "riscv64");
        await using (var target = Layout("a")) await SampleImage.PutIndexInto(target, "1", _image, _arm, third);
        await using var from = Layout("a");
        await using var to = Layout("b");
        var index = ImageIndex.Read((await Copy(from, "1", to, "1", _image.Platform, third.Platform)).Image, "it");
        index.Images.Select(each => each.Platform).ShouldBe([_image.Platform, third.Platform]);
        index.Manifests.Count.ShouldBe(3);
        (await to.HasBlob(_arm.Config, default)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_platform_that_is_not_there_is_said_with_those_that_are()
    {
        await using var from = await Index("a");
        await using var to = Layout("b");
        await Copy(from, "1", to, "1", new ImagePlatform("linux", "s390x")).ShouldSay(ImageCodes.NoPlatform, "linux/s390x", "linux/amd64", "linux/arm64");
        await using (var single = Layout("c")) await _image.PutInto(single, "1");
        await using var alone = Layout("c");
        await Copy(alone, "1", to, "1", new ImagePlatform("linux", "s390x")).ShouldSay(ImageCodes.NoPlatform, "linux/amd64");
        Directory.Exists(_scratch.At("b")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_place_for_one_platform_gets_that_of_this_machine()
    {
        await using var from = await Index("a");
        await using (var to = new NewArchivePlace("x", ArchiveForm.Docker, () => new ArchiveFile(_scratch.At("x.tar")))) await Copy(from, "1", to, "lab/x:1");
        await using var back = new ArchivePlace(_scratch.At("x.tar"));
        await (ImagePlatform.Here.Architecture == "arm64" ? _arm : _image).ShouldBeIn(back, "lab/x:1");
        await using var several = new NewArchivePlace("x", ArchiveForm.Docker, () => new ArchiveFile(_scratch.At("y.tar")));
        await Copy(from, "1", several, "1", _image.Platform, _arm.Platform).ShouldSay(ImageCodes.OnePlatformOnly);
    }

    [Fact]
    public async Task What_is_there_is_skipped_and_what_can_be_is_mounted()
    {
        await using var registry = new TestRegistry();
        await using (var to = registry.Open("lab/x")) await _image.PutInto(to, "1");
        await using var from = registry.Open("lab/x", PlaceUse.Read);
        await using var other = registry.Open("lab/y");
        var first = await Copy(from, "1", other, "1");
        (first.Moved, first.Mounted, first.Skipped).ShouldBe((0, 3, 0));
        var second = await Copy(from, "1", other, "1");
        (second.Moved, second.Mounted, second.Skipped).ShouldBe((0, 0, 3));
        registry.Mounts = false;
        await using var third = registry.Open("lab/z");
        (await Copy(from, "1", third, "1")).Moved.ShouldBe(_image.Blobs.Sum(blob => blob.Bytes.Length));
        await _image.ShouldBeIn(third, "1");
        registry.Uploads.ShouldBe(0);
    }

    [Fact]
    public async Task Unpacked_layers_are_packed_for_a_registry_when_the_manifest_is_made_anyway()
    {
        var image = new SampleImage(packed: false, sizes: [50_000]);
        await using (var target = new NewArchivePlace("x", ArchiveForm.Docker, () => new ArchiveFile(_scratch.At("x.tar")))) await image.PutInto(target, "lab/x:1");
        DropLayout(_scratch.At("x.tar"));
        await using var registry = new TestRegistry();
        await using var from = new ArchivePlace(_scratch.At("x.tar"));
        await using var to = registry.Open("lab/x");
        var seen = new List<CopyProgress>();
        var manifest = ImageManifest.Read((await ImageCopy.Run(from, null, to, "1", [], new SeenProgress(seen), default)).Image, "it");
        var packing = seen.Where(progress => progress.Doing == "packing layers").ToList();
        packing[^1].ShouldBe(new CopyProgress("packing layers", image.Blobs[0].Bytes.Length, image.Blobs[0].Bytes.Length));
        seen[packing.Count..].ShouldAllBe(progress => progress.Doing == "writing");
        manifest.Config.Digest.ShouldBe(image.Config.Digest);
        manifest.Layers[0].MediaType.ShouldBe(MediaTypes.LayerGzip);
        await using var stream = new System.IO.Compression.GZipStream(await to.OpenBlob(manifest.Layers[0], default), System.IO.Compression.CompressionMode.Decompress);
        using var unpacked = new MemoryStream();
        await stream.CopyToAsync(unpacked);
        unpacked.ToArray().ShouldBe(image.Blobs[0].Bytes);
    }

    [Fact]
    public async Task Progress_ends_at_the_whole_and_never_goes_beyond()
    {
        var seen = new List<CopyProgress>();
        await using var registry = new TestRegistry();
        await using var from = await Index("a");
        await using var to = registry.Open("lab/x");
        await ImageCopy.Run(from, "1", to, "1", [], new SeenProgress(seen), default);
        seen[^1].Done.ShouldBe(seen[^1].Total);
        seen[^1].Total.ShouldBe(new[] { _image, _arm, SampleImage.Attestation }.Sum(image => image.Blobs.Sum(blob => blob.Bytes.Length)));
        seen.ShouldAllBe(progress => progress.Done <= progress.Total);
    }

    [Fact]
    public async Task Indexes_that_name_indexes_are_followed_but_not_for_ever()
    {
        async Task Nest(string folder, int depth)
        {
            await using var target = Layout(folder);
            await SampleImage.PutIndexInto(target, "deep", _image);
            var index = SampleImage.Index(_image);
            for (var i = 0; i < depth; i++)
            {
                index = ImageIndex.Of([index.Descriptor]).Document;
                await target.WriteManifest(index, i == depth - 1 ? "1" : null, default);
            }
            await target.Finish(default);
        }
        await Nest("a", 1);
        await Nest("b", 5);
        await using var registry = new TestRegistry();
        await using var to = registry.Open("lab/x");
        await using var one = Layout("a");
        await Copy(one, "1", to, "1");
        await _image.ShouldBeIn(to, _image.Document.Digest.ToString());
        await using var five = Layout("b");
        await Copy(five, "1", to, "1").ShouldSay(ImageCodes.NestedIndex);
    }

    [Fact]
    public async Task An_image_that_is_not_there_is_said()
    {
        await using var from = await Index("a");
        await using var to = Layout("b");
        await Copy(from, "2", to, "2").ShouldSay(ImageCodes.NoImage, $"There is no image called “2” in “{_scratch.At("a")}”. It holds “1”.");
        await Copy(from, $"sha256:{new string('0', 64)}", to, "2").ShouldSay(ImageCodes.NoImage, "There is no image with the digest sha256:0000");
        await Copy(Layout("none"), "2", to, "2").ShouldSay(ImageCodes.NoImage, $"There is no folder “{_scratch.At("none")}”.");
        await using var absent = new ArchivePlace(_scratch.At("none.tar"));
        await Copy(absent, "2", to, "2").ShouldSay(ImageCodes.NoImage, $"There is no file “{_scratch.At("none.tar")}”.");
        await using var registry = new TestRegistry();
        await using var place = registry.Open("lab/x", PlaceUse.Read);
        await Copy(place, "2", to, "2").ShouldSay(ImageCodes.NoImage, $"There is no image “{place.Name}:2” in its registry.");
        await Copy(place, $"sha256:{new string('0', 64)}", to, "2").ShouldSay(ImageCodes.NoImage, $"There is no image “{place.Name}@sha256:0000");
    }

    /// <summary>Leaves of an archive what dockers before 25 write.</summary>
    private static void DropLayout(string path)
    {
        using (var reader = new System.Formats.Tar.TarReader(File.OpenRead(path)))
        using (var writer = new System.Formats.Tar.TarWriter(File.Create(path + ".old")))
            while (reader.GetNextEntry(copyData: true) is { } entry)
                if (entry.Name is not ("oci-layout" or "index.json")) writer.WriteEntry(entry);
        File.Move(path + ".old", path, overwrite: true);
    }
}
