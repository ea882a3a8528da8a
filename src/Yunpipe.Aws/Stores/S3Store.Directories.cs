using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Yunpipe.Aws.Stores;

// Directory-style outputs: an object for each file, and a listing beside them, one line a file, so that nobody has to trust what happens to be there.
public sealed partial class S3Store
{
    private async Task UploadListing(string folder, string key, CancellationToken cancel)
    {
        var path = Path.GetTempFileName();
        try
        {
            await using (var file = new FileStream(path, FileMode.Create, FileAccess.Write))
                foreach (var name in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
                {
                    JsonSerializer.Serialize(file, new DirectoryEntry(Path.GetRelativePath(folder, name), new FileInfo(name).Length), S3Json.Default.DirectoryEntry);
                    file.WriteByte((byte)'\n');
                }
            await transfer.Upload(_work, path, key, cancel);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private async Task<bool> FetchDirectory(string listing, string key, string target, CancellationToken cancel)
    {
        if (await _work.Head(listing, cancel) is null) return false;
        Directory.CreateDirectory(target);
        var whole = true;
        await Parallel.ForEachAsync(Listed(listing, cancel), new ParallelOptions { MaxDegreeOfParallelism = transfer.Limits.AtOnce, CancellationToken = cancel }, async (file, stop) =>
        {
            if (!await transfer.Download(_work, $"{key}/{file.Name}", null, file.Size, Path.Combine(target, file.Name), stop)) Volatile.Write(ref whole, false);
        });
        return whole;
    }

    /// <summary>The files of a directory; read from a copy of the listing, which may be long.</summary>
    private async IAsyncEnumerable<DirectoryEntry> Listed(string listing, [EnumeratorCancellation] CancellationToken cancel)
    {
        var path = Path.GetTempFileName();
        try
        {
            if (!await transfer.Download(_work, listing, null, 0, path, cancel)) yield break;
            await foreach (var line in File.ReadLinesAsync(path, cancel)) yield return JsonSerializer.Deserialize(line, S3Json.Default.DirectoryEntry)!;
        }
        finally
        {
            File.Delete(path);
        }
    }
}
