using System.Runtime.InteropServices;

namespace Yunpipe.Cli.Console;

/// <summary>Ctrl-C in stages, for a command that asks for them; any other is ended by the first, as programs are.
/// <code>
/// signal        first                        second     third
/// INT           what runs comes to its end   stop now   the program ends where it is
/// TERM, HUP     stop now                     ends
/// </code>
/// Every way can be resumed: what is done has its manifest.</summary>
internal sealed class Interrupts : IDisposable
{
    private readonly CancellationTokenSource _finish = new(), _stop = new();
    private readonly List<PosixSignalRegistration> _signals = [];
    private volatile bool _watched;

    public Interrupts()
    {
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Hear(context, now: false)));
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Hear(context, now: true)));
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Hear(context, now: true)));
    }

    /// <summary>Cancelled when no more work is to be started.</summary>
    public CancellationToken Finish => Watched(_finish);

    /// <summary>Cancelled when what runs is to be stopped too.</summary>
    public CancellationToken Stop => Watched(_stop);

    public void Dispose()
    {
        foreach (var signal in _signals) signal.Dispose();
        _finish.Dispose();
        _stop.Dispose();
    }

    private CancellationToken Watched(CancellationTokenSource source)
    {
        _watched = true;
        return source.Token;
    }

    private void Hear(PosixSignalContext context, bool now)
    {
        // Not cancelled, a signal does what it does to any program.
        if (!_watched || _stop.IsCancellationRequested) return;
        context.Cancel = true;
        var stop = now || _finish.IsCancellationRequested;
        _finish.Cancel();
        if (stop) _stop.Cancel();
    }
}
