using System.Collections.Concurrent;
using Yunpipe.Images;

namespace Yunpipe.Tests;

/// <summary>A place of images in memory, which counts what is written.</summary>
internal sealed class MemoryPlace : ImagePlace
{
    private readonly ConcurrentDictionary<Digest, byte[]> _blobs = [];
    private readonly ConcurrentDictionary<string, ImageDocument> _manifests = [];
    private int _written;
    private bool _asked;

    public override string Name => "memory";

    public bool HoldsOne { get; init; }

    public bool IsEngine { get; init; }

    public override bool TakesIndexes => !HoldsOne;

    /// <summary>As an archive, which tells only when it was looked into.</summary>
    public override bool MakesManifests => IsEngine && _asked;

    /// <summary>Bytes of blobs.</summary>
    public int Written => _written;

    public IEnumerable<ImageDocument> Manifests => _manifests.Values;

    public BlobDescriptor Put(string type, byte[] bytes)
    {
        var blob = BlobDescriptor.Of(type, bytes);
        _blobs[blob.Digest] = bytes;
        return blob;
    }

    public ImageDocument Put(ImageDocument manifest, string? tag)
    {
        _manifests[manifest.Digest.ToString()] = manifest;
        if (tag is not null) _manifests[tag] = manifest;
        return manifest;
    }

    public override Task<bool> HasBlob(BlobDescriptor blob, CancellationToken cancel) => Task.FromResult(_blobs.ContainsKey(blob.Digest));

    public override Task WriteManifest(ImageDocument manifest, string? tag, CancellationToken cancel)
    {
        if (manifest.IsManifest)
            foreach (var blob in ImageManifest.Read(manifest, Name).Blobs) _blobs.Keys.ShouldContain(blob.Digest, "a blob comes before the manifest that names it");
        else
            foreach (var each in ImageIndex.Read(manifest, Name).Manifests) _manifests.Keys.ShouldContain(each.Digest.ToString(), "a manifest comes before the index that names it");
        Put(manifest, tag);
        return Task.CompletedTask;
    }

    protected override Task<ImageDocument?> Find(string? tagOrDigest, CancellationToken cancel)
    {
        _asked = true;
        return Task.FromResult(_manifests.GetValueOrDefault(tagOrDigest ?? "latest"));
    }

    protected override Task<Stream> Open(BlobDescriptor blob, CancellationToken cancel) =>
        Task.FromResult<Stream>(_blobs.TryGetValue(blob.Digest, out var bytes) ? new MemoryStream(bytes) : throw NoBlob(blob));

    protected override async Task Write(BlobDescriptor blob, Func<CancellationToken, Task<Stream>> open, IProgress<long>? progress, CancellationToken cancel)
    {
        await using var stream = await open(cancel);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, cancel);
        _blobs[blob.Digest] = bytes.ToArray();
        Interlocked.Add(ref _written, (int)bytes.Length);
    }
}
