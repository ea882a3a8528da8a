using System.Runtime.InteropServices;
using Yunpipe.Work;

namespace Yunpipe.Cli.Console.Form;

/// <summary>The terminal in raw mode: keys one by one, without echo, Ctrl-C as a key. Disposed, it is as it was before, on the screen that was there before.</summary>
internal sealed unsafe partial class Keyboard : IDisposable
{
    private const int StandardInput = 0, Now = 0, RoomForSettings = 256;
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);
    private readonly byte[] _before = new byte[RoomForSettings];
    private readonly Terminal _terminal;
    private readonly List<byte> _pending = [];

    private Keyboard(Terminal terminal) => _terminal = terminal;

    /// <summary>Null where standard input is no terminal.</summary>
    public static Keyboard? Open(Terminal terminal)
    {
        var keyboard = new Keyboard(terminal);
        var raw = new byte[RoomForSettings];
        fixed (byte* before = keyboard._before, now = raw)
        {
            if (tcgetattr(StandardInput, before) != 0) return null;
            keyboard._before.CopyTo(raw, 0);
            cfmakeraw(now);
            if (tcsetattr(StandardInput, Now, now) != 0) return null;
        }
        // A screen of its own: what stood there before comes back at the end.
        terminal.Error.Write("\u001b[?1049h");
        return keyboard;
    }

    /// <summary>The next keys; empty when only the window changed its size; null when the terminal is gone or <paramref name="cancel"/> asks for the end.</summary>
    public IReadOnlyList<Key>? Read(CancellationToken cancel)
    {
        var size = (_terminal.Width, _terminal.Height);
        Span<Posix.PollFd> waiting = stackalloc Posix.PollFd[1];
        Span<byte> buffer = stackalloc byte[1024];
        while (!cancel.IsCancellationRequested)
        {
            waiting[0] = new Posix.PollFd { Fd = StandardInput, Events = Posix.PollIn };
            _ = Posix.Poll(waiting, (int)Glance.TotalMilliseconds);
            if (waiting[0].Happened == 0)
            {
                if (size != (_terminal.Width, _terminal.Height)) return [];
                continue;
            }
            var count = Posix.Read(StandardInput, buffer);
            if (count == 0) return null;
            _pending.AddRange(buffer[..count]);
            var keys = new List<Key>();
            _pending.RemoveRange(0, KeyReader.Parse(CollectionsMarshal.AsSpan(_pending), keys));
            return keys;
        }
        return null;
    }

    public void Dispose()
    {
        fixed (byte* before = _before) _ = tcsetattr(StandardInput, Now, before);
        _terminal.Error.Write("\u001b[?25h\u001b[?1049l");
    }

    [LibraryImport("libc")] private static partial int tcgetattr(int descriptor, byte* settings);

    [LibraryImport("libc")] private static partial int tcsetattr(int descriptor, int when, byte* settings);

    [LibraryImport("libc")] private static partial void cfmakeraw(byte* settings);
}
