namespace Yunpipe.Images.Files;

/// <summary>An OCI image layout in a folder. Blobs and the index get their names when they are whole; writers take turns at the index, so that none loses
/// another's names.</summary>
internal sealed class LayoutPlace : ImagePlace
{
    private readonly string _folder;
    private readonly LayoutView _view;
    private readonly TimeProvider _time;
    private readonly List<BlobDescriptor> _named = [];
    private readonly Lock _lock = new();
    private ImageDocument? _last;
    private bool _made, _finished;

    public LayoutPlace(string folder, TimeProvider time)
    {
        (_folder, _time) = (folder, time);
        _view = new LayoutView(new FileSet($"“{folder}”", OpenFile, SizeOf));
    }

    public override string Name => $"“{_folder}”";
    public override int AtOnce => 4;

    public static bool Is(string folder) => File.Exists(Path.Combine(folder, LayoutView.MarkerFile));

    public override Task<bool> HasBlob(BlobDescriptor blob, CancellationToken cancel) => Task.FromResult(SizeOf(LayoutView.PathOf(blob.Digest)) == blob.Size);

    public override async Task WriteManifest(ImageDocument manifest, string? tag, CancellationToken cancel)
    {
        if (!await HasBlob(manifest.Descriptor, cancel)) await WriteBlob(manifest.Descriptor, manifest.Bytes, cancel);
        lock (_lock)
        {
            _last = manifest;
            if (tag is not null && !Digest.TryParse(tag, out _)) _named.Add(manifest.Descriptor with { Annotations = new Dictionary<string, string> { [LayoutView.NameAnnotation] = tag } });
        }
    }

    /// <summary>Enters the names into the index. An image without a name is entered without one, so that it can be found at all.</summary>
    public override async Task Finish(CancellationToken cancel)
    {
        var news = _named.Count > 0 ? [.. _named] : _last is null ? [] : new List<BlobDescriptor> { _last.Descriptor };
        if (news.Count == 0) return;
        Prepare();
        try
        {
            // A file that is never replaced: of two writers that make one layout, each may put its own marker in place.
            await using (await FileTurn.Take(Path.Combine(_folder, LayoutView.MarkerFile + ".lock"), _time, cancel))
            {
                var path = Path.Combine(_folder, LayoutView.IndexFile);
                var index = _view.Names() ?? ImageIndex.Of([]);
                var names = news.Select(LayoutView.NameOf).OfType<string>().ToHashSet();
                var kept = index.Manifests.Where(each => LayoutView.NameOf(each) is { } name ? !names.Contains(name) : news.All(one => one.Digest != each.Digest));
                NewFile.Write(path, index.WithManifests(kept.Concat(news)).Document.Bytes.Span);
                foreach (var folder in (string[])[_folder, Path.Combine(_folder, LayoutView.Blobs)]) NewFile.ClearLeft(folder, _time);
            }
        }
        catch (Exception error) when (DiskTrouble.Is(error))
        {
            throw DiskTrouble.Writing(_folder, error);
        }
        _finished = true;
    }

    protected override async Task<ImageDocument?> Find(string? tagOrDigest, CancellationToken cancel)
    {
        if (!Is(_folder)) return Directory.Exists(_folder) ? throw NotALayout() : null;
        try
        {
            return await FileTurn.Retry(() => _view.Find(_view.Index()!, tagOrDigest), _time, cancel);
        }
        catch (Exception error) when (DiskTrouble.Is(error))
        {
            throw DiskTrouble.Reading(_folder, error);
        }
    }

    protected override Task<Stream> Open(BlobDescriptor blob, CancellationToken cancel) => Task.FromResult<Stream>(OpenFile(LayoutView.PathOf(blob.Digest)) ?? throw NoBlob(blob));

    protected override async Task Write(BlobDescriptor blob, Func<CancellationToken, Task<Stream>> open, IProgress<long>? progress, CancellationToken cancel)
    {
        Prepare();
        await NewFile.Write(Path.Combine(_folder, LayoutView.PathOf(blob.Digest)), open, progress, cancel);
    }

    public override ImageException Missing(string? tagOrDigest) => !Directory.Exists(_folder) ? new ImageException(ImageCodes.NoImage, $"There is no folder {Name}.", "Check the name.")
        : tagOrDigest is null ? base.Missing(null) : LayoutView.Missing(Name, tagOrDigest, _view.Names()?.Manifests.Select(LayoutView.NameOf).OfType<string>() ?? []);

    private void Prepare()
    {
        lock (_lock)
        {
            if (Is(_folder)) return;
            try
            {
                if (Directory.Exists(_folder) && Directory.EnumerateFileSystemEntries(_folder).Any(entry => !IsOurs(Path.GetFileName(entry)))) throw NotALayout();
                _made = !Directory.Exists(_folder);
                Directory.CreateDirectory(Path.Combine(_folder, LayoutView.Blobs));
                NewFile.Write(Path.Combine(_folder, LayoutView.MarkerFile), """{"imageLayoutVersion":"1.0.0"}"""u8);
            }
            catch (Exception error) when (DiskTrouble.Is(error))
            {
                throw DiskTrouble.Writing(_folder, error);
            }
        }
    }

    /// <summary>A folder that was made for an image which never came is taken away; one that others use too keeps its blobs, since they may count on them.</summary>
    public override async ValueTask DisposeAsync()
    {
        if (_made && !_finished && Directory.Exists(_folder) && !File.Exists(Path.Combine(_folder, LayoutView.IndexFile))) Directory.Delete(_folder, recursive: true);
        await base.DisposeAsync();
    }

    /// <summary>What a layout begins with: another writer may be making the same one.</summary>
    private static bool IsOurs(string name) => name is "blobs" or LayoutView.IndexFile || name.StartsWith(LayoutView.MarkerFile, StringComparison.Ordinal);

    private ImageException NotALayout() => new(ImageCodes.NotALayout, $"“{_folder}” is a folder, but no OCI image layout.", "Name an empty or a new folder, or one with a file “oci-layout”.");

    private FileStream? OpenFile(string path)
    {
        try
        {
            return new FileStream(Path.Combine(_folder, path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException error)
        {
            throw DiskTrouble.Reading(Path.Combine(_folder, path), error);
        }
    }

    private long? SizeOf(string path) => new FileInfo(Path.Combine(_folder, path)) is { Exists: true } file ? file.ResolveLinkTarget(true) is FileInfo target ? target.Length : file.Length : null;
}
