using System.Runtime.InteropServices;

namespace Yunpipe.Work;

/// <summary>The few system calls that the base class library does not give: a process in a group of its own, its resource use, its descriptors.
/// Every function is linked directly into the static agent, whose project lists each by name.</summary>
public static unsafe partial class Posix
{
    public const int SigTerm = 15, SigKill = 9;
    public const short PollIn = 1, PollHangUp = 16;
    private const int EINTR = 4, WNOHANG = 1, O_CLOEXEC = 0x80000;
    private const int PR_SET_CHILD_SUBREAPER = 36;

    [StructLayout(LayoutKind.Sequential)]
    public struct PollFd { public int Fd; public short Events; public short Happened; }

    [StructLayout(LayoutKind.Sequential)]
    private struct Usage
    {
        public long UserSeconds, UserMicroseconds, SystemSeconds, SystemMicroseconds;
        public long MaxRss, Ixrss, Idrss, Isrss, MinFaults, MajFaults, Swaps, InBlock, OutBlock, Sent, Received, Signals, Voluntary, Involuntary;
    }

    /// <summary>A process that has ended and was reaped: wait status, CPU milliseconds, peak memory in bytes, blocks of 512 bytes in and out.</summary>
    public readonly record struct Ended(int Pid, int Status, double Cpu, long PeakMemory, long BytesRead, long BytesWritten)
    {
        public bool Exited => (Status & 0x7f) == 0;
        public int ExitCode => (Status >> 8) & 0xff;
        public int Signal => Status & 0x7f;
    }

    /// <summary>Reads what there is; 0 at the end, negative never (an error throws).</summary>
    public static int Read(int fd, Span<byte> buffer)
    {
        fixed (byte* at = buffer)
            while (true)
            {
                var count = read(fd, at, (nuint)buffer.Length);
                if (count >= 0) return (int)count;
                if (Marshal.GetLastPInvokeError() != EINTR) throw Failed("read");
            }
    }

    public static void WriteAll(int fd, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
            fixed (byte* at = bytes)
            {
                var count = write(fd, at, (nuint)bytes.Length);
                if (count >= 0) bytes = bytes[(int)count..];
                else if (Marshal.GetLastPInvokeError() != EINTR) throw Failed("write");
            }
    }

    public static void Close(int fd)
    {
        if (fd >= 0) _ = close(fd);
    }

    /// <summary>A pipe whose ends no other child inherits.</summary>
    public static (int Reader, int Writer) Pipe()
    {
        var ends = stackalloc int[2];
        return pipe2(ends, O_CLOEXEC) == 0 ? (ends[0], ends[1]) : throw Failed("pipe2");
    }

    /// <summary>Waits until a descriptor is ready; 0 when the time (milliseconds, negative for ever) is over.</summary>
    public static int Poll(Span<PollFd> fds, int milliseconds)
    {
        fixed (PollFd* at = fds)
        {
            var ready = poll(at, (nuint)fds.Length, milliseconds);
            return ready >= 0 ? ready : Marshal.GetLastPInvokeError() == EINTR ? 0 : throw Failed("poll");
        }
    }

    /// <summary>A descriptor that becomes readable when the process ends; -1 on kernels before 5.3.</summary>
    public static int OpenPid(int pid) => (int)pidfd_open(434, pid, 0);

    public static void Kill(int pidOrMinusGroup, int signal) => _ = kill(pidOrMinusGroup, signal);

