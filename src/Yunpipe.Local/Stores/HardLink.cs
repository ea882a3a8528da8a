using System.Runtime.InteropServices;

namespace Yunpipe.Local.Stores;

internal static partial class HardLink
{
    private const int EEXIST = 17, EXDEV = 18, EPERM = 1, EMLINK = 31, ENOTSUP = 95;

    /// <summary>False where the target exists, or the file system has no hard links; other errors throw.</summary>
    public static bool Make(string source, string target)
    {
        if (link(source, target) == 0) return true;
        var error = Marshal.GetLastPInvokeError();
        return error is EEXIST or EXDEV or EPERM or EMLINK or ENOTSUP ? false
            : throw new IOException($"“{target}” could not be linked: {Marshal.GetPInvokeErrorMessage(error)}.");
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string source, string target);
}
