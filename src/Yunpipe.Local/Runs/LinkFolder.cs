using Yunpipe.Images;
using Yunpipe.Local.Stores;
using Yunpipe.Work;

namespace Yunpipe.Local.Runs;

/// <summary>A folder in memory for the links to inputs, for runs whose algorithms are processes of this machine. A run holds its output folder alone,
/// so what stands there under its name is of a run that was killed.</summary>
internal static class LinkFolder
{
    private const string Memory = "/dev/shm";

    /// <summary>Null where the machine has no such file system, or it may not be written.</summary>
    public static string? Make(StoreLayout layout)
    {
        if (!Directory.Exists(Memory)) return null;
        try
        {
            Remove(layout);
            return Directory.CreateDirectory(Of(layout), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // It only saves time.
        }
    }

    public static void Remove(StoreLayout layout) => AttemptFolders.Delete(Of(layout));

    private static string Of(StoreLayout layout) => Path.Combine(Memory, "yunpipe-" + Digest.Of(System.Text.Encoding.UTF8.GetBytes(layout.Root)).Hex[..16]);
}
