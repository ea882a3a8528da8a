namespace Yunpipe.Images;

/// <summary>What a copy did.</summary>
/// <param name="Image">The manifest or index that the destination has now.</param>
/// <param name="Moved">Bytes of blobs that went over the wire or to the disk.</param>
/// <param name="Skipped">Blobs that were there already.</param>
/// <param name="Mounted">Blobs that the registry took from another of its repositories.</param>
public sealed record CopyOutcome(ImageDocument Image, long Moved, int Skipped, int Mounted);

/// <summary>Copies an image, or an index with all or some of its images, from any place to any place.
/// <code>
/// source     platforms asked   destination    then
/// manifest   any               any            the manifest, byte for byte (an error where it is for another machine)
/// index      none              takes indexes  the index, byte for byte, with all that it names
/// index      one               any            that platform's manifest
/// index      several           takes indexes  an index with these and their attestations
/// index      none              one only       the manifest for this machine
/// </code></summary>
public static class ImageCopy
{
    /// <summary>An index may name indexes; deeper than this nobody nests, and a circle would not end.</summary>
    private const int MaxDepth = 3;

    /// <param name="name">Tag or digest in the source; null for its only or latest image.</param>
    /// <param name="tag">Tag in the destination; null to be found by digest only.</param>
    /// <param name="platforms">Empty for all.</param>
    public static async Task<CopyOutcome> Run(ImagePlace from, string? name, ImagePlace to, string? tag, IReadOnlyList<ImagePlatform> platforms,
        IProgress<CopyProgress>? progress, CancellationToken cancel)
    {
        await using var packed = PackedPlace.For(from, to, progress);
        var source = packed ?? from;
        var image = await Choose(source, await source.ReadManifest(name, cancel), to, platforms, cancel);
        var blobs = new BlobCopy(source, to, progress);
        await Copy(source, image, to, blobs, 0, cancel);
        await to.WriteManifest(image, tag, cancel);
        await to.Finish(cancel);
        return new CopyOutcome(image, blobs.Moved, blobs.Skipped, blobs.Mounted);
    }

    /// <summary>Copies all that a manifest or an index names, and not itself: the caller may change it first.</summary>
    public static Task CopyContent(ImagePlace from, ImageDocument image, ImagePlace to, BlobCopy blobs, CancellationToken cancel) => Copy(from, image, to, blobs, 0, cancel);

    private static async Task Copy(ImagePlace from, ImageDocument image, ImagePlace to, BlobCopy blobs, int depth, CancellationToken cancel)
    {
        if (image.IsManifest)
        {
            await blobs.Copy(ImageManifest.Read(image, from.Name).Blobs, cancel);
            return;
        }
        if (depth == MaxDepth) throw new ImageException(ImageCodes.NestedIndex, $"The index of {from.Name} names indexes that name indexes, too deep to follow.", "Copy one of its images by digest.");
        foreach (var each in ImageIndex.Read(image, from.Name).Manifests)
        {
            if (!MediaTypes.IsManifest(each.MediaType) && !MediaTypes.IsIndex(each.MediaType))
            {
                // An index may name anything; what is no manifest is a blob.
                await blobs.Copy([each], cancel);
                continue;
            }
            var document = await from.ReadDocument(each, cancel);
            await Copy(from, document, to, blobs, depth + 1, cancel);
            await to.WriteManifest(document, null, cancel);
        }
    }

    /// <summary>The manifest or index that the destination is to have.</summary>
    private static async Task<ImageDocument> Choose(ImagePlace from, ImageDocument image, ImagePlace to, IReadOnlyList<ImagePlatform> platforms, CancellationToken cancel)
    {
        if (image.IsManifest)
        {
            if (platforms.Count > 0 && await PlatformOf(from, ImageManifest.Read(image, from.Name), cancel) is { } made && !platforms.Any(platform => platform.Takes(made)))
                throw NoPlatform(from, platforms[0], [made]);
            return image;
        }
        var index = ImageIndex.Read(image, from.Name);
        if (platforms.Count == 0)
        {
            if (to.TakesIndexes) return image;
            platforms = [ImagePlatform.Here];
        }
        var chosen = platforms.Select(platform => Find(index, platform) ?? throw NoPlatform(from, platform, index.Images.Select(each => each.Platform))).Distinct().ToArray();
        if (chosen.Length == 1) return await from.ReadDocument(chosen[0], cancel);
        if (!to.TakesIndexes) throw new ImageException(ImageCodes.OnePlatformOnly, $"{to.Name} holds an image for one kind of machine, not for {chosen.Length}.", "Choose one with --platform.");
        var digests = chosen.Select(each => each.Digest.ToString()).ToHashSet();
        return index.WithManifests(index.Manifests.Where(each =>
            chosen.Contains(each) || each.Annotations.TryGetValue(ImageIndex.AttestedAnnotation, out var attested) && digests.Contains(attested))).Document;
    }

    /// <summary>The image for a kind of machine in an index: the same variant where there are several, the first otherwise.</summary>
    public static BlobDescriptor? Find(ImageIndex index, ImagePlatform platform) =>
        index.Images.FirstOrDefault(each => each.Platform == platform) ?? index.Images.FirstOrDefault(each => each.Platform is { } made && platform.Takes(made));

    /// <summary>What the configuration says that the image is made for; null for what is no image.</summary>
    public static async Task<ImagePlatform?> PlatformOf(ImagePlace from, ImageManifest manifest, CancellationToken cancel)
    {
        if (!manifest.IsImage) return null;
        var config = await from.ReadDocument(manifest.Config, cancel);
        var subject = new ImageJson.Subject($"The configuration of {from.Name}");
        var json = config.Json(subject);
        return new ImagePlatform(subject.Text(json, "os"), subject.Text(json, "architecture"), json["variant"] is null ? null : subject.Text(json, "variant"));
    }

    private static ImageException NoPlatform(ImagePlace from, ImagePlatform asked, IEnumerable<ImagePlatform?> made) => new(ImageCodes.NoPlatform,
        $"{from.Name} has no image for {asked}, only for {Documents.Wording.AllOf(made.Where(each => each is not null).Select(each => each!.ToString()).Distinct())}.", "Choose one of these, or ask its author for a build.");
}
