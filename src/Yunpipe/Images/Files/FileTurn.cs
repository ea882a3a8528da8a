namespace Yunpipe.Images.Files;

/// <summary>One writer at a time, by an advisory lock that ends with its process.</summary>
internal static class FileTurn
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private const int Tries = 3000;

    public static Task<FileStream> Take(string path, TimeProvider time, CancellationToken cancel) =>
        Retry(() => new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1), time, cancel);

    /// <summary>Asks again while another holds the file: for a minute, since an index is written in milliseconds.</summary>
    public static async Task<T> Retry<T>(Func<T> action, TimeProvider time, CancellationToken cancel)
    {
        for (var tries = 0; ; tries++)
            try
            {
                return action();
            }
            catch (IOException error) when (IsHeld(error) && tries < Tries)
            {
                await Task.Delay(Pause, time, cancel);
            }
    }

    /// <summary>True where a file could not be opened because another holds it.</summary>
    public static bool IsHeld(IOException error) => error.HResult == 11 || error.Message.Contains("being used by another process", StringComparison.Ordinal);
}
