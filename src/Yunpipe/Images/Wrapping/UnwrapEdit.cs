using System.Text.Json.Nodes;

namespace Yunpipe.Images.Wrapping;

/// <summary>An image without its agent.</summary>
/// <param name="Image">With the layers that the wrapped image has where it lies.</param>
/// <param name="Original">The manifest that was wrapped, byte for byte; null where the image does not carry it.</param>
/// <param name="Name">What it was called.</param>
/// <param name="IsExact">True where the configuration is the one that was wrapped, byte for byte; false for what somebody built on a wrapped image.</param>
public sealed record UnwrappedImage(EditedImage Image, ImageManifest? Original, string? Name, bool IsExact)
{
    /// <summary>True where the wrapped image has the layers that the original manifest names, so that this can be written again.</summary>
    public bool HasOriginalLayers => Original is not null && Original.Layers.Select(layer => layer.Digest).SequenceEqual(Image.Manifest.Layers.Select(layer => layer.Digest));
}

/// <summary>Takes the agent off an image.
/// <code>
/// the image                                    configuration          manifest
/// as it was wrapped                            byte for byte          byte for byte
/// … and an engine made it a manifest anew      byte for byte          made of the layers that are there
/// built on a wrapped image                     edited back            made of the layers that are there
/// </code></summary>
internal static class UnwrapEdit
{
    /// <param name="name">Whose it is, for messages.</param>
    public static UnwrappedImage Unwrap(ImageManifest manifest, ImageConfig config, string name)
    {
        if (manifest.Layers.Count != config.DiffIds.Count)
            throw new ImageException(ImageCodes.BadManifest, $"The manifest of {name} names {manifest.Layers.Count} layers and its configuration {config.DiffIds.Count}.", "Push or build the image again.");
        var layer = config.Labels.GetValueOrDefault(ImageIdentity.AgentLayerLabel);
        var kept = Enumerable.Range(0, manifest.Layers.Count).Where(i => config.DiffIds[i] != layer).ToArray();
        var before = Before(config, [.. kept.Select(i => config.DiffIds[i])]);
        var restored = before ?? config.With(json => Edit(json, config, kept));
        var original = before is null ? null : Original(config, restored);
        var type = original?.Config.MediaType ?? manifest.Config.MediaType;
        var layers = manifest.WithConfig(BlobDescriptor.Of(type, restored.Bytes.Span)).WithLayers(kept.Select(i => manifest.Layers[i]))
            .WithAnnotation(WrapLabels.OciBaseDigest, null).WithAnnotation(WrapLabels.OciBaseName, null);
        var unwrapped = new UnwrappedImage(new EditedImage(layers, restored), original, config.Labels.GetValueOrDefault(WrapLabels.BaseName), before is not null);
        return unwrapped.HasOriginalLayers ? unwrapped with { Image = new EditedImage(original!, restored) } : unwrapped;
    }

    /// <summary>The configuration that was wrapped, if this image still has its layers and no others.</summary>
    private static ImageConfig? Before(ImageConfig config, IReadOnlyList<string> layers)
    {
        if (!config.Labels.TryGetValue(WrapLabels.BaseConfig, out var packed) || WrappedImage.Unpack(packed, ImageDocument.MaxBytes) is not { } bytes) return null;
        var before = ImageConfig.Read(bytes, "the image that was wrapped");
        return before.DiffIds.SequenceEqual(layers) ? before : null;
    }

    private static ImageManifest? Original(ImageConfig config, ImageConfig before)
    {
        if (!config.Labels.TryGetValue(WrapLabels.BaseManifest, out var packed) || WrappedImage.Unpack(packed, ImageDocument.MaxBytes) is not { } bytes) return null;
        const string Name = "the image that was wrapped";
        var original = ImageManifest.Read(ImageDocument.Detect(bytes, null, Name), Name);
        return original.Config.Digest == Digest.Of(before.Bytes.Span) ? original : null;
    }

    private static void Edit(JsonObject json, ImageConfig config, IReadOnlyList<int> kept)
    {
        var run = json["config"]!.AsObject();
        var identity = config.Identity;
        Set(run, "Entrypoint", identity.OwnEntrypoint);
        Set(run, "Cmd", identity.OwnCommand);
        Set(run, "Env", identity.OwnEnvironment);
        var labels = run["Labels"]!.AsObject();
        foreach (var name in labels.Select(label => label.Key).Where(name => name.StartsWith(WrapLabels.Prefix, StringComparison.Ordinal)).ToList()) labels.Remove(name);
        json["rootfs"]!["diff_ids"] = Array(kept.Select(i => config.DiffIds[i]));
        if (json["history"] is JsonArray history)
            foreach (var entry in history.Where(entry => entry?["created_by"]?.ToString() == WrapEdit.HistoryEntry).ToList()) history.Remove(entry);
    }

    private static void Set(JsonObject run, string key, IEnumerable<string> words)
    {
        if (words.Any()) run[key] = Array(words);
        else run.Remove(key);
    }

    private static JsonArray Array(IEnumerable<string> words) => new([.. words.Select(word => (JsonNode)word)]);
}
