namespace Yunpipe.Images.Files;

/// <summary>A file that gets its name when it is whole, and is gone when it never is.</summary>
internal static class NewFile
{
    private const int Block = 128 << 10;
    private const string Ending = ".new";
    private static readonly TimeSpan Still = TimeSpan.FromMinutes(1);

    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        var temporary = Temporary(path);
        try
        {
            File.WriteAllBytes(temporary, bytes);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    public static async Task Write(string path, Func<CancellationToken, Task<Stream>> open, IProgress<long>? progress, CancellationToken cancel)
    {
        var temporary = Temporary(path);
        try
        {
            await using (var source = await open(cancel))
            await using (var file = Create(temporary)) await Copy(source, file, progress, error => DiskTrouble.Writing(path, error), cancel);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error)
        {
            File.Delete(temporary);
            if (DiskTrouble.Is(error)) throw DiskTrouble.Writing(path, error);
            throw;
        }
    }

    /// <summary>Copies until the source ends. What the target refuses is explained; what the source says goes through.</summary>
    public static async Task Copy(Stream source, Stream target, IProgress<long>? progress, Func<Exception, ImageException> explain, CancellationToken cancel)
    {
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(Block);
        try
        {
            long done = 0;
            int count;
            while ((count = await source.ReadAsync(buffer.AsMemory(0, Block), cancel)) > 0)
            {
                try
                {
                    await target.WriteAsync(buffer.AsMemory(0, count), cancel);
                }
                catch (Exception error) when (DiskTrouble.Is(error))
                {
                    throw explain(error);
                }
                progress?.Report(done += count);
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public static FileStream Create(string path) => new(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, 1);

    /// <summary>Two writers of one file never share a temporary one.</summary>
    public static string Temporary(string path) => $"{path}.{Guid.NewGuid():N}{Ending}";

    /// <summary>Deletes what killed writers left in a folder: files that nobody holds open and that did not grow for a minute.</summary>
    public static void ClearLeft(string folder, TimeProvider time)
    {
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*" + Ending))
        {
            // Only what has a name from above: the folder may hold files of its owner.
            var ours = Guid.TryParseExact(Path.GetExtension(Path.GetFileNameWithoutExtension(file.Name)).TrimStart('.'), "N", out _);
            if (!ours || time.GetUtcNow() - file.LastWriteTimeUtc < Still) continue;
            try
            {
                // Who writes holds a lock, which ends with its process.
                using var alone = file.Open(FileMode.Open, FileAccess.ReadWrite, FileShare.None);
                file.Delete();
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Somebody writes it, or it is somebody else's: it is theirs to clear.
            }
        }
    }
}
