using System.Globalization;
using Yunpipe.Documents;
using Yunpipe.Images;

namespace Yunpipe.Cli.Console.Progress;

/// <summary>How far a copy is: a bar that is drawn over itself in a terminal, a line now and then elsewhere, nothing where it is over at once.</summary>
internal sealed class CopyWatch(Terminal terminal, bool silent, TimeProvider time, string doing) : IProgress<CopyProgress>, IDisposable
{
    private const int Bar = 30;
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(1), BetweenFrames = TimeSpan.FromMilliseconds(100), BetweenLines = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly LiveBlock _block = new(terminal);
    private readonly long _started = time.GetTimestamp();
    private TimeSpan _next = Quick;

    public void Report(CopyProgress value)
    {
        if (silent || value.Total == 0) return;
        lock (_lock)
        {
            var elapsed = time.GetElapsedTime(_started);
            if (elapsed < _next) return;
            _next = elapsed + (terminal.IsTerminal ? BetweenFrames : BetweenLines);
            var share = Math.Clamp(value.Done / (double)value.Total, 0, 1);
            var speed = value.Done / elapsed.TotalSeconds;
            var figures = string.Create(CultureInfo.InvariantCulture, $"{share * 100:0} % of {new ByteSize(value.Total)}, {new ByteSize((long)speed)}/s");
            if (!terminal.IsTerminal) terminal.Error.WriteLine($"{doing}: {figures}");
            else
            {
                var full = (int)(share * Bar);
                var line = $"{doing} {new string('█', full)}{new string('░', Bar - full)} {figures}";
                _block.Draw([], [line.Length < terminal.Width ? line : $"{doing}: {figures}"]);
            }
        }
    }

    /// <summary>Clears what was drawn.</summary>
    public void Dispose()
    {
        lock (_lock) _block.Draw([], []);
    }
}
