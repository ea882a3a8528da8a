using System.Text.Json.Nodes;

namespace Yunpipe.Images.Files;

/// <summary>Which programs are to read an archive.</summary>
public enum ArchiveForm
{
    /// <summary>OCI layout only; holds several platforms.</summary>
    Oci,

    /// <summary>OCI layout, and what <c>docker load</c> of any age reads, over the same blobs; one platform.</summary>
    Docker,

    /// <summary>The second where the image has one platform, otherwise the first.</summary>
    Any,
}

/// <summary>An archive that is written, in one pass: blobs as they come, then what names them. Layers stay packed as they are; engines unpack them.</summary>
public sealed class NewArchivePlace : ImagePlace
{
    private readonly ArchiveForm _form;
    private readonly Func<ArchiveOutput> _open;
    private readonly HashSet<Digest> _written = [];
    private readonly SemaphoreSlim _turn = new(1, 1);
    private ArchiveOutput? _output;
    private TarOutput? _tar;
    private (ImageDocument Document, string? Tag)? _root;
    private bool _broken;

    /// <param name="name">What messages call it.</param>
    /// <param name="open">Called when the first byte is to be written.</param>
    public NewArchivePlace(string name, ArchiveForm form, Func<ArchiveOutput> open) => (Name, _form, _open) = (name, form, open);

    public override string Name { get; }
    public override bool TakesIndexes => _form != ArchiveForm.Docker;

    /// <summary>The full name of the image for <c>docker load</c>: null where the tag is all that is known.</summary>
    public string? FullName { get; init; }

    public override Task<bool> HasBlob(BlobDescriptor blob, CancellationToken cancel) => Task.FromResult(_written.Contains(blob.Digest));

    protected override async Task Write(BlobDescriptor blob, Func<CancellationToken, Task<Stream>> open, IProgress<long>? progress, CancellationToken cancel)
    {
        await using var source = await open(cancel);
        await Add(LayoutView.PathOf(blob.Digest), blob.Size, stream => NewFile.Copy(source, stream, progress, error => _output!.Explain(error), cancel), cancel);
        _written.Add(blob.Digest);
    }

    public override async Task WriteManifest(ImageDocument manifest, string? tag, CancellationToken cancel)
    {
        if (!_written.Contains(manifest.Digest)) await WriteBlob(manifest.Descriptor, manifest.Bytes, cancel);
        // The image comes after all that it names.
        _root = (manifest, tag);
    }

    public override async Task Finish(CancellationToken cancel)
    {
        if (_root is not (var document, var tag)) return;
        var named = new Dictionary<string, string>();
        if (tag is not null && !Digest.TryParse(tag, out _)) named[LayoutView.NameAnnotation] = tag;
        if (FullName is not null) named[LayoutView.FullNameAnnotation] = ImageNames.Full(FullName) ?? FullName;
        var index = ImageIndex.Of([document.Descriptor with { Annotations = named }]).Document;
        await Add(LayoutView.IndexFile, index.Bytes, cancel);
        if (document.IsManifest && _form != ArchiveForm.Oci && Loadable(ImageManifest.Read(document, Name)) is { } manifest) await Add(DockerView.ManifestFile, ForDocker(manifest, tag), cancel);
        await Add(LayoutView.MarkerFile, """{"imageLayoutVersion":"1.0.0"}"""u8.ToArray(), cancel);
        await Guard(async () =>
        {
            await _tar!.End(cancel);
            await _output!.Commit(cancel);
        });
    }

    protected override Task<ImageDocument?> Find(string? tagOrDigest, CancellationToken cancel) => Task.FromResult<ImageDocument?>(null);

    protected override Task<Stream> Open(BlobDescriptor blob, CancellationToken cancel) => throw NoBlob(blob);

    public override async ValueTask DisposeAsync()
    {
        if (_output is not null) await _output.DisposeAsync();
        _turn.Dispose();
        await base.DisposeAsync();
    }

    /// <summary>Null where docker could not load the image, for want of a layer that no registry gives.</summary>
    private ImageManifest? Loadable(ImageManifest manifest)
    {
        if (manifest.Layers.FirstOrDefault(layer => MediaTypes.IsForeign(layer.MediaType)) is not { } foreign) return manifest;
        return _form != ArchiveForm.Docker ? null
            : throw new ImageException(ImageCodes.NoBlob, $"{Name} cannot hold the image: its layer {foreign.Digest} is given away by its author only.", "Copy the image into a registry, a folder or an OCI archive.");
    }

    private byte[] ForDocker(ImageManifest manifest, string? tag)
    {
        var name = FullName ?? (tag is not null && tag.AsSpan().ContainsAny(':', '/') ? tag : null);
        return ImageJson.Write(new JsonArray(new JsonObject
        {
            ["Config"] = LayoutView.PathOf(manifest.Config.Digest),
            ["RepoTags"] = name is null ? null : new JsonArray(name),
            ["Layers"] = new JsonArray([.. manifest.Layers.Select(layer => (JsonNode)LayoutView.PathOf(layer.Digest))]),
        }));
    }

    private Task Add(string path, ReadOnlyMemory<byte> bytes, CancellationToken cancel) => Add(path, bytes.Length, stream => stream.WriteAsync(bytes, cancel).AsTask(), cancel);

    private async Task Add(string path, long size, Func<Stream, Task> copy, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            await Guard(async () =>
            {
                _output ??= _open();
                _tar ??= new TarOutput(_output.Stream);
                await _tar.WriteFile(path, size, copy, cancel);
            });
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>After a failure in the middle of an entry nothing that follows would be read.</summary>
    private async Task Guard(Func<Task> write)
    {
        if (_broken) throw new InvalidOperationException("The archive is broken already.");
        _broken = true;
        try
        {
            await write();
        }
        catch (Exception error) when (_output is not null && DiskTrouble.Is(error))
        {
            throw _output.Explain(error);
        }
        _broken = false;
    }
}
