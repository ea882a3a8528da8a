using System.Text.Json.Nodes;

namespace Yunpipe.Images.Files;

/// <summary>Files of a folder or of an archive, by their names with slashes. Open gives null where there is no such file; streams can be of any length.</summary>
internal sealed record FileSet(string Name, Func<string, Stream?> Open, Func<string, long?> Size)
{
    /// <summary>A small file whole; null where it is absent.</summary>
    public byte[]? Read(string path)
    {
        if (Size(path) is not { } size) return null;
        if (size > ImageDocument.MaxBytes) throw new ImageException(ImageCodes.TooLarge, $"“{path}” in {Name} is larger than {ImageDocument.MaxBytes >> 20} MiB.", "Is this an image?");
        using var stream = Open(path)!;
        var bytes = new byte[size];
        stream.ReadExactly(bytes);
        return bytes;
    }
}

/// <summary>Files as an OCI image layout (OCI image specification, "Image Layout"): an index of what has a name, and blobs by their digests.</summary>
internal sealed class LayoutView(FileSet files)
{
    public const string MarkerFile = "oci-layout", IndexFile = "index.json";
    public const string Blobs = "blobs/sha256";

    /// <summary>Name of an image within a layout; docker writes the full name into an annotation of its own.</summary>
    public const string NameAnnotation = "org.opencontainers.image.ref.name", FullNameAnnotation = "io.containerd.image.name";

    public static string PathOf(Digest digest) => $"{Blobs}/{digest.Hex}";

    /// <summary>What the layout names; null where these files are no layout.</summary>
    public ImageIndex? Index()
    {
        if (files.Read(MarkerFile) is not { } marker) return null;
        if (ImageJson.TryRead(marker)?["imageLayoutVersion"] is not JsonValue version || !version.TryGetValue<string>(out var number) || !number.StartsWith("1.", StringComparison.Ordinal))
            throw new ImageException(ImageCodes.NotALayout, $"{files.Name} is an image layout of a version that is not known here.", "Versions 1.x are.");
        return Names() ?? throw new ImageException(ImageCodes.NotALayout, $"{files.Name} is an image layout without its {IndexFile}.", "Save the image again.");
    }

    /// <summary>The index alone, without a look at what says that this is a layout; null where there is none yet.</summary>
    public ImageIndex? Names() => files.Read(IndexFile) is { } bytes ? ImageIndex.Read(ImageDocument.Detect(bytes, MediaTypes.Index, files.Name), files.Name) : null;

    public ImageDocument? Find(ImageIndex index, string? name)
    {
        if (Digest.TryParse(name, out var digest)) return Read(index.Manifests.FirstOrDefault(each => each.Digest == digest) ?? new BlobDescriptor("", digest, -1));
        var named = name is null ? index.Manifests : [.. index.Manifests.Where(each => IsNamed(each, name))];
        var distinct = named.DistinctBy(each => each.Digest).ToList();
        if (distinct.Count > 1 && name is null) throw Several(files.Name, index.Manifests.Select(NameOf).OfType<string>());
        // The last one counts where a name stands twice, as the tools do it that only ever append.
        return distinct.Count == 0 ? null : Read(distinct[^1]) ?? throw new ImageException(ImageCodes.NoBlob, $"{files.Name} lacks {distinct[^1].Digest}, which it names.", "Save the image again.");
    }

    public static ImageException Several(string place, IEnumerable<string> names)
    {
        var known = names.Distinct().ToList();
        return new ImageException(ImageCodes.SeveralImages, $"There are several images in {place}.", known.Count == 0 ? "Name one by its digest." : $"Add one of their names: {Documents.Wording.AnyOf(known)}.");
    }

    /// <summary>What is said where a folder or an archive does not hold what was asked for.</summary>
    /// <param name="names">Those that it does hold.</param>
    public static ImageException Missing(string place, string asked, IEnumerable<string> names)
    {
        var known = names.Distinct().ToList();
        return new ImageException(ImageCodes.NoImage, $"There is no image {ImageNames.Called(asked)} in {place}.", known.Count == 0 ? "Check the name." : $"It holds {Documents.Wording.AllOf(known)}.");
    }

    public static string? NameOf(BlobDescriptor each) => each.Annotations.GetValueOrDefault(NameAnnotation) ?? each.Annotations.GetValueOrDefault(FullNameAnnotation);

    private static bool IsNamed(BlobDescriptor each, string name) =>
        each.Annotations.GetValueOrDefault(NameAnnotation) == name || each.Annotations.GetValueOrDefault(FullNameAnnotation) is { } full && ImageNames.Same(full, name);

    private ImageDocument? Read(BlobDescriptor blob)
    {
        if (files.Read(PathOf(blob.Digest)) is not { } bytes) return null;
        var found = ImageDocument.Detect(bytes, blob.MediaType, files.Name);
        return found.Digest == blob.Digest ? found
            : throw new ImageException(ImageCodes.WrongDigest, $"{files.Name} gives other bytes than asked for: {found.Digest} where {blob.Digest} is wanted.", "Save the image again.");
    }
}
