namespace Yunpipe.Images;

/// <summary>Where an image lies or goes: one repository of a registry, a layout folder, an archive, a local engine. What cannot be done is an
/// <see cref="ImageException"/>. Blobs are written before the manifest that names them, and <see cref="Finish"/> comes last; a place that is disposed
/// without it keeps nothing half done. What comes out and what goes in is checked against its digest and size here, for every kind of place.</summary>
public abstract class ImagePlace : IAsyncDisposable
{
    /// <summary>As a person would say it, for messages: <c>registry.org/lab/nuclei</c>, <c>./image.tar</c>.</summary>
    public abstract string Name { get; }

    /// <summary>How many blobs it reads or takes at one time.</summary>
    public virtual int AtOnce => 1;

    /// <summary>False for what holds one kind of machine only: engines and docker's archives.</summary>
    public virtual bool TakesIndexes => true;

    /// <summary>True where layers wait for a network: they are better packed.</summary>
    public virtual bool WantsPackedLayers => false;

    /// <summary>True for engines and docker's archives, whose manifests are made while they are read: their digests mean nothing elsewhere, those of the
    /// configuration do.</summary>
    public virtual bool MakesManifests => false;

    /// <summary><c>docker</c> or <c>podman</c> for what lies in a local engine; null elsewhere.</summary>
    public virtual string? Engine => null;

    /// <summary>The manifest or index of a tag (1.2) or digest (sha256:…); null where there is none. Without a name: <c>latest</c> of a registry, the only
    /// image of a folder or an archive.</summary>
    public async Task<ImageDocument?> FindManifest(string? tagOrDigest, CancellationToken cancel)
    {
        var found = await Find(tagOrDigest, cancel);
        if (found is not null && Digest.TryParse(tagOrDigest, out var asked) && found.Digest != asked)
            throw new ImageException(ImageCodes.WrongDigest, $"{Name} gives another manifest than asked for: {found.Digest} where {asked} is wanted.", "Do not use this image.");
        return found;
    }

    /// <summary>As <see cref="FindManifest"/>; where there is none, an exception that says so.</summary>
    public async Task<ImageDocument> ReadManifest(string? tagOrDigest, CancellationToken cancel) => await FindManifest(tagOrDigest, cancel) ?? throw Missing(tagOrDigest);

    /// <summary>What a manifest or an index names, in memory: another manifest, a configuration. At most <see cref="ImageDocument.MaxBytes"/>.</summary>
    public async Task<ImageDocument> ReadDocument(BlobDescriptor blob, CancellationToken cancel)
    {
        if (blob.Size > ImageDocument.MaxBytes) throw ImageDocument.TooLarge(Name);
        if (MediaTypes.IsManifest(blob.MediaType) || MediaTypes.IsIndex(blob.MediaType))
        {
            var found = await ReadManifest(blob.Digest.ToString(), cancel);
            return found.Bytes.Length == blob.Size ? found
                : throw new ImageException(ImageCodes.WrongSize, $"The manifest {blob.Digest} of {Name} has {found.Bytes.Length} bytes where its index promises {blob.Size}.", "Push the image again.");
        }
        await using var stream = await OpenBlob(blob, cancel);
        var bytes = new byte[blob.Size];
        await stream.ReadExactlyAsync(bytes, cancel);
        // An empty blob is checked when its end is asked for, one that is too long when it goes on.
        _ = await stream.ReadAsync(new byte[1], cancel);
        return new ImageDocument(blob.MediaType, bytes);
    }

    /// <summary>A blob's bytes as a stream, which throws when they turn out to be others than promised.</summary>
    public async Task<Stream> OpenBlob(BlobDescriptor blob, CancellationToken cancel) => new VerifyingStream(await Open(blob, cancel), blob, Name);

    public abstract Task<bool> HasBlob(BlobDescriptor blob, CancellationToken cancel);

    /// <summary>Keeps a blob. <paramref name="open"/> gives its bytes from the start, and is called again when they must be sent again.</summary>
    /// <param name="progress">Bytes of this blob that have arrived so far; falls back when it is sent again.</param>
    public Task WriteBlob(BlobDescriptor blob, Func<CancellationToken, Task<Stream>> open, IProgress<long>? progress, CancellationToken cancel) =>
        Write(blob, async stop => await open(stop) is var stream && stream is VerifyingStream ? stream : new VerifyingStream(stream, blob, "The source"), progress, cancel);

    /// <summary>Keeps bytes that are in memory: configurations, small layers.</summary>
    public Task WriteBlob(BlobDescriptor blob, ReadOnlyMemory<byte> bytes, CancellationToken cancel) =>
        WriteBlob(blob, _ => Task.FromResult<Stream>(new MemoryStream(bytes.ToArray(), writable: false)), null, cancel);

    /// <summary>Takes a blob from another repository of the same registry without moving a byte; false where that cannot be done.</summary>
    public virtual Task<bool> TryMount(BlobDescriptor blob, ImagePlace from, CancellationToken cancel) => Task.FromResult(false);

    /// <summary>Keeps a manifest or an index, whose blobs or manifests are there already; without a tag, by its digest only.</summary>
    public abstract Task WriteManifest(ImageDocument manifest, string? tag, CancellationToken cancel);

    /// <summary>Makes everything that was written visible, where that does not happen at once.</summary>
    public virtual Task Finish(CancellationToken cancel) => Task.CompletedTask;

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>The tags that a registry lists for the repository; empty for other places.</summary>
    public virtual Task<IReadOnlyList<string>> Tags(CancellationToken cancel) => Task.FromResult<IReadOnlyList<string>>([]);

    /// <summary>What is said where a tag or digest is asked for and not there.</summary>
    public virtual ImageException Missing(string? tagOrDigest) =>
        new(ImageCodes.NoImage, tagOrDigest is null ? $"There is no image in {Name}." : $"There is no image {ImageNames.Called(tagOrDigest)} in {Name}.", "Check the name and the tag.");

    protected abstract Task<ImageDocument?> Find(string? tagOrDigest, CancellationToken cancel);

    protected abstract Task<Stream> Open(BlobDescriptor blob, CancellationToken cancel);

    protected abstract Task Write(BlobDescriptor blob, Func<CancellationToken, Task<Stream>> open, IProgress<long>? progress, CancellationToken cancel);

    /// <summary>What is said where a manifest names a blob that is not there.</summary>
    protected ImageException NoBlob(BlobDescriptor blob) =>
        new(ImageCodes.NoBlob, $"{Name} lacks {blob.Digest}, which the image consists of.", "Push or save the image again.");
}
