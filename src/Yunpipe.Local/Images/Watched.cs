using Yunpipe.Images;

namespace Yunpipe.Local.Images;

/// <summary>Waits for what a program does, and looks now and then how far it is.</summary>
internal static class Watched
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public static async Task<T> Await<T>(Task<T> work, IProgress<CopyProgress>? progress, Func<CopyProgress> look, TimeProvider time)
    {
        while (progress is not null && !work.IsCompleted)
        {
            progress.Report(look());
            await Task.WhenAny(work, Task.Delay(Pause, time));
        }
        return await work;
    }
}
