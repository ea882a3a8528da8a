namespace Yunpipe.Images;

/// <summary>What the file system refuses, in words. Numbers are those of Linux (errno), which .NET hands on as the result of an <see cref="IOException"/>.</summary>
internal static class DiskTrouble
{
    private const int NoSpace = 28, OverQuota = 122;

    /// <summary>True for what the file system says, false for what a place of images says itself.</summary>
    public static bool Is(Exception error) => error is (IOException or UnauthorizedAccessException) and not ImageException;

    public static ImageException Writing(string path, Exception error) => error.HResult is NoSpace or OverQuota
        ? new ImageException(ImageCodes.DiskFull, $"The disk is full: “{path}” could not be written.", "Make room, then try again.", error)
        : new ImageException(ImageCodes.Unusable, $"“{path}” cannot be written: {Says(error)}.", "Check that the folder is there and yours.", error);

    public static ImageException Reading(string path, Exception error) => error is FileNotFoundException or DirectoryNotFoundException
        ? new ImageException(ImageCodes.NoImage, $"There is no “{path}”.", "Check the name.", error)
        : new ImageException(ImageCodes.Unusable, $"“{path}” cannot be read: {Says(error)}.", "Check that it is yours.", error);

    private static string Says(Exception error) => error.Message.TrimEnd('.');
}