    /// <summary>Makes orphans of our children ours, so that they can be found and ended.</summary>
    public static void BecomeReaper() => _ = prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);

    /// <summary>Reaps one ended child: null while it runs (or, without hang, while none has ended); Pid -1 when there is no child at all.</summary>
    public static Ended? Wait(int pid, bool hang)
    {
        int status;
        Usage use;
        while (true)
        {
            var reaped = wait4(pid, &status, hang ? 0 : WNOHANG, &use);
            if (reaped == 0) return null;
            if (reaped > 0)
                return new Ended(reaped, status, (use.UserSeconds + use.SystemSeconds) * 1e3 + (use.UserMicroseconds + use.SystemMicroseconds) / 1e3,
                    use.MaxRss * 1024, use.InBlock * 512, use.OutBlock * 512);
            if (Marshal.GetLastPInvokeError() != EINTR) return new Ended(-1, 0, 0, 0, 0, 0);
        }
    }

    /// <summary>Flushes the file system that holds the open descriptor.</summary>
    public static void SyncFileSystem(int fd)
    {
        if (syncfs(fd) != 0) throw Failed("syncfs");
    }

    /// <summary>The user and group that files of ours belong to.</summary>
    public static (uint User, uint Group) Owner() => (geteuid(), getegid());

    /// <summary>Whose file it is; null where there is none. Of a link its own owner.</summary>
    public static (uint User, uint Group)? OwnerOf(string path)
    {
        const int AT_FDCWD = -100, AT_SYMLINK_NOFOLLOW = 0x100;
        const uint STATX_UID = 8, STATX_GID = 16;
        // struct statx is the same on every architecture, 256 bytes; the owner stands at 20, the group at 24.
        var buffer = stackalloc byte[256];
        return statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_UID | STATX_GID, buffer) == 0 ? (*(uint*)(buffer + 20), *(uint*)(buffer + 24)) : null;
    }

    /// <summary>What a path leads to; <see cref="Nothing"/> where that is nothing that this user can see.</summary>
    public enum Kind { Nothing, File, Directory, Link, Other }

    /// <summary>Kind, size in bytes and time of last change (UTC) of what stands at a path, in one system call and without allocating.</summary>
    /// <param name="follows">True for what a link leads to, false for the link itself.</param>
    public static (Kind Kind, long Size, DateTime Changed) Look(string path, bool follows = true)
    {
        const int AT_FDCWD = -100, AT_SYMLINK_NOFOLLOW = 0x100, S_IFMT = 0xF000, S_IFREG = 0x8000, S_IFDIR = 0x4000, S_IFLNK = 0xA000;
        const uint STATX_TYPE = 1, STATX_MTIME = 0x40, STATX_SIZE = 0x200;
        // In struct statx the mode stands at 28, the size at 40, the time of change at 112: seconds, then nanoseconds.
        var buffer = stackalloc byte[256];
        if (statx(AT_FDCWD, path, follows ? 0 : AT_SYMLINK_NOFOLLOW, STATX_TYPE | STATX_SIZE | STATX_MTIME, buffer) != 0) return default;
        var kind = (*(ushort*)(buffer + 28) & S_IFMT) switch { S_IFREG => Kind.File, S_IFDIR => Kind.Directory, S_IFLNK => Kind.Link, _ => Kind.Other };
        var ticks = DateTime.UnixEpoch.Ticks + *(long*)(buffer + 112) * TimeSpan.TicksPerSecond + *(uint*)(buffer + 120) / 100;
        return (kind, *(long*)(buffer + 40), new DateTime(Math.Clamp(ticks, 0, DateTime.MaxValue.Ticks), DateTimeKind.Utc));
    }

    /// <summary>Makes a file (or a link itself) somebody's; false where that is not allowed.</summary>
    public static bool GiveTo(string path, uint user, uint group) => lchown(path, user, group) == 0;

    /// <summary>Further groups whose files this process may read.</summary>
    public static IReadOnlyList<uint> Groups()
    {
        var groups = stackalloc uint[1024];
        var count = getgroups(1024, groups);
        return count > 0 ? new ReadOnlySpan<uint>(groups, count).ToArray() : [];
    }

    /// <summary>The path without any link in it; null where it leads nowhere, or in a circle.</summary>
    public static string? RealPath(string path)
    {
        const int PATH_MAX = 4096;
        var buffer = stackalloc byte[PATH_MAX];
        return realpath(path, buffer) == 0 ? null : Marshal.PtrToStringUTF8((nint)buffer);
    }

    public static string ErrorText(int error) => Marshal.GetPInvokeErrorMessage(error);

    private static IOException Failed(string call) =>
        new($"{call}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}") { HResult = Marshal.GetLastPInvokeError() };

    [LibraryImport("libc", SetLastError = true)] private static partial nint read(int fd, byte* buffer, nuint count);
    [LibraryImport("libc", SetLastError = true)] private static partial nint write(int fd, byte* buffer, nuint count);
    [LibraryImport("libc")] private static partial int close(int fd);
    [LibraryImport("libc", SetLastError = true)] private static partial int pipe2(int* ends, int flags);
    [LibraryImport("libc", SetLastError = true)] private static partial int poll(PollFd* fds, nuint count, int timeout);
    [LibraryImport("libc", EntryPoint = "syscall")] private static partial nint pidfd_open(nint number, nint pid, nint flags);
    [LibraryImport("libc")] private static partial int kill(int pid, int signal);
    [LibraryImport("libc")] private static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);
    [LibraryImport("libc", SetLastError = true)] private static partial int wait4(int pid, int* status, int options, Usage* usage);
    [LibraryImport("libc", SetLastError = true)] private static partial int syncfs(int fd);
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)] private static partial nint realpath(string path, byte* resolved);
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)] private static partial int statx(int folder, string path, int flags, uint mask, byte* buffer);
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)] private static partial int lchown(string path, uint user, uint group);
    [LibraryImport("libc")] private static partial uint geteuid();
    [LibraryImport("libc")] private static partial uint getegid();
    [LibraryImport("libc")] private static partial int getgroups(int size, uint* groups);
}
