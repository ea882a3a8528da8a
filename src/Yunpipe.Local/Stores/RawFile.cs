using System.Runtime.InteropServices;
using Yunpipe.Work;

namespace Yunpipe.Local.Stores;

/// <summary>Files that a stream of .NET cannot open, or never comes back from.</summary>
internal static partial class RawFile
{
    private const int O_RDONLY = 0;

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

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);
}
