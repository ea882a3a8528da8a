using System.IO.Compression;

namespace Yunpipe.Images.Files;

/// <summary>An archive that is read: an OCI layout in a tar file, or what <c>docker save</c> writes, told apart by what is in it. It is read where it lies,
/// by seeking; one that is packed as a whole (<c>.tar.gz</c>) is unpacked into a temporary folder first.</summary>
public sealed class ArchivePlace : ImagePlace
{
    private readonly string _path;
    private readonly IProgress<CopyProgress>? _progress;
    private OwnedFolder? _folder;
    private FileStream? _file;
    private TarIndex? _tar;
    private LayoutView? _layout;
    private DockerView? _docker;
    private ImageIndex? _index;

    /// <param name="name">What messages call it; null for its path.</param>
    public ArchivePlace(string path, string? name = null, IProgress<CopyProgress>? progress = null) => (_path, Name, _progress) = (path, name ?? $"“{path}”", progress);

    public override string Name { get; }
    public override int AtOnce => 4;
    public override bool MakesManifests => _docker is not null;

    public override Task<bool> HasBlob(BlobDescriptor blob, CancellationToken cancel) => Task.FromResult(PathOf(blob.Digest) is not null);

    public override Task WriteManifest(ImageDocument manifest, string? tag, CancellationToken cancel) => throw new NotSupportedException();

    /// <summary>Opens the file and looks through its headers, once. What can be wrong with it is said here.</summary>
    public async Task Prepare(CancellationToken cancel)
    {
        if (_tar is not null) return;
        try
        {
            _file = await Unpacked(new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.Read, 1), cancel);
            _tar = await Task.Run(() => TarIndex.Read(_file, Name), cancel);
        }
        catch (InvalidDataException error)
        {
            throw new ImageException(ImageCodes.NotAnArchive, $"{Name} is packed, and cannot be unpacked.", "Save the image again.", error);
        }
        catch (Exception error) when (DiskTrouble.Is(error))
        {
            throw DiskTrouble.Reading(_path, error);
        }
        var files = new FileSet(Name, Open, path => _tar.Find(path)?.Length);
        var layout = new LayoutView(files);
        // What has both is read as a layout: it has the image's own manifest.
        if (layout.Index() is { Manifests.Count: > 0 } index) (_layout, _index) = (layout, index);
        else if (files.Size(DockerView.ManifestFile) is not null) _docker = new DockerView(files);
        else throw new ImageException(ImageCodes.NotAnArchive, $"{Name} is a tar file, but holds no image.", "“docker save” and “podman save” write such archives.");
    }

    protected override async Task<ImageDocument?> Find(string? tagOrDigest, CancellationToken cancel)
    {
        if (!File.Exists(_path)) return null;
        await Prepare(cancel);
        return _layout is not null ? _layout.Find(_index!, tagOrDigest) : _docker!.Images() is { } images ? _docker.Find(images, tagOrDigest) : null;
    }

    protected override async Task<Stream> Open(BlobDescriptor blob, CancellationToken cancel)
    {
        await Prepare(cancel);
        return PathOf(blob.Digest) is { } path ? Open(path)! : throw NoBlob(blob);
    }

    public override ImageException Missing(string? tagOrDigest) => !File.Exists(_path) ? new ImageException(ImageCodes.NoImage, $"There is no file {Name}.", "Check the name.")
        : tagOrDigest is null ? base.Missing(null)
        : LayoutView.Missing(Name, tagOrDigest, _index?.Manifests.Select(LayoutView.NameOf).OfType<string>() ?? _docker?.Names() ?? []);

    protected override Task Write(BlobDescriptor blob, Func<CancellationToken, Task<Stream>> open, IProgress<long>? progress, CancellationToken cancel) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        if (_file is not null) await _file.DisposeAsync();
        _folder?.Dispose();
        await base.DisposeAsync();
    }

    private string? PathOf(Digest digest) => _docker is not null ? _docker.FileOf(digest) : _tar?.Find(LayoutView.PathOf(digest)) is null ? null : LayoutView.PathOf(digest);

    private PartStream? Open(string path) => _tar!.Find(path) is (var offset, var length) ? new PartStream(_file!.SafeFileHandle, offset, length) : null;

    private async Task<FileStream> Unpacked(FileStream file, CancellationToken cancel)
    {
        var start = new byte[2];
        var packed = await file.ReadAtLeastAsync(start, 2, throwOnEndOfStream: false, cancel) == 2 && start is [0x1F, 0x8B];
        file.Position = 0;
        if (!packed) return file;
        _folder = OwnedFolder.Make("unpacked");
        var target = NewFile.Create(Path.Combine(_folder.Root, "image.tar"));
        try
        {
            var (done, total, doing) = (0L, file.Length, $"unpacking {Name}");
            await using var gzip = new GZipStream(new WatchedStream(file, count => _progress?.Report(new CopyProgress(doing, done += count, total))), CompressionMode.Decompress);
            await NewFile.Copy(gzip, target, null, error => DiskTrouble.Writing(_folder.Root, error), cancel);
            target.Position = 0;
            return target;
        }
        catch
        {
            await target.DisposeAsync();
            throw;
        }
    }
}
