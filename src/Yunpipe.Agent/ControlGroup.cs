using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace Yunpipe.Agent;

/// <summary>What the kernel counts for this container, in the files of version 2 or 1 of control groups. Only a container has a group of its own, so
/// for an agent that is not process 1 nothing is read. The files are held open: one system call a reading; -1 where there is none.
/// <code>
///            version 2 (/sys/fs/cgroup)          version 1 (/sys/fs/cgroup/…)
/// killed     memory.events  oom_kill             memory/memory.oom_control  oom_kill
/// memory     memory.stat    anon + shmem         memory/memory.stat         total_rss + total_shmem
/// processor  cpu.stat       usage_usec           cpuacct/cpuacct.usage      nanoseconds
/// </code></summary>
internal static class ControlGroup
{
    private const string Root = "/sys/fs/cgroup";
    private static readonly bool IsVersion2 = File.Exists($"{Root}/cgroup.controllers");
    private static readonly SafeFileHandle? Events = Open(IsVersion2 ? "memory.events" : "memory/memory.oom_control");
    private static readonly SafeFileHandle? Statistics = Open(IsVersion2 ? "memory.stat" : "memory/memory.stat");
    private static readonly SafeFileHandle? Processor = Open(IsVersion2 ? "cpu.stat" : "cpuacct/cpuacct.usage");
    private static readonly byte[] Buffer = new byte[8 << 10];

    public static bool IsContainer { get; } = Environment.ProcessId == 1;

    /// <summary>How many processes of this container were killed for want of memory.</summary>
    public static long Killed() => After(Text(Events), "oom_kill "u8);

    /// <summary>Bytes that all processes of this container hold together, without what the kernel caches for them.</summary>
    public static long Memory()
    {
        var text = Text(Statistics);
        var (anonymous, shared) = IsVersion2 ? (After(text, "anon "u8), After(text, "shmem "u8)) : (After(text, "total_rss "u8), After(text, "total_shmem "u8));
        return anonymous < 0 ? -1 : anonymous + Math.Max(0, shared);
    }

    /// <summary>Milliseconds of processor time of all that ever ran in this container, the agent included.</summary>
    public static double Cpu()
    {
        var text = Text(Processor);
        if (IsVersion2) return After(text, "usage_usec "u8) is >= 0 and var micro ? micro / 1e3 : -1;
        return Utf8Parser.TryParse(text, out long nano, out _) ? nano / 1e6 : -1;
    }

    /// <summary>The number behind a name that begins a line.</summary>
    private static long After(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        while (!text.IsEmpty)
        {
            if (text.StartsWith(name)) return Utf8Parser.TryParse(text[name.Length..], out long number, out _) ? number : -1;
            var end = text.IndexOf((byte)'\n');
            if (end < 0) break;
            text = text[(end + 1)..];
        }
        return -1;
    }

    private static ReadOnlySpan<byte> Text(SafeFileHandle? source)
    {
        if (source is null) return default;
        try
        {
            return Buffer.AsSpan(0, RandomAccess.Read(source, Buffer, 0));
        }
        catch (IOException)
        {
            return default;
        }
    }

    private static SafeFileHandle? Open(string name)
    {
        try
        {
            return Environment.ProcessId == 1 && File.Exists($"{Root}/{name}") ? File.OpenHandle($"{Root}/{name}", FileMode.Open, FileAccess.Read, FileShare.ReadWrite) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Not readable for this user: the end of a process then tells less.
            return null;
        }
    }
}
