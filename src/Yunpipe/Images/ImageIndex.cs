using System.Text.Json.Nodes;

namespace Yunpipe.Images;

/// <summary>One image for several kinds of machines (OCI image specification, "Image Index"; docker's manifest list). Edits give a new index and keep
/// every field that has no meaning here.</summary>
public sealed class ImageIndex
{
    /// <summary>On an attestation's descriptor: the digest of the manifest that it speaks about.</summary>
    public const string AttestedAnnotation = "vnd.docker.reference.digest";

    private readonly JsonObject _json;

    private ImageIndex(ImageDocument document, JsonObject json, ImageJson.Subject subject)
    {
        (Document, _json) = (document, json);
        Manifests = [.. subject.List(json, "manifests").Select(manifest => BlobDescriptor.Read(manifest, subject))];
        Annotations = subject.Texts(json, "annotations");
    }

    public ImageDocument Document { get; }

    public IReadOnlyList<BlobDescriptor> Manifests { get; }

    public IReadOnlyDictionary<string, string> Annotations { get; }

    /// <summary>The manifests that a machine can run: attestations are beside them.</summary>
    public IEnumerable<BlobDescriptor> Images => Manifests.Where(manifest => manifest.Platform is not { IsNowhere: true } && !manifest.Annotations.ContainsKey(AttestedAnnotation));

    /// <summary>Reads an index; an <see cref="ImageException"/> says what is wrong with it.</summary>
    /// <param name="name">Whose it is, for messages.</param>
    public static ImageIndex Read(ImageDocument document, string name)
    {
        var subject = new ImageJson.Subject($"The index of {name}");
        return document.IsIndex ? new ImageIndex(document, document.Json(subject), subject) : throw subject.Bad($"“{document.MediaType}” is no index");
    }

    /// <summary>A new index of the OCI kind.</summary>
    public static ImageIndex Of(IEnumerable<BlobDescriptor> manifests) =>
        FromJson(MediaTypes.Index, new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = MediaTypes.Index, ["manifests"] = List(manifests) });

    public ImageIndex WithManifests(IEnumerable<BlobDescriptor> manifests) => With(json => json["manifests"] = List(manifests));

    /// <summary>Puts another manifest where one stands: platform, annotations and unknown fields stay.</summary>
    public ImageIndex WithReplaced(BlobDescriptor old, ImageDocument manifest) => WithManifests(Manifests.Select(each =>
        ReferenceEquals(each, old) || each == old ? each with { MediaType = manifest.MediaType, Digest = manifest.Digest, Size = manifest.Bytes.Length } : each));

    /// <summary>Sets an annotation, or takes it away where the value is null.</summary>
    public ImageIndex WithAnnotation(string name, string? value) => With(json => Annotate(json, name, value));

    internal static void Annotate(JsonObject json, string name, string? value)
    {
        var annotations = json["annotations"] as JsonObject ?? [];
        if (value is null) annotations.Remove(name);
        else annotations[name] = value;
        if (annotations.Count == 0) json.Remove("annotations");
        else if (annotations.Parent is null) json["annotations"] = annotations;
    }

    private ImageIndex With(Action<JsonObject> edit)
    {
        var json = _json.DeepClone().AsObject();
        edit(json);
        return FromJson(Document.MediaType, json);
    }

    private static ImageIndex FromJson(string type, JsonObject json) => Read(new ImageDocument(type, ImageJson.Write(json)), "the new image");

    private static JsonArray List(IEnumerable<BlobDescriptor> manifests) => new([.. manifests.Select(manifest => (JsonNode)manifest.ToJson())]);
}
