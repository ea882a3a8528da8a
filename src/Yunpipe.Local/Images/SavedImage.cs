using System.Globalization;
using Yunpipe.Images;
using Yunpipe.Images.Files;
using Yunpipe.Local.Launchers;

namespace Yunpipe.Local.Images;

/// <summary>An image that an engine saves into a temporary file when it is first asked for. A file and not a stream, since engines write what names the
/// layers after the layers.</summary>
internal sealed class SavedImage(ContainerEngine engine, string name, IProgress<CopyProgress>? progress, TimeProvider time) : ImagePlace
{
    private static readonly TimeSpan Patience = TimeSpan.FromHours(2), AskPatience = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private OwnedFolder? _folder;
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
        _folder?.Dispose();
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
        _folder ??= OwnedFolder.Make("saved");
        var path = Path.Combine(_folder.Root, "image.tar");
        // Podman's own form would pack layers anew; docker's keeps the configuration byte for byte.
        string[] form = engine.IsPodman ? ["--format", "docker-archive"] : [];
        var total = progress is null ? 0 : await Task.Run(Size, cancel);
        var saving = Task.Run(() => engine.Ask(["save", .. form, "--output", path, name], Patience, cancel), cancel);
        var answer = await Watched.Await(saving, progress, () => new CopyProgress($"saving {name} from {engine.Name}", Written(), total), time);
        cancel.ThrowIfCancellationRequested();
        if (!answer.Ok) throw EngineImages.Failed(engine, $"save “{name}”", answer.Errors);
        var archive = new ArchivePlace(path, Name);
        await archive.Prepare(cancel);
        return archive;
    }

    /// <summary>Bytes of the unpacked layers, as the engine counts them: near to what the archive will have. 0 where it does not say.</summary>
    private long Size() => long.TryParse(engine.Ask(["image", "inspect", "--format", "{{.Size}}", name], AskPatience, CancellationToken.None).Output.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : 0;

    /// <summary>An engine may write under another name first.</summary>
    private long Written()
    {
        try
        {
            return new DirectoryInfo(_folder!.Root).EnumerateFiles().Sum(file => file.Length);
        }
        catch (IOException)
        {
            return 0; // It got its name just now.
        }
    }
}
