using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Yunpipe.Images;

namespace Yunpipe.Tests;

public sealed class ImageDocumentTests
{
    private static readonly SampleImage Image = new();
    private const string Hash = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    private static ImageDocument Detect(string text, string? type = null) => ImageDocument.Detect(Encoding.UTF8.GetBytes(text), type, "lab/x");

    [Theory]
    [InlineData("<html>", null, ImageCodes.BadManifest, "web page")]
    [InlineData("", null, ImageCodes.BadManifest, "no JSON object")]
    [InlineData("[]", null, ImageCodes.BadManifest, "no JSON object")]
    [InlineData("""{"layers":[],"x":"\ud800"}""", null, ImageCodes.BadManifest, "no JSON object")]
    [InlineData("""{"layers":[],"layers":[]}""", null, ImageCodes.BadManifest, "no JSON object")]
    [InlineData("""{"schemaVersion":1,"fsLayers":[]}""", null, ImageCodes.OldManifest, "schema 1")]
    [InlineData("""{"fsLayers":[]}""", "application/vnd.docker.distribution.manifest.v1+prettyjws", ImageCodes.OldManifest, "schema 1")]
    [InlineData("""{"layers":[],"manifests":[]}""", null, ImageCodes.BadManifest, "at once")]
    [InlineData("""{"manifests":[],"config":{}}""", MediaTypes.Index, ImageCodes.BadManifest, "at once")]
    [InlineData("""{"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}""", MediaTypes.Manifest, ImageCodes.BadManifest, "calls itself")]
    [InlineData("""{"mediaType":"text/plain","layers":[]}""", null, ImageCodes.BadManifest, "text/plain")]
    [InlineData("""{"mediaType":5,"layers":[]}""", null, ImageCodes.BadManifest, "mediaType")]
    [InlineData("""{"schemaVersion":2}""", null, ImageCodes.BadManifest, "layers")]
    public async Task What_is_no_manifest_is_refused_in_words(string text, string? type, string code, string words) =>
        await Task.Run(() => Detect(text, type)).ShouldSay(code, words);

    [Fact]
    public async Task A_manifest_of_more_than_four_mebibytes_is_refused() =>
        await Task.Run(() => ImageDocument.Detect(new byte[(4 << 20) + 1], null, "lab/x")).ShouldSay(ImageCodes.TooLarge, "4 MiB");

    [Theory]
    [InlineData("""{"config":{"digest":"D","size":1,"mediaType":"a"},"layers":[{"digest":"sha256:12","size":1,"mediaType":"a"}]}""", ImageCodes.BadManifest)]
    [InlineData("""{"config":{"digest":"D","size":-1,"mediaType":"a"},"layers":[]}""", ImageCodes.BadManifest)]
    [InlineData("""{"config":{"digest":"D","size":1.5,"mediaType":"a"},"layers":[]}""", ImageCodes.BadManifest)]
    [InlineData("""{"config":{"digest":"D","mediaType":"a"},"layers":[]}""", ImageCodes.BadManifest)]
    [InlineData("""{"config":null,"layers":[]}""", ImageCodes.BadManifest)]
    [InlineData("""{"config":{"digest":"D","size":1,"mediaType":"a"},"layers":["x"]}""", ImageCodes.BadManifest)]
    [InlineData("""{"config":{"digest":"D","size":1,"mediaType":"a"},"layers":[],"annotations":{"a":1}}""", ImageCodes.BadManifest)]
    [InlineData("""{"config":{"digest":"sha512:ab","size":1,"mediaType":"a"},"layers":[]}""", ImageCodes.OtherDigest)]
    public async Task A_manifest_with_a_wrong_descriptor_is_refused(string text, string code) =>
        await Task.Run(() => ImageManifest.Read(Detect(text.Replace("\"D\"", $"\"{Hash}\"")), "lab/x")).ShouldSay(code);

    [Fact]
    public void A_manifest_is_kept_byte_for_byte_and_an_edit_keeps_unknown_fields()
    {
        var manifest = Image.Manifest;
        manifest.Document.Bytes.ToArray().ShouldBe(Image.Document.Bytes.ToArray());
        var changed = manifest.WithAnnotation("a", "1").WithLayers(manifest.Layers.Append(manifest.Layers[0] with { MediaType = MediaTypes.LayerZstd }));
        changed.Layers.Count.ShouldBe(manifest.Layers.Count + 1);
        changed.Annotations.ShouldBe(new Dictionary<string, string> { ["a"] = "1" });
        JsonNode.Parse(changed.Document.Bytes.Span)!["x-unknown"]!.ToJsonString().ShouldBe("[1,2.50]");
        changed.WithAnnotation("a", null).WithLayers(manifest.Layers).Layers.ShouldBe(manifest.Layers);
        Encoding.UTF8.GetString(changed.Document.Bytes.Span).ShouldContain("+json");
    }

