using Yunpipe.Documents;

namespace Yunpipe.Aws.Stores;

/// <summary>Looks before a download whether it will fit: a disk that is filled to the brim takes the running algorithm down too.</summary>
internal static class DiskRoom
{
    /// <summary>What is left alone for logs and records.</summary>
    private const long Margin = 32 << 20;

    public static void Check(string path, long needed)
    {
        // Small files are not worth the question.
        if (needed < Margin) return;
        var free = Free(path);
        if (free is { } bytes && bytes < needed + Margin)
            throw new IOException($"No space left on device: “{Path.GetFileName(path)}” has {new ByteSize(needed)}, and {new ByteSize(bytes)} are free.");
    }

    /// <summary>Bytes that are free where a path lies; null where that cannot be told.</summary>
    public static long? Free(string path)
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
