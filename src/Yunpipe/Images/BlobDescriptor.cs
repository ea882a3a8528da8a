using System.Text.Json.Nodes;

namespace Yunpipe.Images;

/// <summary>What a manifest says of a blob or of another manifest (OCI image specification, "Content Descriptors"). Size in bytes.</summary>
public sealed record BlobDescriptor(string MediaType, Digest Digest, long Size)
{
    /// <summary>In an index: the machine that the manifest's image is made for.</summary>
    public ImagePlatform? Platform { get; init; }

    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>The descriptor as it was read, with fields that have no meaning here; edits write it back.</summary>
    internal JsonObject? Source { get; init; }

    /// <summary>Size and digest of bytes that are there.</summary>
    public static BlobDescriptor Of(string mediaType, ReadOnlySpan<byte> bytes) => new(mediaType, Digest.Of(bytes), bytes.Length);

    internal static BlobDescriptor Read(JsonNode? node, ImageJson.Subject subject)
    {
        var source = node as JsonObject ?? throw subject.Bad("a descriptor is not an object");
        var text = subject.Text(source, "digest");
        if (!Digest.TryParse(text, out var digest)) throw subject.BadDigest(text);
        var size = subject.Number(source, "size");
        if (size < 0) throw subject.Bad("a size is negative");
        var platform = source["platform"] is JsonObject made
            ? new ImagePlatform(subject.Text(made, "os"), subject.Text(made, "architecture"), made["variant"] is null ? null : subject.Text(made, "variant")) : null;
        return new BlobDescriptor(subject.Text(source, "mediaType"), digest, size) { Platform = platform, Annotations = subject.Texts(source, "annotations"), Source = source };
    }

    /// <summary>The descriptor as JSON: what was read stays, what is said here is written over it.</summary>
    internal JsonObject ToJson()
    {
        var json = Source?.DeepClone().AsObject() ?? [];
        (json["mediaType"], json["digest"], json["size"]) = (MediaType, Digest.ToString(), Size);
        // “data” holds the bytes themselves, and would contradict a new digest.
        if (Source?["digest"]?.ToString() != Digest.ToString()) json.Remove("data");
        if (Platform is not null)
        {
            var platform = json["platform"] as JsonObject ?? (JsonObject)(json["platform"] = new JsonObject());
            (platform["architecture"], platform["os"]) = (Platform.Architecture, Platform.Os);
            if (Platform.Variant is not null) platform["variant"] = Platform.Variant;
            else platform.Remove("variant");
        }
        else json.Remove("platform");
        if (Annotations.Count > 0) json["annotations"] = ImageJson.Map(Annotations);
        else json.Remove("annotations");
        return json;
    }

    public bool Equals(BlobDescriptor? other) => other is not null && MediaType == other.MediaType && Digest == other.Digest && Size == other.Size && Platform == other.Platform
        && Annotations.Count == other.Annotations.Count && Annotations.All(pair => other.Annotations.TryGetValue(pair.Key, out var value) && value == pair.Value);

    public override int GetHashCode() => HashCode.Combine(MediaType, Digest, Size);

    public override string ToString() => $"{Digest} ({MediaType}, {Size} bytes)";
}
