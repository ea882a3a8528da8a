using System.Runtime.InteropServices;

namespace Yunpipe.Cli.Console;

/// <summary>Ctrl-C in two stages: the first lets what runs come to its end, the second stops it now. TERM counts as the second.</summary>
internal sealed class Interrupts : IDisposable
{
    private readonly CancellationTokenSource _finish = new(), _stop = new();
    private readonly PosixSignalRegistration _interrupt, _terminate;

    public Interrupts()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            if (_finish.IsCancellationRequested) _stop.Cancel();
            else _finish.Cancel();
        });
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            _finish.Cancel();
            _stop.Cancel();
        });
    }

    public CancellationToken Finish => _finish.Token;

    public CancellationToken Stop => _stop.Token;

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _finish.Dispose();
        _stop.Dispose();
    }
}
