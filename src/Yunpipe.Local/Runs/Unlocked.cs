using System.Runtime.InteropServices;
using Yunpipe.Work;

namespace Yunpipe.Local.Runs;

/// <summary>Reads a small file that another process has locked. Every stream of .NET asks for a shared lock first, which such a file refuses.</summary>
internal static partial class Unlocked
{
    private const int O_RDONLY = 0;

    /// <summary>The first 4 KiB; null where the file cannot be opened.</summary>
    public static byte[]? Read(string path)
    {
        var fd = open(path, O_RDONLY);
        if (fd < 0) return null;
        try
        {
            var buffer = new byte[4096];
            return buffer[..Posix.Read(fd, buffer)];
        }
        finally
        {
            Posix.Close(fd);
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);
}
