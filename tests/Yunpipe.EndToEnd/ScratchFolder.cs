namespace Yunpipe.EndToEnd;

/// <summary>A folder for one test, gone afterwards.</summary>
internal sealed class ScratchFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("yunpipe-e2e-").FullName;

    public string Folder(params string[] names)
    {
        var path = Path.Combine([Root, .. names]);
        Directory.CreateDirectory(path);
        return path;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
