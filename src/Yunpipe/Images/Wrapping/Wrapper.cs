using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Images.Wrapping;

/// <summary>How an image is to be wrapped.</summary>
/// <param name="Algorithm">As it is to travel.</param>
/// <param name="BaseName">The reference of what is wrapped; null where it is a file of this machine.</param>
/// <param name="Platforms">Empty for all that an agent is built for.</param>
public sealed record WrapOrder(Algorithm Algorithm, AgentLayer Layer, string? BaseName, IReadOnlyList<ImagePlatform> Platforms);

/// <summary>An image that is ready to be written: nothing has moved so far.</summary>
/// <param name="Base">What is wrapped, for one kind of machine.</param>
public sealed record WrapPart(ImagePlatform Platform, WrapSubject Base, EditedImage Wrapped);

/// <summary>What wrapping an image would write.</summary>
/// <param name="Image">The manifest, or the index of several.</param>
/// <param name="LeftOut">Kinds of machines that the image is made for and no agent is.</param>
public sealed record WrapPlan(ImageDocument Image, IReadOnlyList<WrapPart> Parts, IReadOnlyList<ImagePlatform> LeftOut);

/// <summary>What writing it moved.</summary>
/// <param name="Moved">Bytes that went over the wire or to the disk, documents included.</param>
/// <param name="Skipped">Layers that were there already.</param>
/// <param name="Mounted">Layers that the registry took from another of its repositories.</param>
public sealed record WrapOutcome(ImageDocument Image, long Moved, int Skipped, int Mounted);

/// <summary>Wraps an image: reads manifest and configuration, edits both, and writes them with the agent's layer. Layers of the image are moved only
/// to a place that lacks them (docs/spec/wrapped-image.md).
/// <code>
/// the base                 the destination   then
/// manifest                 any               a manifest
/// index                    takes indexes     an index of what can be wrapped, in the same order
/// index                    holds one image   the manifest for this machine
/// wrapped already          any               its agent is taken off first
/// </code></summary>
public sealed class Wrapper : IAsyncDisposable
{
    private readonly ImagePlace _origin, _from, _to;
    private readonly PackedPlace? _packed;

    /// <summary>The places stay the caller's.</summary>
    /// <param name="progress">Hears how far layers are packed that the source has unpacked.</param>
    public Wrapper(ImagePlace from, ImagePlace to, IProgress<CopyProgress>? progress = null)
    {
        _packed = PackedPlace.For(from, to, progress);
        (_origin, _from, _to) = (from, _packed ?? from, to);
    }

    /// <summary>What is read: layers as they will be written.</summary>
    public ImagePlace Source => _from;

    /// <summary>Finds out what would be written.</summary>
    /// <param name="name">Tag or digest in the source; null for its only or latest image.</param>
    public async Task<Reading<WrapPlan>> Plan(string? name, WrapOrder order, CancellationToken cancel)
    {
        var image = await _from.ReadManifest(name, cancel);
        if (image.IsManifest)
        {
            var (part, problems) = await Part(image, order, cancel);
            if (part is null) return new(null, problems);
            if (order.Platforms.Count > 0 && !order.Platforms.Any(platform => platform.Takes(part.Platform)))
                return new(null, [new Problem(ImageCodes.NoPlatform, $"{_from.Name} has no image for {order.Platforms[0]}, only for {part.Platform}.", null, "Leave --platform out, or ask its author for a build.")]);
            return new(new WrapPlan(part.Wrapped.Manifest.Document, [part], []), []);
        }
        return await Plan(ImageIndex.Read(image, _from.Name), order, cancel);
    }

    /// <summary>Writes what was planned.</summary>
    /// <param name="tag">Tag in the destination; null to be found by digest only.</param>
    public async Task<WrapOutcome> Write(WrapPlan plan, AgentLayer layer, string? tag, IProgress<CopyProgress>? progress, CancellationToken cancel)
    {
        var blobs = new BlobCopy(_from, _to, progress);
        long moved = 0;
        foreach (var part in plan.Parts)
        {
            await blobs.Copy(part.Base.Manifest.Blobs.Where(blob => blob.Digest != part.Base.Manifest.Config.Digest), cancel);
            var written = part.Wrapped.Manifest;
            moved += await Write(_to, written.Layers[^1], layer.Bytes, cancel) + await Write(_to, written.Config, part.Wrapped.Config.Bytes, cancel);
            if (plan.Image.IsIndex) await _to.WriteManifest(written.Document, null, cancel);
            moved += written.Document.Bytes.Length;
        }
        await _to.WriteManifest(plan.Image, tag, cancel);
        await _to.Finish(cancel);
        if (plan.Image.IsIndex) moved += plan.Image.Bytes.Length;
        return new WrapOutcome(plan.Image, moved + blobs.Moved, blobs.Skipped, blobs.Mounted);
    }

