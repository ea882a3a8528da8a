using Yunpipe.Documents;

namespace Yunpipe.Images.Wrapping;

/// <summary>What unwrapping gave back.</summary>
/// <param name="Image">The manifest or index that the destination has now.</param>
/// <param name="IsOriginal">True where it is what was wrapped, byte for byte.</param>
/// <param name="ImageId">Digest of the configuration, which is the one that was wrapped in every case; null for an index.</param>
/// <param name="Missing">Kinds of machines whose images the index had before and that were nowhere to be found.</param>
public sealed record UnwrapOutcome(ImageDocument Image, bool IsOriginal, Digest? ImageId, IReadOnlyList<ImagePlatform> Missing);

/// <summary>Takes the agent off an image and gives back what was wrapped. Configuration and manifest travel in the image's labels; the original manifest
/// can be written where its layers are: in the place that the wrapped image comes from, or in the destination.</summary>
public static class Unwrapper
{
    /// <param name="name">Tag or digest in the source; null for its only or latest image.</param>
    /// <param name="tag">Tag in the destination; null to be found by digest only.</param>
    public static async Task<UnwrapOutcome> Unwrap(ImagePlace from, string? name, ImagePlace to, string? tag, IProgress<CopyProgress>? progress, CancellationToken cancel)
    {
        await using var packed = PackedPlace.For(from, to, progress);
        var source = packed ?? from;
        var image = await source.ReadManifest(name, cancel);
        var blobs = new BlobCopy(source, to, progress);
        var outcome = image.IsManifest ? await Manifest(source, image, to, blobs, cancel) : await Index(source, ImageIndex.Read(image, source.Name), to, blobs, cancel);
        await to.WriteManifest(outcome.Image, tag, cancel);
        await to.Finish(cancel);
        return outcome;
    }

    /// <summary>Writes all that the manifest names, and not itself.</summary>
    private static async Task<UnwrapOutcome> Manifest(ImagePlace from, ImageDocument document, ImagePlace to, BlobCopy blobs, CancellationToken cancel)
    {
        var image = await Wrapper.ReadImage(from, document, cancel);
        if (!image.Config.Identity.IsWrapped)
            throw new ImageException(WrapCodes.NotWrapped, $"{from.Name} is not a wrapped image: it has no label {ImageIdentity.AgentLayerLabel}.", "Name an image that “yunpipe wrap” made.");
        var before = UnwrapEdit.Unwrap(image.Manifest, image.Config, from.Name);
        if (!before.IsExact)
            throw new ImageException(WrapCodes.BuiltOnWrapped, $"{from.Name} was built on a wrapped image, so there is no image before it to give back.", "Unwrap the image that it was built on, and build on that.");
        var manifest = before.Image.Manifest;
        var there = before is { Original: not null, HasOriginalLayers: false } && await HasAll(to, before.Original.Layers, cancel);
        if (there) manifest = before.Original!;
        else await blobs.Copy(manifest.Blobs.Where(blob => blob.Digest != manifest.Config.Digest), cancel);
        _ = await Wrapper.Write(to, manifest.Config, before.Image.Config.Bytes, cancel);
        return new UnwrapOutcome(manifest.Document, before.HasOriginalLayers || there, manifest.Config.Digest, []);
    }

    private static async Task<UnwrapOutcome> Index(ImagePlace from, ImageIndex index, ImagePlace to, BlobCopy blobs, CancellationToken cancel)
    {
        var original = Wrapper.BaseIndex(index, from.Name);
        var exact = original is not null;
        var given = new List<BlobDescriptor>();
        foreach (var each in index.Images)
        {
            var part = await Manifest(from, await from.ReadDocument(each, cancel), to, blobs, cancel);
            await to.WriteManifest(part.Image, null, cancel);
            exact &= part.IsOriginal;
            given.Add(each with { MediaType = part.Image.MediaType, Digest = part.Image.Digest, Size = part.Image.Bytes.Length });
        }
        if (!exact) return new UnwrapOutcome(index.WithManifests(given).WithAnnotation(WrapLabels.BaseIndex, null).Document, false, null, []);
        // What could not be wrapped was left where it lay.
        var missing = new List<BlobDescriptor>();
        foreach (var each in original!.Manifests.Where(each => given.All(part => part.Digest != each.Digest)))
            if (await to.FindManifest(each.Digest.ToString(), cancel) is null && !await Bring(from, each, to, blobs, cancel)) missing.Add(each);
        var whole = missing.Count == 0 ? original : original.WithManifests(original.Manifests.Where(each => !missing.Contains(each)));
        return new UnwrapOutcome(whole.Document, missing.Count == 0, null, [.. missing.Where(each => each.Platform is { IsNowhere: false }).Select(each => each.Platform!)]);
    }

    private static async Task<bool> Bring(ImagePlace from, BlobDescriptor manifest, ImagePlace to, BlobCopy blobs, CancellationToken cancel)
    {
        if (await from.FindManifest(manifest.Digest.ToString(), cancel) is not { } document) return false;
        await ImageCopy.CopyContent(from, document, to, blobs, cancel);
        await to.WriteManifest(document, null, cancel);
        return true;
    }

    private static async Task<bool> HasAll(ImagePlace to, IReadOnlyList<BlobDescriptor> blobs, CancellationToken cancel)
    {
        foreach (var blob in blobs)
            if (!await to.HasBlob(blob, cancel)) return false;
        return true;
    }
}
