using System.Buffers.Binary;
using System.Text.Json.Nodes;

namespace Yunpipe.Images.Files;

/// <summary>Files as <c>docker save</c> writes them: <c>manifest.json</c> names for each image a configuration, its layers and its tags. There is no manifest
/// as registries have it; it is made here, the same each time. Unpacked layers are named by the configuration (diff-ids), so that nothing has to be read twice.</summary>
internal sealed class DockerView(FileSet files)
{
    public const string ManifestFile = "manifest.json";

    private readonly Dictionary<Digest, string> _blobs = [];
    private readonly Dictionary<Digest, ImageDocument> _manifests = [];
    private bool _all;

    private ImageJson.Subject Subject => new(files.Name);

    /// <summary>The images that are named there; null where these files are no such archive.</summary>
    public JsonArray? Images()
    {
        if (files.Read(ManifestFile) is not { } bytes) return null;
        try
        {
            return JsonNode.Parse(bytes) as JsonArray ?? throw Subject.Bad($"its {ManifestFile} is no list");
        }
        catch (System.Text.Json.JsonException)
        {
            throw Subject.Bad($"its {ManifestFile} is no JSON");
        }
    }

    public IEnumerable<string> Names() => (Images() ?? []).OfType<JsonObject>().SelectMany(Tags);

    public ImageDocument? Find(JsonArray images, string? name)
    {
        if (Digest.TryParse(name, out var digest) && _manifests.TryGetValue(digest, out var known)) return known;
        var entries = images.OfType<JsonObject>().ToList();
        if (name is null && entries.DistinctBy(entry => Subject.Text(entry, "Config")).Count() > 1) throw LayoutView.Several(files.Name, entries.SelectMany(Tags));
        var wanted = entries.Where(entry => name is null || Tags(entry).Any(tag => ImageNames.Same(tag, name) || tag.EndsWith(":" + name, StringComparison.Ordinal))).ToList();
        // By digest it may be any of them: the digest is that of a manifest which is made now.
        if (wanted.Count == 0 && digest != default) return entries.Select(Make).FirstOrDefault(made => made.Digest == digest);
        return wanted.Count == 0 ? null : Make(wanted[0]);
    }

    /// <summary>The file of a blob that any of the images consists of; null where none does.</summary>
    public string? FileOf(Digest digest)
    {
        lock (_blobs)
        {
            if (!_blobs.ContainsKey(digest) && !_all)
            {
                _all = true;
                foreach (var entry in (Images() ?? []).OfType<JsonObject>()) Make(entry);
            }
            return _blobs.GetValueOrDefault(digest);
        }
    }

    private IEnumerable<string> Tags(JsonObject entry) => entry["RepoTags"] is JsonArray tags ? tags.Select(tag => tag?.ToString() ?? "") : [];

    private ImageDocument Make(JsonObject entry)
    {
        var configFile = Inside(Subject.Text(entry, "Config"));
        var config = files.Read(configFile) ?? throw Lacks(configFile);
        var json = ImageJson.TryRead(config) ?? throw Subject.Bad("a configuration is no JSON object");
        var diffs = json["rootfs"] is JsonObject root && root["diff_ids"] is JsonArray ids ? ids.Select(id => id?.ToString() ?? "").ToList() : throw Subject.Bad("a configuration names no layers");
        var names = Subject.List(entry, "Layers").Select(layer => Inside(layer?.ToString() ?? "")).ToList();
        if (names.Count != diffs.Count) throw Subject.Bad($"it holds {names.Count} layers where the configuration names {diffs.Count}");
        var configBlob = BlobDescriptor.Of(MediaTypes.Config, config);
        _blobs[configBlob.Digest] = configFile;
        var document = ImageManifest.Of(configBlob, names.Zip(diffs, Layer).ToList()).Document;
        return _manifests[document.Digest] = document;
    }

    private BlobDescriptor Layer(string file, string diff)
    {
        var size = files.Size(file) ?? throw Lacks(file);
        if (!Digest.TryParse(diff, out var digest)) throw Subject.BadDigest(diff);
        using var stream = files.Open(file)!;
        var start = new byte[4];
        var count = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        var type = count < 4 ? MediaTypes.Layer : BinaryPrimitives.ReadUInt32BigEndian(start) switch
        {
            0x28B52FFD => MediaTypes.LayerZstd,
            var magic when magic >> 16 == 0x1F8B => MediaTypes.LayerGzip,
            _ => MediaTypes.Layer,
        };
        if (type != MediaTypes.Layer) digest = DigestOf(file);
        _blobs[digest] = file;
        return new BlobDescriptor(type, digest, size);
    }

    /// <summary>Newer dockers name files by their digest, which is checked when they are read; otherwise it must be computed.</summary>
    private Digest DigestOf(string file)
    {
        if (Digest.TryParse("sha256:" + Path.GetFileName(file), out var named)) return named;
        using var stream = files.Open(file)!;
        return Digest.FromHash(System.Security.Cryptography.SHA256.HashData(stream));
    }

    private string Inside(string path) => SafePath.Resolve("", path)
        ?? throw new ImageException(ImageCodes.UnsafeName, $"{files.Name} names the file {Documents.Wording.Quote(path)}, which leads out of it.", "Do not use this archive.");

    private ImageException Lacks(string file) => new(ImageCodes.NoBlob, $"{files.Name} lacks {Documents.Wording.Quote(file)}, which the image consists of.", "Save the image again.");
}
