using System.Runtime.InteropServices;
using Yunpipe.Work;

namespace Yunpipe.Local.Stores;

/// <summary>Files that a stream of .NET cannot open, or never comes back from.</summary>
internal static partial class RawFile
{
    private const int O_RDONLY = 0, O_NONBLOCK = 0x800, SEEK_CUR = 1, ENXIO = 6;

    /// <summary>The first 4 KiB of a small file, also where another process has locked it: a stream asks for a shared lock first. Null where it cannot be opened.</summary>
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

    /// <summary>True for a pipe or a socket, at which a reader would wait for ever.</summary>
    public static bool IsPipe(string path)
    {
        var fd = open(path, O_RDONLY | O_NONBLOCK);
        if (fd < 0) return Marshal.GetLastPInvokeError() == ENXIO;
        try
        {
            return lseek(fd, 0, SEEK_CUR) < 0;
        }
        finally
        {
            Posix.Close(fd);
        }
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial long lseek(int fd, long offset, int whence);
}
