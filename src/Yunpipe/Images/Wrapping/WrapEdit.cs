using System.Text.Json.Nodes;
using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Images.Wrapping;

/// <summary>One image for one kind of machine, as it is written: its configuration, and the manifest that names it.</summary>
public sealed record EditedImage(ImageManifest Manifest, ImageConfig Config);

/// <summary>What is wrapped.</summary>
/// <param name="Original">The manifest as it lies in the place that it comes from; null where that was only made while it was read.</param>
/// <param name="Name">What people call it, as a reference; null for a file of this machine, whose path means nothing elsewhere.</param>
public sealed record WrapSubject(ImageManifest Manifest, ImageConfig Config, ImageDocument? Original, string? Name);

/// <summary>Puts the agent on an image: manifest and configuration are edited, no layer is read. The same input gives the same bytes: nothing here knows
/// the time, the machine or the user.</summary>
internal static class WrapEdit
{
    public const string HistoryEntry = "yunpipe wrap";

    /// <param name="algorithm">As it is to travel: see <see cref="TravellingAlgorithm"/>.</param>
    public static Reading<EditedImage> Wrap(WrapSubject subject, Algorithm algorithm, AgentLayer layer)
    {
        var (manifest, config) = (subject.Manifest, subject.Config);
        var inside = new WrappedImage(algorithm, config.Entrypoint, config.Command).ToText();
        if (inside.Value is not { } text) return new(null, inside.Problems);
        var labels = Labels(subject, algorithm, layer);
        if (WrapLabels.TooLarge(labels, algorithm) is { } large) return new(null, [large]);
        var edited = config.With(json => Edit(json, config, text, labels, layer));
        var written = manifest
            .WithConfig(BlobDescriptor.Of(manifest.Config.MediaType, edited.Bytes.Span))
            .WithLayers(manifest.Layers.Append(layer.Descriptor(manifest)));
        if (!MediaTypes.IsDocker(manifest.Document.MediaType))
            written = written.WithAnnotation(WrapLabels.OciBaseDigest, subject.Original?.Digest.ToString()).WithAnnotation(WrapLabels.OciBaseName, subject.Name);
        return new(new EditedImage(written, edited), []);
    }

    private static Dictionary<string, string> Labels(WrapSubject subject, Algorithm algorithm, AgentLayer layer)
    {
        var labels = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [ImageIdentity.AgentLayerLabel] = layer.DiffId.ToString(),
            [ImageIdentity.EntrypointLabel] = WrapLabels.List(subject.Config.Entrypoint),
            [ImageIdentity.CommandLabel] = WrapLabels.List(subject.Config.Command),
            [WrapLabels.Algorithm] = AlgorithmWriter.ToJson(algorithm),
            [WrapLabels.BaseConfig] = WrappedImage.Pack(subject.Config.Bytes.Span),
        };
        if (algorithm.Version.Length > 0) labels[WrapLabels.Version] = algorithm.Version;
        if (subject.Name is { } name) labels[WrapLabels.BaseName] = name;
        if (subject.Original is not { } original) return labels;
        labels[WrapLabels.BaseDigest] = original.Digest.ToString();
        labels[WrapLabels.BaseManifest] = WrappedImage.Pack(original.Bytes.Span);
        return labels;
    }

    private static void Edit(JsonObject json, ImageConfig config, string inside, IReadOnlyDictionary<string, string> labels, AgentLayer layer)
    {
        var run = json["config"] as JsonObject ?? (JsonObject)(json["config"] = new JsonObject());
        run["Entrypoint"] = new JsonArray(WrappedImage.Agent);
        run.Remove("Cmd");
        run["Env"] = new JsonArray([.. config.Environment.Append($"{WrappedImage.Variable}={inside}").Select(variable => (JsonNode)variable)]);
        var all = run["Labels"] as JsonObject ?? (JsonObject)(run["Labels"] = new JsonObject());
        foreach (var (name, value) in labels.OrderBy(label => label.Key, StringComparer.Ordinal)) all[name] = value;
        json["rootfs"]!["diff_ids"]!.AsArray().Add((JsonNode)layer.DiffId.ToString());
        // Where there is a history it has an entry for each layer; where there is none, one entry would be one too few.
        if (json["history"] is not JsonArray history) return;
        var entry = new JsonObject();
        if (json["created"]?.DeepClone() is { } created) entry["created"] = created;
        entry["created_by"] = HistoryEntry;
        history.Add((JsonNode)entry);
    }
}
