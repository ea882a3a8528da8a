using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Yunpipe.Images;

namespace Yunpipe.Tests;

/// <summary>One file of a test layer. A name that begins with <c>.wh.</c> is a whiteout.</summary>
internal sealed record TestFile(string Name, string? Text = "", int Mode = 420, string? Link = null, int User = 0, byte[]? Bytes = null)
{
    public TarEntryType Type => Link is not null ? TarEntryType.SymbolicLink : Text is null ? TarEntryType.Directory : TarEntryType.RegularFile;

    public static TestFile Folder(string name, int mode = 493, int user = 0) => new(name, null, mode, null, user);

    public static TestFile Program(string name, string text) => new(name, text, 493);
}

/// <summary>Small images out of layers, and the configuration that a test is about.</summary>
internal sealed class TestImage
{
    public string Os { get; init; } = "linux";
    public string Architecture { get; init; } = "amd64";

    /// <summary>The part of the configuration that processes see, as JSON.</summary>
    public string Run { get; init; } = """{"Env":["PATH=/usr/local/bin:/usr/bin:/bin"],"Cmd":["/bin/sh"],"WorkingDir":"/work"}""";
    public bool Docker { get; init; }
    public bool History { get; init; } = true;

    /// <summary>What each layer calls itself, and is packed as; layers that no registry keeps are named and not put anywhere. Null for gzip.</summary>
    public IReadOnlyList<string>? Types { get; init; }
    public IReadOnlyList<IReadOnlyList<TestFile>> Layers { get; init; } = [[TestFile.Program("bin/sh", "#!/bin/busybox\n")], [new TestFile("etc/note", "second layer")]];

    /// <summary>Puts blobs and manifest into a place.</summary>
    public ImageDocument PutInto(MemoryPlace place, string? tag)
    {
        var tars = Layers.Select(Tar).ToList();
        var layers = tars.Select((tar, i) => Layer(place, Types?[i] ?? (Docker ? MediaTypes.DockerLayerGzip : MediaTypes.LayerGzip), tar)).ToList();
        var history = History ? $",\"history\":[{string.Join(',', tars.Select((_, i) => $$"""{"created":"2024-05-06T07:08:09Z","created_by":"RUN step {{i}}"}"""))}]" : "";
        // Indented, and with a field that nobody knows: what is edited must not be what is given back.
        var text = $$"""
            {"architecture": "{{Architecture}}", "os": "{{Os}}", "created": "2024-05-06T07:08:09Z", "x-unknown": [1, 2.50],
             "config": {{Run}},
             "rootfs": {"type": "layers", "diff_ids": {{JsonSerializer.Serialize(tars.Select(tar => Digest.Of(tar).ToString()))}}}{{history}}}
            """;
        var config = place.Put(Docker ? MediaTypes.DockerConfig : MediaTypes.Config, Encoding.UTF8.GetBytes(text));
        string Blob(BlobDescriptor blob) => $$"""{ "mediaType": "{{blob.MediaType}}", "size": {{blob.Size}}, "digest": "{{blob.Digest}}"{{(MediaTypes.IsForeign(blob.MediaType) ? ", \"urls\": [\"https://author.example/layer\"]" : "")}} }""";
        var manifest = $$"""
            {
              "schemaVersion": 2,
              "mediaType": "{{(Docker ? MediaTypes.DockerManifest : MediaTypes.Manifest)}}",
              "config": {{Blob(config)}},
              "layers": [{{string.Join(", ", layers.Select(Blob))}}]
            }
            """;
        return place.Put(ImageDocument.Detect(Encoding.UTF8.GetBytes(manifest), null, "test"), tag);
    }

    public static byte[] Tar(IReadOnlyList<TestFile> files)
    {
        var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Ustar, leaveOpen: true))
            foreach (var file in files)
            {
                var entry = new UstarTarEntry(file.Type, file.Name) { Mode = (UnixFileMode)file.Mode, Uid = file.User, Gid = file.User, ModificationTime = DateTimeOffset.UnixEpoch };
                if (file.Link is not null) entry.LinkName = file.Link;
                else if (file.Text is not null) entry.DataStream = new MemoryStream(file.Bytes ?? Encoding.UTF8.GetBytes(file.Text));
                tar.WriteEntry(entry);
            }
        return bytes.ToArray();
    }

    private static BlobDescriptor Layer(MemoryPlace place, string type, byte[] tar)
    {
        var bytes = MediaTypes.Packing(type) switch { LayerPacking.Gzip => Gzip(tar), LayerPacking.Zstd => Zstd(tar), _ => tar };
        return MediaTypes.IsForeign(type) ? BlobDescriptor.Of(type, bytes) : place.Put(type, bytes);
    }

    /// <summary>A frame of blocks that are not compressed (RFC 8878, 3.1.1), which any reader of zstd takes.</summary>
    public static byte[] Zstd(byte[] bytes)
    {
        var frame = new List<byte> { 0x28, 0xB5, 0x2F, 0xFD, 0b1010_0000 };
        frame.AddRange(BitConverter.GetBytes(bytes.Length));
        for (var at = 0; at < bytes.Length;)
        {
            var block = Math.Min(bytes.Length - at, 100_000);
            frame.AddRange(BitConverter.GetBytes(block << 3 | (at + block == bytes.Length ? 1 : 0))[..3]);
            frame.AddRange(bytes[at..(at + block)]);
            at += block;
        }
        return [.. frame];
    }

    public static byte[] Gzip(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(bytes);
        return packed.ToArray();
    }
}
