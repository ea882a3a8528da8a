using Yunpipe.Images;
using Yunpipe.Images.Files;
using Yunpipe.Local.Launchers;

namespace Yunpipe.Local.Images;

/// <summary>An image that an engine saves into a temporary file when it is first asked for. A file and not a stream, since engines write what names the
/// layers after the layers.</summary>
internal sealed class SavedImage(ContainerEngine engine, string name, Action<string>? says) : ImagePlace
{
    private static readonly TimeSpan Patience = TimeSpan.FromHours(2);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private DirectoryInfo? _folder;
    private ArchivePlace? _archive;

    public override string Name => $"{engine.Name} ({name})";
    public override int AtOnce => 4;

    public override string? Engine => engine.Name;

    /// <summary>Also where an engine saves a whole layout: it makes that while it saves.</summary>
    public override bool MakesManifests => true;

    public override async Task<bool> HasBlob(BlobDescriptor blob, CancellationToken cancel) => await (await Saved(cancel)).HasBlob(blob, cancel);

    public override Task WriteManifest(ImageDocument manifest, string? tag, CancellationToken cancel) => throw new NotSupportedException();

    /// <summary>One image is saved, so that no name has to be compared.</summary>
    protected override async Task<ImageDocument?> Find(string? tagOrDigest, CancellationToken cancel) =>
        await (await Saved(cancel)).FindManifest(Digest.TryParse(tagOrDigest, out _) ? tagOrDigest : null, cancel);

    protected override async Task<Stream> Open(BlobDescriptor blob, CancellationToken cancel) => await (await Saved(cancel)).OpenBlob(blob, cancel);

    protected override Task Write(BlobDescriptor blob, Func<CancellationToken, Task<Stream>> open, IProgress<long>? progress, CancellationToken cancel) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        if (_archive is not null) await _archive.DisposeAsync();
        _folder?.Delete(recursive: true);
        _turn.Dispose();
        await base.DisposeAsync();
    }

    private async Task<ArchivePlace> Saved(CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            return _archive ??= await Save(cancel);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<ArchivePlace> Save(CancellationToken cancel)
    {
        says?.Invoke($"saving {name} from {engine.Name}");
        _folder ??= Directory.CreateTempSubdirectory("yunpipe-saved-");
        var path = Path.Combine(_folder.FullName, "image.tar");
        // Podman's own form would pack layers anew; docker's keeps the configuration byte for byte.
        string[] form = engine.IsPodman ? ["--format", "docker-archive"] : [];
        var answer = await Task.Run(() => engine.Ask(["save", .. form, "--output", path, name], Patience, cancel), cancel);
        cancel.ThrowIfCancellationRequested();
        if (!answer.Ok) throw EngineImages.Failed(engine, $"save “{name}”", answer.Errors);
        var archive = new ArchivePlace(path, Name);
        await archive.Prepare(cancel);
        return archive;
    }
}
