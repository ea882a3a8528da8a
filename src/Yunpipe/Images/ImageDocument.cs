using System.Text.Json.Nodes;

namespace Yunpipe.Images;

/// <summary>A manifest, an index or a configuration, byte for byte: its digest is the image's name.</summary>
public sealed record ImageDocument(string MediaType, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>What registries refuse to keep (OCI distribution specification, "Pushing Manifests"), and more than any image needs. Bytes.</summary>
    public const int MaxBytes = 4 << 20;

    public Digest Digest { get; } = Digest.Of(Bytes.Span);

    public bool IsManifest => MediaTypes.IsManifest(MediaType);

    public bool IsIndex => MediaTypes.IsIndex(MediaType);

    public BlobDescriptor Descriptor => new(MediaType, Digest, Bytes.Length);

    /// <summary>Takes bytes for the manifest or index that they are. A document that could be both, or contradicts the type that it came with, is refused:
    /// programs that read it differently would see two images under one digest (CVE-2021-41190).</summary>
    /// <param name="declared">The type that whoever sent it gave; null or a type of no meaning where it gave none.</param>
    /// <param name="name">Whose it is, for messages.</param>
    public static ImageDocument Detect(ReadOnlyMemory<byte> bytes, string? declared, string name)
    {
        var subject = new ImageJson.Subject($"The manifest of {name}");
        if (bytes.Length > MaxBytes) throw TooLarge(name);
        var root = ImageJson.TryRead(bytes.Span) ?? throw subject.Bad(LooksLikeHtml(bytes.Span) ? "it is a web page" : "it is no JSON object");
        if (root["schemaVersion"] is JsonValue version && version.TryGetValue<int>(out var number) && number == 1 || declared is not null && MediaTypes.IsOld(declared))
            throw new ImageException(ImageCodes.OldManifest, $"{name} has a manifest of docker's first kind (schema 1), which is no longer read.", "Push the image again with a docker of this decade.");
        var own = root["mediaType"] is null ? null : subject.Text(root, "mediaType");
        var said = declared is not null && MediaTypes.Documents.Contains(declared) ? declared : null;
        if (own is not null && said is not null && own != said) throw subject.Bad($"it calls itself {own} and came as {said}");
        var type = own ?? said ?? (root["manifests"] is JsonArray ? MediaTypes.Index : MediaTypes.Manifest);
        if (!MediaTypes.Documents.Contains(type)) throw subject.Bad($"“{type}” is no kind of image");
        if (root["manifests"] is not null && (root["layers"] is not null || root["config"] is not null)) throw subject.Bad("it is an index and a manifest at once");
        if (root[MediaTypes.IsIndex(type) ? "manifests" : "layers"] is not JsonArray) throw subject.Bad($"as {type} it has no {(MediaTypes.IsIndex(type) ? "manifests" : "layers")}");
        return new ImageDocument(type, bytes);
    }

    internal static ImageException TooLarge(string name) =>
        new(ImageCodes.TooLarge, $"The manifest of {name} is larger than {MaxBytes >> 20} MiB, which no registry takes.", "Is this an image?");

    internal static bool LooksLikeHtml(ReadOnlySpan<byte> bytes) => bytes.TrimStart(" \t\r\n"u8).StartsWith("<"u8);

    /// <summary>The document as JSON; for what was detected, that is an object.</summary>
    internal JsonObject Json(ImageJson.Subject subject) => ImageJson.TryRead(Bytes.Span) ?? throw subject.Bad("it is no JSON object");

    public bool Equals(ImageDocument? other) => other is not null && MediaType == other.MediaType && Digest == other.Digest;

    public override int GetHashCode() => HashCode.Combine(MediaType, Digest);
}
