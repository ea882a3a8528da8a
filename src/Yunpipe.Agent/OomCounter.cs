using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace Yunpipe.Agent;

/// <summary>How many processes of this container the kernel has killed for memory (cgroup v2 <c>memory.events</c>, v1 <c>memory.oom_control</c>).
/// The file is held open: one system call a reading.</summary>
internal static class OomCounter
{
    private static readonly SafeFileHandle? Source = Open();
    private static readonly byte[] Buffer = new byte[512];

    /// <summary>-1 where it cannot be read, as on a host.</summary>
    public static long Read()
    {
        if (Source is null) return -1;
        try
        {
            var text = Buffer.AsSpan(0, RandomAccess.Read(Source, Buffer, 0));
            var at = text.IndexOf("oom_kill "u8);
            return at >= 0 && Utf8Parser.TryParse(text[(at + 9)..], out long count, out _) ? count : -1;
        }
        catch (IOException)
        {
            return -1;
        }
    }

    private static SafeFileHandle? Open()
    {
        foreach (var path in (ReadOnlySpan<string>)["/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"])
            try
            {
                if (File.Exists(path)) return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Not readable for this user: the end of a process then tells less.
                return null;
            }
        return null;
    }
}