    public ValueTask DisposeAsync() => _packed?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task<Reading<WrapPlan>> Plan(ImageIndex index, WrapOrder order, CancellationToken cancel)
    {
        var images = index.Images.ToList();
        var asked = order.Platforms.Count > 0 ? order.Platforms : _to.TakesIndexes ? [] : [ImagePlatform.Here];
        foreach (var platform in asked)
        {
            if (!AgentLayer.Platforms.Any(built => built.Takes(platform))) return new(null, [NoAgent(platform)]);
            if (ImageCopy.Find(index, platform) is null)
                return new(null, [new Problem(ImageCodes.NoPlatform, $"{_from.Name} has no image for {platform}, only for {Names(images)}.", null, "Choose one of these, or ask its author for a build.")]);
        }
        var chosen = (asked.Count > 0 ? asked.Select(platform => ImageCopy.Find(index, platform)!).Distinct()
            : images.Where(each => each.Platform is { } made && AgentLayer.Platforms.Any(built => built.Takes(made)))).ToList();
        if (chosen.Count == 0) return new(null, [NoAgent(images.FirstOrDefault()?.Platform ?? ImagePlatform.Nowhere)]);
        var parts = new Dictionary<BlobDescriptor, WrapPart>();
        foreach (var each in chosen)
        {
            var (part, problems) = await Part(await _from.ReadDocument(each, cancel), order, cancel);
            if (part is null) return new(null, problems);
            parts[each] = part;
        }
        var leftOut = images.Where(each => !parts.ContainsKey(each)).Select(each => each.Platform ?? ImagePlatform.Nowhere).Distinct().ToList();
        if (!_to.TakesIndexes) return new(new WrapPlan(parts.Values.First().Wrapped.Manifest.Document, [.. parts.Values], leftOut), []);
        return new(new WrapPlan(Index(index, parts, _from.Name).Document, [.. parts.Values], leftOut), []);
    }

    /// <summary>The index of the wrapped images. It is made of the index that was wrapped first, so that wrapping again gives the same bytes.</summary>
    private static ImageIndex Index(ImageIndex index, Dictionary<BlobDescriptor, WrapPart> parts, string name)
    {
        var first = BaseIndex(index, name) ?? index;
        var entries = new List<BlobDescriptor>();
        foreach (var each in first.Images)
            if (parts.FirstOrDefault(part => part.Key == each || part.Value.Base.Original?.Digest == each.Digest).Value is { } part)
                entries.Add(each with { MediaType = part.Wrapped.Manifest.Document.MediaType, Digest = part.Wrapped.Manifest.Document.Digest, Size = part.Wrapped.Manifest.Document.Bytes.Length });
        return first.WithManifests(entries).WithAnnotation(WrapLabels.BaseIndex, WrappedImage.Pack(first.Document.Bytes.Span));
    }

    /// <summary>The index that an index of wrapped images was made of.</summary>
    internal static ImageIndex? BaseIndex(ImageIndex index, string name) =>
        index.Annotations.TryGetValue(WrapLabels.BaseIndex, out var packed) && WrappedImage.Unpack(packed, ImageDocument.MaxBytes) is { } bytes
            ? ImageIndex.Read(ImageDocument.Detect(bytes, null, name), name) : null;

    private async Task<(WrapPart? Part, IReadOnlyList<Problem> Problems)> Part(ImageDocument document, WrapOrder order, CancellationToken cancel)
    {
        var image = await ReadImage(_from, document, cancel);
        var platform = image.Config.Platform;
        if (platform.Os != "linux")
            return (null, [new Problem(WrapCodes.NotLinux, $"{_from.Name} is made for {platform}; algorithms run in Linux containers.", null, "Ask its author for a Linux build.")]);
        if (!AgentLayer.Platforms.Any(built => built.Takes(platform))) return (null, [NoAgent(platform)]);
        var subject = new WrapSubject(image.Manifest, image.Config, _origin.MakesManifests ? null : image.Manifest.Document, order.BaseName);
        if (image.Config.Identity.IsWrapped)
        {
            var before = UnwrapEdit.Unwrap(image.Manifest, image.Config, _from.Name);
            subject = new WrapSubject(before.Image.Manifest, before.Image.Config, before.Original?.Document, before.Name);
        }
        var wrapped = WrapEdit.Wrap(subject, order.Algorithm, order.Layer);
        return wrapped.Value is { } edited ? (new WrapPart(platform, subject, edited), []) : (null, wrapped.Problems);
    }

    /// <summary>Manifest and configuration of an image for one kind of machine.</summary>
    internal static async Task<EditedImage> ReadImage(ImagePlace from, ImageDocument document, CancellationToken cancel)
    {
        var manifest = ImageManifest.Read(document, from.Name);
        if (!manifest.IsImage) throw new ImageException(WrapCodes.NotAnImage, $"{from.Name} is not an image: its configuration is of type “{manifest.Config.MediaType}”.", "Name the image that the algorithm is in.");
        var config = await from.ReadDocument(manifest.Config, cancel);
        return new EditedImage(manifest, ImageConfig.Read(config.Bytes, from.Name));
    }

    internal static async Task<long> Write(ImagePlace to, BlobDescriptor blob, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        if (await to.HasBlob(blob, cancel)) return 0;
        await to.WriteBlob(blob, bytes, cancel);
        return blob.Size;
    }

    private static Problem NoAgent(ImagePlatform platform) => new(WrapCodes.NoAgentForPlatform,
        $"No agent is built for {platform}, only for {string.Join(", ", AgentLayer.Platforms)}.", null, "Wrap a build of the image for one of these.");

    private static string Names(IEnumerable<BlobDescriptor> images) => Wording.AllOf(images.Select(each => (each.Platform ?? ImagePlatform.Nowhere).ToString()).Distinct());
}
