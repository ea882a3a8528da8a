using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Yunpipe.Work;

/// <summary>Starts a process by <c>posix_spawn</c>: no fork of our memory, a process group of its own, default signals, and only the three
/// descriptors that are named. An argument is bytes; no shell reads it (design.md §3.5).</summary>
public static unsafe partial class Spawn
{
    private const short SetProcessGroup = 2, SetSignalDefaults = 4, SetSignalMask = 8;
    private const int O_RDONLY = 0;

    /// <summary>Signals that this process ignores, by runtime or by inheritance, as the bits of a sigset: exec resets the others by itself, and a call
    /// for each of 64 would cost more than to start the agent's next job.</summary>
    private static readonly ulong Ignored = IgnoredSignals();

    /// <summary>Sizes of glibc's opaque types on 64-bit machines are 80, 336 and 128 bytes; this is room for each.</summary>
    private const int Opaque = 512;

    /// <summary>Starts <paramref name="file"/>. The error is an errno (0 for success), so that “not found” can be told from “not allowed”.</summary>
    /// <param name="file">The executable's path; PATH is not searched.</param>
    /// <param name="environment">Whole environment, as <c>NAME=value</c>.</param>
    /// <param name="stdin">A descriptor, or -1 for /dev/null.</param>
    public static (int Pid, int Error) Start(string file, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, string? directory,
        int stdin, int stdout, int stderr)
    {
        var actions = stackalloc byte[Opaque];
        var attributes = stackalloc byte[Opaque];
        var signals = stackalloc byte[Opaque];
        using var argv = new Strings(arguments);
        using var envp = new Strings(environment);
        _ = posix_spawn_file_actions_init(actions);
        _ = posix_spawnattr_init(attributes);
        try
        {
            if (stdin >= 0) _ = posix_spawn_file_actions_adddup2(actions, stdin, 0);
            else _ = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);
            _ = posix_spawn_file_actions_adddup2(actions, stdout, 1);
            _ = posix_spawn_file_actions_adddup2(actions, stderr, 2);
            if (directory is not null) _ = posix_spawn_file_actions_addchdir_np(actions, directory);
            _ = sigemptyset(signals);
            *(ulong*)signals = Ignored;
            _ = posix_spawnattr_setsigdefault(attributes, signals);
            *(ulong*)signals = 0;
            _ = posix_spawnattr_setsigmask(attributes, signals);
            _ = posix_spawnattr_setpgroup(attributes, 0);
            _ = posix_spawnattr_setflags(attributes, SetProcessGroup | SetSignalDefaults | SetSignalMask);
            int pid;
            var error = posix_spawn(&pid, file, actions, attributes, argv.Pointers, envp.Pointers);
            return error == 0 ? (pid, 0) : (-1, error);
        }
        finally
        {
            _ = posix_spawn_file_actions_destroy(actions);
            _ = posix_spawnattr_destroy(attributes);
        }
    }

    /// <summary>Becomes <paramref name="file"/>: same process, same descriptors, and signals as a program expects them. Returns only where that
    /// fails, with the errno. Bytes, since what a person wrote need not be UTF-8.</summary>
    public static int Become(string file, IReadOnlyList<byte[]> arguments, IReadOnlyList<byte[]> environment)
    {
        // The runtime ignores SIGPIPE, and what is ignored stays so in the next program: its pipes would never end it.
        _ = signal(13, 0);
        using var argv = new Strings(arguments);
        using var envp = new Strings(environment);
        _ = execve(file, argv.Pointers, envp.Pointers);
        return Marshal.GetLastPInvokeError();
    }

    /// <summary>Finds a command as a shell would: a name with a slash is a path, another is looked for in <paramref name="folders"/>.</summary>
    public static string? Find(string command, IEnumerable<string> folders)
    {
        if (command.Contains('/')) return File.Exists(command) ? command : null;
        foreach (var folder in folders)
        {
            if (folder.Length == 0) continue;
            var candidate = Path.Combine(folder, command);
            if (File.Exists(candidate) && access(candidate, 1) == 0) return candidate;
        }
        return null;
    }

    private static ulong IgnoredSignals()
    {
        try
        {
            foreach (var line in File.ReadLines("/proc/self/status"))
                if (line.StartsWith("SigIgn:", StringComparison.Ordinal) && ulong.TryParse(line.AsSpan(7).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var bits)) return bits;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // No /proc: every signal then.
        }
        return ulong.MaxValue;
    }

    /// <summary>A null-terminated array of null-terminated strings, in one block.</summary>
    private readonly ref struct Strings
    {
        public readonly byte** Pointers;

        public Strings(IReadOnlyList<string> texts)
        {
            var size = texts.Count + 1;
            size *= sizeof(byte*);
            for (var i = 0; i < texts.Count; i++) size += Encoding.UTF8.GetMaxByteCount(texts[i].Length) + 1;
            Pointers = (byte**)NativeMemory.Alloc((nuint)size);
            var end = (byte*)Pointers + size;
            var at = (byte*)(Pointers + texts.Count + 1);
            for (var i = 0; i < texts.Count; i++)
            {
                Pointers[i] = at;
                at += Encoding.UTF8.GetBytes(texts[i], new Span<byte>(at, (int)(end - at)));
                *at++ = 0;
            }
            Pointers[texts.Count] = null;
        }

        public Strings(IReadOnlyList<byte[]> texts)
        {
            var size = (texts.Count + 1) * sizeof(byte*) + texts.Sum(text => text.Length + 1);
            Pointers = (byte**)NativeMemory.Alloc((nuint)size);
            var at = (byte*)(Pointers + texts.Count + 1);
            for (var i = 0; i < texts.Count; i++)
            {
                Pointers[i] = at;
                texts[i].CopyTo(new Span<byte>(at, texts[i].Length));
                at += texts[i].Length;
                *at++ = 0;
            }
            Pointers[texts.Count] = null;
        }

        public void Dispose() => NativeMemory.Free(Pointers);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn(int* pid, string path, byte* actions, byte* attributes, byte** argv, byte** envp);
    [LibraryImport("libc")] private static partial int posix_spawn_file_actions_init(byte* actions);
    [LibraryImport("libc")] private static partial int posix_spawn_file_actions_destroy(byte* actions);
    [LibraryImport("libc")] private static partial int posix_spawn_file_actions_adddup2(byte* actions, int fd, int target);
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn_file_actions_addopen(byte* actions, int fd, string path, int flags, uint mode);
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int posix_spawn_file_actions_addchdir_np(byte* actions, string path);
    [LibraryImport("libc")] private static partial int posix_spawnattr_init(byte* attributes);
    [LibraryImport("libc")] private static partial int posix_spawnattr_destroy(byte* attributes);
    [LibraryImport("libc")] private static partial int posix_spawnattr_setflags(byte* attributes, short flags);
    [LibraryImport("libc")] private static partial int posix_spawnattr_setpgroup(byte* attributes, int group);
    [LibraryImport("libc")] private static partial int posix_spawnattr_setsigdefault(byte* attributes, byte* signals);
    [LibraryImport("libc")] private static partial int posix_spawnattr_setsigmask(byte* attributes, byte* signals);
    [LibraryImport("libc")] private static partial int sigemptyset(byte* signals);
    [LibraryImport("libc")] private static partial nint signal(int number, nint handler);
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)] private static partial int execve(string path, byte** argv, byte** envp);
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)] private static partial int access(string path, int mode);
}
