using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Yunpipe.Images;

namespace Yunpipe.Tests;

/// <summary>An image of a few layers that compute nothing, put into any place.</summary>
internal sealed class SampleImage
{
    private readonly List<(BlobDescriptor Blob, byte[] Bytes)> _blobs = [];

    /// <param name="sizes">Bytes of the file in each layer; it cannot be packed.</param>
    public SampleImage(int seed = 1, string architecture = "amd64", bool docker = false, bool packed = true, params int[] sizes)
    {
        var random = new Random(seed);
        var diffs = new List<string>();
        foreach (var size in sizes.Length == 0 ? [3000, 40_000] : sizes)
        {
            var content = new byte[size];
            random.NextBytes(content);
            var layer = Layer(("data/file", content));
            diffs.Add($"\"{Digest.Of(layer)}\"");
            var bytes = packed ? Gzip(layer) : layer;
            Add(packed ? docker ? MediaTypes.DockerLayerGzip : MediaTypes.LayerGzip : MediaTypes.Layer, bytes);
        }
        var config = Encoding.UTF8.GetBytes($$$"""{"architecture":"{{{architecture}}}","os":"linux","config":{"Cmd":["/data/file"],"Labels":{"seed":"{{{seed}}}"}},"rootfs":{"type":"layers","diff_ids":[{{{string.Join(',', diffs)}}}]}}""");
        Add(docker ? MediaTypes.DockerConfig : MediaTypes.Config, config);
        Config = _blobs[^1].Blob;
        var layers = string.Join(',', _blobs.SkipLast(1).Select(each => Json(each.Blob)));
        var type = docker ? MediaTypes.DockerManifest : MediaTypes.Manifest;
        // Blanks and an unknown field, so that whoever writes it anew instead of passing it on is found out.
        Document = new ImageDocument(type, Encoding.UTF8.GetBytes($$"""{ "schemaVersion": 2, "mediaType": "{{type}}", "config": {{Json(Config)}}, "layers": [{{layers}}], "x-unknown": [1, 2.50] }"""));
        Platform = new ImagePlatform("linux", architecture);
    }

    public ImageDocument Document { get; }
    public BlobDescriptor Config { get; }
    public ImagePlatform Platform { get; }
    public IReadOnlyList<(BlobDescriptor Blob, byte[] Bytes)> Blobs => _blobs;
    public ImageManifest Manifest => ImageManifest.Read(Document, "sample");

    public async Task PutInto(ImagePlace place, string? tag)
    {
        foreach (var (blob, bytes) in _blobs) await place.WriteBlob(blob, bytes, default);
        await place.WriteManifest(Document, tag, default);
        await place.Finish(default);
    }

    /// <summary>An index of several images, with an attestation of the first, as builders write it.</summary>
    public static ImageDocument Index(params SampleImage[] images)
    {
        var attested = images[0].Document.Descriptor.Digest.ToString();
        var manifests = images.Select(image => image.Document.Descriptor with { Platform = image.Platform })
            .Append(Attestation.Document.Descriptor with { Platform = ImagePlatform.Nowhere, Annotations = new Dictionary<string, string> { [ImageIndex.AttestedAnnotation] = attested, ["vnd.docker.reference.type"] = "attestation-manifest" } });
        return ImageIndex.Of(manifests).Document;
    }

    public static SampleImage Attestation { get; } = new(seed: 99, architecture: "unknown", sizes: [500]);

    public static async Task PutIndexInto(ImagePlace place, string tag, params SampleImage[] images)
    {
        foreach (var image in images.Append(Attestation))
        {
            foreach (var (blob, bytes) in image._blobs) await place.WriteBlob(blob, bytes, default);
            await place.WriteManifest(image.Document, null, default);
        }
        await place.WriteManifest(Index(images), tag, default);
        await place.Finish(default);
    }

    /// <summary>True where a place has every byte of this image.</summary>
    public async Task ShouldBeIn(ImagePlace place, string? name)
    {
        var found = await place.ReadManifest(name, default);
        found.Bytes.ToArray().ShouldBe(Document.Bytes.ToArray());
        foreach (var (blob, bytes) in _blobs)
        {
            await using var stream = await place.OpenBlob(blob, default);
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy);
            copy.ToArray().ShouldBe(bytes);
        }
    }

    public static byte[] Layer(params (string Name, byte[] Content)[] files)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Ustar, leaveOpen: true))
            foreach (var (name, content) in files) tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content), ModificationTime = DateTimeOffset.UnixEpoch });
        return bytes.ToArray();
    }

    public static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(bytes);
        return packed.ToArray();
    }

    private static string Json(BlobDescriptor blob) => $$"""{ "mediaType": "{{blob.MediaType}}", "size": {{blob.Size}}, "digest": "{{blob.Digest}}" }""";

    private void Add(string type, byte[] bytes) => _blobs.Add((BlobDescriptor.Of(type, bytes), bytes));
}
