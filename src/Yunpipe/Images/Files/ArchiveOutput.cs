namespace Yunpipe.Images.Files;

/// <summary>Where the bytes of an archive go: a file, or the standard input of an engine's client.</summary>
public abstract class ArchiveOutput : IAsyncDisposable
{
    public abstract Stream Stream { get; }

    /// <summary>Takes the archive for whole. Disposing without this leaves nothing behind.</summary>
    public abstract Task Commit(CancellationToken cancel);

    /// <summary>Turns a failure to write into what the reader of the archive said about it, where it said something.</summary>
    public abstract ImageException Explain(Exception error);

    public abstract ValueTask DisposeAsync();
}

/// <summary>A file that gets its name at the end.</summary>
internal sealed class ArchiveFile : ArchiveOutput
{
    private readonly string _path, _temporary;
    private readonly FileStream _file;

    public ArchiveFile(string path)
    {
        (_path, _temporary) = (path, NewFile.Temporary(path));
        try
        {
            _file = NewFile.Create(_temporary);
        }
        catch (Exception error) when (DiskTrouble.Is(error))
        {
            throw DiskTrouble.Writing(path, error);
        }
    }

    public override Stream Stream => _file;

    public override async Task Commit(CancellationToken cancel)
    {
        await _file.DisposeAsync();
        File.Move(_temporary, _path, overwrite: true);
    }

    public override ImageException Explain(Exception error) => DiskTrouble.Writing(_path, error);

    public override async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync();
        File.Delete(_temporary);
    }
}