    [Fact]
    public void Replacing_an_image_of_an_index_keeps_its_platform_and_all_else()
    {
        var text = $$"""{"schemaVersion":2,"manifests":[{"mediaType":"{{MediaTypes.Manifest}}","digest":"{{Hash}}","size":7,"platform":{"os":"linux","architecture":"arm","variant":"v7","os.version":"5"},"x":true,"data":"e30="}]}""";
        var index = ImageIndex.Read(Detect(text), "lab/x");
        var changed = index.WithReplaced(index.Manifests[0], Image.Document);
        changed.Manifests[0].ShouldBe(Image.Document.Descriptor with { Platform = new ImagePlatform("linux", "arm", "v7") });
        var entry = JsonNode.Parse(changed.Document.Bytes.Span)!["manifests"]![0]!;
        (entry["x"]!.ToJsonString(), entry["platform"]!["os.version"]!.ToString(), entry["data"]).ShouldBe(("true", "5", null));
    }

    [Theory]
    [InlineData("amd64", "linux/amd64")]
    [InlineData("linux/x86_64", "linux/amd64")]
    [InlineData("aarch64", "linux/arm64")]
    [InlineData("linux/arm/v7", "linux/arm/v7")]
    [InlineData("windows/amd64", "windows/amd64")]
    public void Platforms_are_read_by_their_usual_names(string text, string platform)
    {
        ImagePlatform.TryParse(text, out var read).ShouldBeTrue();
        read.ToString().ShouldBe(platform);
    }

    [Theory]
    [InlineData("")]
    [InlineData("linux/")]
    [InlineData("a/b/c/d")]
    [InlineData("linux/amd 64")]
    public void What_is_no_platform_is_refused(string text) => ImagePlatform.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void A_variant_that_is_not_said_fits_any()
    {
        new ImagePlatform("linux", "arm64").Takes(new ImagePlatform("linux", "arm64", "v8")).ShouldBeTrue();
        new ImagePlatform("linux", "arm64", "v8").Takes(new ImagePlatform("linux", "arm64")).ShouldBeTrue();
        new ImagePlatform("linux", "arm", "v7").Takes(new ImagePlatform("linux", "arm", "v6")).ShouldBeFalse();
        new ImagePlatform("linux", "amd64").Takes(new ImagePlatform("linux", "arm64")).ShouldBeFalse();
    }

    [Fact]
    public void Any_descriptor_reads_back_as_it_was_written() =>
        Gen.Select(Gen.String[Gen.Char[' ', '\u024f'], 1, 40], Gen.Byte.Array[0, 50], Gen.Long[0, long.MaxValue], Gen.Dictionary(Gen.String[1, 20].Where(text => text.All(c => !char.IsSurrogate(c))), Gen.String[0, 20].Where(text => text.All(c => !char.IsSurrogate(c))))[0, 4], Gen.Bool)
            .Sample((type, bytes, size, annotations, hasPlatform) =>
            {
                var blob = new BlobDescriptor(type, Digest.Of(bytes), size) { Annotations = annotations, Platform = hasPlatform ? new ImagePlatform("linux", "arm", "v7") : null };
                var read = BlobDescriptor.Read(JsonNode.Parse(ImageJson.Write(blob.ToJson())), new ImageJson.Subject("it"));
                read.ShouldBe(blob);
                ImageJson.Write(read.ToJson()).ShouldBe(ImageJson.Write(blob.ToJson()));
            }, iter: 500);

    [Fact]
    public void Any_bytes_are_a_manifest_or_a_problem() =>
        Gen.Select(Gen.Int[0, Image.Document.Bytes.Length - 1], Gen.Byte, Gen.Int[0, 40]).Sample((at, value, cut) =>
        {
            var bytes = Image.Document.Bytes.ToArray()[cut..];
            bytes[Math.Min(at, bytes.Length - 1)] = value;
            try
            {
                _ = ImageManifest.Read(ImageDocument.Detect(bytes, null, "it"), "it").Layers.Count;
            }
            catch (ImageException error)
            {
                error.Problem.Code.ShouldStartWith("YP21");
            }
        }, iter: 2000);
}
