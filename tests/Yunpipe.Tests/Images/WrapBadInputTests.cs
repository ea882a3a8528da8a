using Yunpipe.Images;
using Yunpipe.Images.Files;
using Yunpipe.Images.Wrapping;

namespace Yunpipe.Tests;

/// <summary>A base that is wrong, or a registry that is: wherever the wrapped image was to go, there is one sentence with a code and nothing else.</summary>
public sealed class WrapBadInputTests : IDisposable
{
    private readonly ImageScratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    public static TheoryData<string, string> Troubles => new()
    {
        { "another digest", ImageCodes.WrongDigest }, { "a byte too few", ImageCodes.WrongSize }, { "a byte too many", ImageCodes.WrongSize }, { "no such blob", ImageCodes.NoBlob },
        { "401", ImageCodes.NeedsLogin }, { "403", ImageCodes.Denied }, { "429", ImageCodes.TooManyRequests }, { "503", ImageCodes.RegistryBroken }, { "dropped", ImageCodes.ConnectionLost },
        { "a manifest of 100 MB", ImageCodes.TooLarge }, { "no such image", ImageCodes.NoImage },
    };

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task Nothing_is_left_of_a_wrapping_that_cannot_end(string trouble, string code)
    {
        await using var source = new TestRegistry();
        await using (var to = source.Open("lab/x")) await ImageCopy.Run(Image(), "1", to, "1", [], null, default);
        Spoil(source, trouble);
        await using var target = new TestRegistry();
        foreach (var kind in (string[])["layout", "archive", "registry"])
        {
            await using (var to = kind switch
            {
                "layout" => new LayoutPlace(_scratch.At("layout"), TimeProvider.System),
                "archive" => new NewArchivePlace("x", ArchiveForm.Any, () => new ArchiveFile(_scratch.At("x.tar"))),
                _ => target.Open("lab/y"),
            })
            await using (var from = source.Open("lab/x", PlaceUse.Read)) await WrapBench.Wrap(from, "1", to, "w").ShouldSay(code);
            _scratch.Files.ShouldBeEmpty(kind);
        }
        (target.Manifests.Count, target.Uploads).ShouldBe((0, 0));
    }

    [Fact]
    public async Task Nothing_is_left_where_the_descriptor_or_the_base_is_too_large_for_a_label()
    {
        var from = Image();
        var layout = new LayoutPlace(_scratch.At("layout"), TimeProvider.System);
        await using (layout)
        await using (var wrapper = new Wrapper(from, layout))
            (await wrapper.Plan("1", WrapBench.Order() with { Algorithm = WrapBench.Blur with { Description = new string('x', 300_000) } }, default)).Problems.ShouldHaveSingleItem().Code.ShouldBe("YP2152");
        _scratch.Files.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_destination_that_refuses_the_manifest_keeps_no_upload_and_no_tag()
    {
        await using var target = new TestRegistry();
        target.Trouble(request => request.Method == "PUT" && request.Path.Contains("/manifests/"), 100, _ => TestRegistry.Error(403, "DENIED", "tags are immutable"));
        await using (var to = target.Open("lab/y")) await WrapBench.Wrap(Image(), "1", to, "w").ShouldSay(ImageCodes.Denied, "tags are immutable");
        (target.Manifests.Count, target.Uploads).ShouldBe((0, 0));
    }

    private static MemoryPlace Image()
    {
        var place = new MemoryPlace();
        new TestImage().PutInto(place, "1");
        return place;
    }

    private static void Spoil(TestRegistry registry, string trouble)
    {
        var layer = ImageManifest.Read(new ImageDocument(MediaTypes.Manifest, registry.Manifests[("lab/x", "1")].Bytes), "it").Layers[0].Digest.ToString();
        var bytes = registry.Blobs[("lab/x", layer)];
        bool IsLayer(TinyRequest request) => request.Path.EndsWith(layer, StringComparison.Ordinal);
        switch (trouble)
        {
            case "another digest": registry.Blobs[("lab/x", layer)] = [.. bytes[..^1], (byte)(bytes[^1] ^ 1)]; break;
            case "a byte too few": registry.Blobs[("lab/x", layer)] = bytes[..^1]; break;
            case "a byte too many": registry.Blobs[("lab/x", layer)] = [.. bytes, 0]; break;
            case "no such blob": registry.Blobs.TryRemove(("lab/x", layer), out _); break;
            case "no such image": registry.Manifests.Clear(); break;
            case "dropped": registry.Trouble(IsLayer, 1000, _ => new TinyAnswer(200, bytes) { CutAfter = 10 }); break;
            case "a manifest of 100 MB": registry.Trouble(request => request.Path.Contains("/manifests/"), 1000, _ => new TinyAnswer(200, new byte[100]) { Claims = 100 << 20 }); break;
            default: registry.Trouble(IsLayer, 1000, _ => TestRegistry.Error(int.Parse(trouble), "NO", "no")); break;
        }
    }
}
