using System.Buffers;
using System.Diagnostics;
using System.Text;
using Yunpipe.Work;

namespace Yunpipe.Local.Launchers;

/// <summary>What an engine's client said.</summary>
/// <param name="Exit">Its exit code; -1 when it was ended because time was over or the caller cancelled.</param>
internal readonly record struct EngineAnswer(int Exit, string Output, string Errors)
{
    public bool Ok => Exit == 0;
}

/// <summary>Runs one short command of an engine's client and keeps what it says. It uses our own spawn, since the children of a process that uses
/// <c>System.Diagnostics.Process</c> as process 1 are reaped behind its back.</summary>
internal static class EngineCommand
{
    private const int MostKept = 32 << 20;

    public static EngineAnswer Run(string file, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, TimeSpan patience, CancellationToken cancel)
    {
        var (outReader, outWriter) = Posix.Pipe();
        var (errReader, errWriter) = Posix.Pipe();
        var pidFd = -1;
        try
        {
            var (pid, error) = Spawn.Start(file, [file, .. arguments], environment, null, -1, outWriter, errWriter);
            Posix.Close(outWriter);
            Posix.Close(errWriter);
            outWriter = errWriter = -1;
            if (error != 0) return new EngineAnswer(127, "", $"“{file}” could not be started: {Posix.ErrorText(error)}.");
            pidFd = Posix.OpenPid(pid);
            var output = new Collector(outReader);
            var errors = new Collector(errReader);
            var ended = Watch(pid, pidFd, output, errors, patience, cancel);
            return new EngineAnswer(ended is { Exited: true } end ? end.ExitCode : -1, output.ToString(), errors.ToString());
        }
        finally
        {
            foreach (var fd in (ReadOnlySpan<int>)[outReader, outWriter, errReader, errWriter, pidFd]) Posix.Close(fd);
        }
    }

    /// <summary>Null when it had to be killed.</summary>
    private static Posix.Ended? Watch(int pid, int pidFd, Collector output, Collector errors, TimeSpan patience, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        Span<Posix.PollFd> fds = stackalloc Posix.PollFd[3];
        while (true)
        {
            fds[0] = new Posix.PollFd { Fd = pidFd, Events = Posix.PollIn };
            fds[1] = output.Waiting;
            fds[2] = errors.Waiting;
            _ = Posix.Poll(fds, 50);
            if (fds[1].Happened != 0) output.Take();
            if (fds[2].Happened != 0) errors.Take();
            if (Posix.Wait(pid, hang: false) is { } ended)
            {
                output.Drain();
                errors.Drain();
                return ended;
            }
            if (!cancel.IsCancellationRequested && Stopwatch.GetElapsedTime(started) < patience) continue;
            Posix.Kill(-pid, Posix.SigKill);
            _ = Posix.Wait(pid, hang: true);
            output.Drain();
            errors.Drain();
            return null;
        }
    }

    private sealed class Collector(int fd)
    {
        private readonly ArrayBufferWriter<byte> _kept = new();
        private readonly byte[] _buffer = new byte[16 << 10];
        private bool _open = true;

        public Posix.PollFd Waiting => new() { Fd = _open ? fd : -1, Events = Posix.PollIn };

        public void Take()
        {
            var count = Posix.Read(fd, _buffer);
            if (count == 0) _open = false;
            else if (_kept.WrittenCount < MostKept) _kept.Write(_buffer.AsSpan(0, count));
        }

        /// <summary>What is there now: a grandchild may hold the pipe for longer than we care.</summary>
        public void Drain()
        {
            Span<Posix.PollFd> one = stackalloc Posix.PollFd[1];
            while (_open)
            {
                one[0] = Waiting;
                if (Posix.Poll(one, 0) <= 0) return;
                Take();
            }
        }

        public override string ToString() => Encoding.UTF8.GetString(_kept.WrittenSpan);
    }
}
