using System.IO.Compression;
using System.Security.Cryptography;
using Yunpipe.Images.Files;

namespace Yunpipe.Images;

/// <summary>A source whose unpacked layers are packed before they travel. Engines save layers unpacked; a registry would keep them so, three times as large
/// as they need be. Packed layers wait in files, since their digest must be known before anything is sent.</summary>
internal sealed class PackedPlace(ImagePlace inner, IProgress<CopyProgress>? progress) : ImagePlace
{
    private readonly Dictionary<Digest, (BlobDescriptor Blob, string File)> _packed = [];
    private readonly Dictionary<Digest, ImageDocument> _manifests = [];
    private OwnedFolder? _folder;
    private long _read, _total;

    /// <summary>Null where layers can go as they are. Whether a source makes its manifests is known only when one was read.</summary>
    public static PackedPlace? For(ImagePlace from, ImagePlace to, IProgress<CopyProgress>? progress) =>
        to.WantsPackedLayers && !from.WantsPackedLayers ? new PackedPlace(from, progress) : null;

    public override string Name => inner.Name;
    public override int AtOnce => inner.AtOnce;

    public override Task<bool> HasBlob(BlobDescriptor blob, CancellationToken cancel) =>
        _packed.Values.Any(each => each.Blob.Digest == blob.Digest) ? Task.FromResult(true) : inner.HasBlob(blob, cancel);

    public override Task WriteManifest(ImageDocument manifest, string? tag, CancellationToken cancel) => throw new NotSupportedException();

    protected override Task Write(BlobDescriptor blob, Func<CancellationToken, Task<Stream>> open, IProgress<long>? progress, CancellationToken cancel) => throw new NotSupportedException();

    protected override async Task<ImageDocument?> Find(string? tagOrDigest, CancellationToken cancel)
    {
        if (Digest.TryParse(tagOrDigest, out var asked) && _manifests.TryGetValue(asked, out var known)) return known;
        if (await inner.FindManifest(tagOrDigest, cancel) is not { } found) return null;
        if (!found.IsManifest || !inner.MakesManifests) return found;
        var manifest = ImageManifest.Read(found, Name);
        var layers = new List<BlobDescriptor>();
        _total += manifest.Layers.Where(IsUnpacked).DistinctBy(layer => layer.Digest).Where(layer => !_packed.ContainsKey(layer.Digest)).Sum(layer => layer.Size);
        foreach (var layer in manifest.Layers) layers.Add(IsUnpacked(layer) ? await Pack(layer, cancel) : layer);
        var document = layers.SequenceEqual(manifest.Layers) ? found : manifest.WithLayers(layers).Document;
        return _manifests[document.Digest] = document;
    }

    protected override async Task<Stream> Open(BlobDescriptor blob, CancellationToken cancel) =>
        _packed.Values.FirstOrDefault(each => each.Blob.Digest == blob.Digest).File is { } file ? File.OpenRead(file) : await inner.OpenBlob(blob, cancel);

    private static bool IsUnpacked(BlobDescriptor layer) => MediaTypes.Packing(layer.MediaType) == LayerPacking.Tar;

    private async Task<BlobDescriptor> Pack(BlobDescriptor layer, CancellationToken cancel)
    {
        if (_packed.TryGetValue(layer.Digest, out var known)) return known.Blob;
        _folder ??= OwnedFolder.Make("layers");
        var path = Path.Combine(_folder.Root, layer.Digest.Hex);
        try
        {
            using var hash = SHA256.Create();
            long size;
            await using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                await using (var source = new WatchedStream(await inner.OpenBlob(layer, cancel), count => progress?.Report(new CopyProgress("packing layers", _read += count, _total))))
                await using (var hashed = new CryptoStream(file, hash, CryptoStreamMode.Write, leaveOpen: true))
                await using (var gzip = new GZipStream(hashed, CompressionLevel.Optimal)) await source.CopyToAsync(gzip, 1 << 17, cancel);
                size = file.Length;
            }
            var type = MediaTypes.IsDocker(layer.MediaType) ? MediaTypes.DockerLayerGzip : MediaTypes.LayerGzip;
            var blob = layer with { MediaType = type, Digest = Digest.FromHash(hash.Hash), Size = size };
            _packed[layer.Digest] = (blob, path);
            return blob;
        }
        catch (Exception error) when (DiskTrouble.Is(error))
        {
            throw DiskTrouble.Writing(_folder.Root, error);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        _folder?.Dispose();
        await base.DisposeAsync();
    }
}
