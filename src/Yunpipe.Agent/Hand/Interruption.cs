using System.Runtime.InteropServices;
using Yunpipe.Work;

namespace Yunpipe.Agent.Hand;

/// <summary>Signals that ask this process to end, as bytes of a pipe that the loop polls. As process 1 a signal without a handler would be ignored.</summary>
internal sealed class Interruption : IDisposable
{
    private static readonly (PosixSignal Signal, byte Number)[] Asking = [(PosixSignal.SIGHUP, 1), (PosixSignal.SIGINT, 2), (PosixSignal.SIGQUIT, 3), (PosixSignal.SIGTERM, 15)];

    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly int _writer;

    public Interruption()
    {
        (Reader, _writer) = Posix.Pipe();
        foreach (var (signal, number) in Asking)
            _registrations.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                Posix.WriteAll(_writer, [number]);
            }));
    }

    /// <summary>Readable when a signal has come.</summary>
    public int Reader { get; }

    /// <summary>Number of the first signal; 0 while there is none.</summary>
    public int First { get; private set; }

    /// <summary>The next signal that has come, or 0.</summary>
    public int Take()
    {
        Span<Posix.PollFd> fd = [new Posix.PollFd { Fd = Reader, Events = Posix.PollIn }];
        if (Posix.Poll(fd, 0) == 0) return 0;
        Span<byte> number = stackalloc byte[1];
        _ = Posix.Read(Reader, number);
        if (First == 0) First = number[0];
        return number[0];
    }

    public void Dispose()
    {
        // The registrations first: a handler that runs late must not meet a descriptor that is somebody else's by now.
        foreach (var registration in _registrations) registration.Dispose();
        Posix.Close(_writer);
        Posix.Close(Reader);
    }
}
