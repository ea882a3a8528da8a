using Yunpipe.Images;
using Yunpipe.Images.Checks;
using Yunpipe.Images.Files;
using Yunpipe.Images.Wrapping;

namespace Yunpipe.Tests;

/// <summary>Layers that are not packed with gzip: zstd, and those that no registry gives.</summary>
public sealed class LayerKindTests : IDisposable
{
    private const string Foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", Nondistributable = "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd";

    private static readonly TestImage Zstd = new() { Types = [MediaTypes.LayerZstd, MediaTypes.LayerGzip] }, Apart = new() { Types = [Foreign, MediaTypes.LayerZstd] };

    private readonly ImageScratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    private LayoutPlace Layout(string name) => new(_scratch.At(name), TimeProvider.System);

    private NewArchivePlace Archive(string name, ArchiveForm form) => new(name, form, () => new ArchiveFile(_scratch.At(name)));

    private static (MemoryPlace Place, ImageDocument Image) Put(TestImage image)
    {
        var place = new MemoryPlace();
        return (place, image.PutInto(place, "1"));
    }

    private static Task<CopyOutcome> Copy(ImagePlace from, ImagePlace to) => ImageCopy.Run(from, "1", to, "1", [], null, default);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task They_go_from_place_to_place_as_they_are(bool apart)
    {
        var (memory, image) = Put(apart ? Apart : Zstd);
        var blobs = ImageManifest.Read(image, "it").Blobs.ToList();
        blobs.Count.ShouldBe(apart ? 2 : 3);
        await using var registry = new TestRegistry();
        await using (var to = registry.Open("lab/x")) (await Copy(memory, to)).Moved.ShouldBe(blobs.Sum(blob => blob.Size));
        await using (var from = registry.Open("lab/x", PlaceUse.Read))
        await using (var to = Layout("a")) await Copy(from, to);
        await using (var from = Layout("a"))
        await using (var to = Archive("b.tar", ArchiveForm.Any)) await Copy(from, to);
        await using (var from = new ArchivePlace(_scratch.At("b.tar")))
        await using (var to = registry.Open("lab/y")) await Copy(from, to);
        await using var back = registry.Open("lab/y", PlaceUse.Read);
        (await back.ReadManifest("1", default)).Bytes.ToArray().ShouldBe(image.Bytes.ToArray());
        foreach (var blob in blobs)
        {
            await using var stream = await back.OpenBlob(blob, default);
            await stream.CopyToAsync(Stream.Null);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Their_image_is_wrapped_and_given_back(bool apart)
    {
        var (base1, image) = Put(apart ? Apart : Zstd);
        var to = new MemoryPlace();
        var (plan, outcome) = await WrapBench.Wrap(base1, "1", to, "wrapped");
        var (before, after) = (ImageManifest.Read(image, "it"), ImageManifest.Read(outcome.Image, "it"));
        after.Layers.SkipLast(1).ShouldBe(before.Layers);
        after.Layers[^1].MediaType.ShouldBe(MediaTypes.LayerGzip);
        if (apart) System.Text.Encoding.UTF8.GetString(outcome.Image.Bytes.Span).ShouldContain("https://author.example/layer");
        (await ImageCheck.Deep(base1, WrapBench.Blur, plan.Parts[0].Base.Manifest, plan.Parts[0].Base.Config, null, default)).Single(finding => finding.Topic == "executable").Says
            .ShouldStartWith(apart ? "A layer is given away by its author only, and not looked into" : "A layer is packed with zstd, which is not looked into");
        var back = new MemoryPlace();
        var unwrapped = await Unwrapper.Unwrap(to, "wrapped", back, "1", null, default);
        unwrapped.Image.ShouldBe(image);
        unwrapped.Image.Bytes.ToArray().ShouldBe(image.Bytes.ToArray());
    }

    [Fact]
    public async Task An_archive_for_docker_cannot_lack_a_layer()
    {
        var (memory, _) = Put(Apart);
        await using (var docker = Archive("docker.tar", ArchiveForm.Docker)) await Copy(memory, docker).ShouldSay(ImageCodes.NoBlob, "docker.tar cannot hold the image", "given away by its author only");
        _scratch.Files.ShouldBeEmpty();
        await using (var any = Archive("any.tar", ArchiveForm.Any)) await Copy(memory, any);
        await using var read = File.OpenRead(_scratch.At("any.tar"));
        TarIndex.Read(read, "it").Find(DockerView.ManifestFile).ShouldBeNull();
    }

    [Theory]
    [InlineData(MediaTypes.LayerZstd, LayerPacking.Zstd, false)]
    [InlineData(Foreign, LayerPacking.Gzip, true)]
    [InlineData(Nondistributable, LayerPacking.Zstd, true)]
    [InlineData("application/vnd.oci.image.layer.nondistributable.v1.tar", LayerPacking.Tar, true)]
    public void Their_types_are_known(string type, LayerPacking packing, bool foreign) => (MediaTypes.Packing(type), MediaTypes.IsForeign(type)).ShouldBe((packing, foreign));
}
