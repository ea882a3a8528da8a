using System.Text.Json.Nodes;

namespace Yunpipe.Images;

/// <summary>A manifest as it can be read: one configuration and its layers, base first (OCI image specification, "Image Manifest"). Edits give a new
/// manifest and keep every field that has no meaning here.</summary>
public sealed class ImageManifest
{
    private readonly JsonObject _json;

    private ImageManifest(ImageDocument document, JsonObject json, ImageJson.Subject subject)
    {
        (Document, _json) = (document, json);
        Config = BlobDescriptor.Read(json["config"], subject);
        Layers = [.. subject.List(json, "layers").Select(layer => BlobDescriptor.Read(layer, subject))];
        Annotations = subject.Texts(json, "annotations");
    }

    public ImageDocument Document { get; }

    public BlobDescriptor Config { get; }

    public IReadOnlyList<BlobDescriptor> Layers { get; }

    public IReadOnlyDictionary<string, string> Annotations { get; }

    /// <summary>False for what is kept in registries beside images: attestations, charts, models.</summary>
    public bool IsImage => MediaTypes.IsImageConfig(Config.MediaType);

    /// <summary>Configuration and layers, each once, without those that no registry keeps.</summary>
    public IEnumerable<BlobDescriptor> Blobs => Layers.Append(Config).Where(blob => !MediaTypes.IsForeign(blob.MediaType)).DistinctBy(blob => blob.Digest);

    /// <summary>Reads a manifest; an <see cref="ImageException"/> says what is wrong with it.</summary>
    /// <param name="name">Whose it is, for messages.</param>
    public static ImageManifest Read(ImageDocument document, string name)
    {
        var subject = new ImageJson.Subject($"The manifest of {name}");
        return document.IsManifest ? new ImageManifest(document, document.Json(subject), subject) : throw subject.Bad($"“{document.MediaType}” is no manifest");
    }

    /// <summary>A new manifest of the OCI kind.</summary>
    public static ImageManifest Of(BlobDescriptor config, IEnumerable<BlobDescriptor> layers) => FromJson(MediaTypes.Manifest, new JsonObject
    {
        ["schemaVersion"] = 2, ["mediaType"] = MediaTypes.Manifest, ["config"] = config.ToJson(), ["layers"] = List(layers),
    });

    public ImageManifest WithConfig(BlobDescriptor config) => With(json => json["config"] = config.ToJson());

    public ImageManifest WithLayers(IEnumerable<BlobDescriptor> layers) => With(json => json["layers"] = List(layers));

    /// <summary>Sets an annotation, or takes it away where the value is null. Docker's manifests have none by their rules, and keep it all the same.</summary>
    public ImageManifest WithAnnotation(string name, string? value) => With(json => ImageIndex.Annotate(json, name, value));

    private ImageManifest With(Action<JsonObject> edit)
    {
        var json = _json.DeepClone().AsObject();
        edit(json);
        return FromJson(Document.MediaType, json);
    }

    private static ImageManifest FromJson(string type, JsonObject json) => Read(new ImageDocument(type, ImageJson.Write(json)), "the new image");

    private static JsonArray List(IEnumerable<BlobDescriptor> blobs) => new([.. blobs.Select(blob => (JsonNode)blob.ToJson())]);
}
