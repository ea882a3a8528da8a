using Yunpipe.Documents;

namespace Yunpipe.Work;

/// <summary>What is free on a disk.</summary>
public static class DiskRoom
{
    /// <summary>What a download leaves alone, for logs and records.</summary>
    private const long Margin = 32 << 20;

    /// <summary>Bytes below which there is no room for a file, or for a page of records and its journal.</summary>
    private const long NoRoom = 64 << 10;

    /// <summary>Throws where so many bytes will not fit: a disk that is filled to the brim takes the running algorithm down too.</summary>
    public static void Check(string path, long needed)
    {
        // Small files are not worth the question.
        if (needed < Margin) return;
        if (Free(path) is { } bytes && bytes < needed + Margin)
            throw new IOException($"No space left on device: “{Path.GetFileName(path)}” has {new ByteSize(needed)}, and {new ByteSize(bytes)} are free.");
    }

    /// <summary>True where the disk that holds a path is full. Not every program says so when that ends it: dash speaks of an input/output error.</summary>
    public static bool IsFull(string path) => Free(path) < NoRoom;

    /// <summary>Null where that cannot be told.</summary>
    private static long? Free(string path)
    {
        try
        {
            return new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(path))!).AvailableFreeSpace;
        }
        catch (Exception error) when (error is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
