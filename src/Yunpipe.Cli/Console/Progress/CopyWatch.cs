using System.Globalization;
using Yunpipe.Documents;
using Yunpipe.Images;

namespace Yunpipe.Cli.Console.Progress;

/// <summary>How far a command is with images, whatever it does at the time: a bar that is drawn over itself in a terminal, a line now and then elsewhere,
/// nothing where it is over at once.</summary>
/// <param name="doing">What the command calls it, whatever it is; null for what it is at the time.</param>
internal sealed class CopyWatch(Terminal terminal, bool silent, TimeProvider time, string? doing = null) : IProgress<CopyProgress>, IDisposable
{
    private const int Bar = 30;
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(1), BetweenFrames = TimeSpan.FromMilliseconds(100), BetweenLines = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly LiveBlock _block = new(terminal);
    private readonly long _begun = time.GetTimestamp();
    private string _doing = "";
    private long _started;
    private TimeSpan _next;

    public void Report(CopyProgress value)
    {
        if (silent) return;
        if (doing is not null) value = value with { Doing = doing };
        lock (_lock)
        {
            if (value.Doing != _doing)
            {
                (_doing, _started) = (value.Doing, time.GetTimestamp());
                // Of a command that takes long a person sees everything, so that no bar stands still; lines are for what takes long itself.
                _next = terminal.IsTerminal ? Quick - time.GetElapsedTime(_begun) : Quick;
            }
            var elapsed = time.GetElapsedTime(_started);
            if (elapsed < _next) return;
            _next = elapsed + (terminal.IsTerminal ? BetweenFrames : BetweenLines);
            if (terminal.IsTerminal) _block.Draw([], [Drawn(value, elapsed)]);
            else terminal.Error.WriteLine($"{value.Doing}: {Figures(value, elapsed)}");
        }
    }

    /// <summary>Takes away what was drawn.</summary>
    public void Clear()
    {
        lock (_lock) _block.Draw([], []);
    }

    public void Dispose() => Clear();

    private string Drawn(CopyProgress value, TimeSpan elapsed)
    {
        var figures = Figures(value, elapsed);
        var full = (int)(Share(value) * Bar);
        var line = value.Total == 0 ? $"{value.Doing}, {figures}" : $"{value.Doing} {new string('█', full)}{new string('░', Bar - full)} {figures}";
        if (line.Length >= terminal.Width) line = $"{value.Doing}: {figures}";
        return line.Length < terminal.Width ? line : line[..Math.Max(0, terminal.Width - 1)];
    }

    /// <summary>What only the program knows that does it, is told by its time.</summary>
    private static string Figures(CopyProgress value, TimeSpan elapsed) => value.Total == 0 || value.Done == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{elapsed.TotalSeconds:0} s")
        : string.Create(CultureInfo.InvariantCulture, $"{Share(value) * 100:0} % of {new ByteSize(value.Total)}, {new ByteSize((long)(value.Done / Math.Max(elapsed.TotalSeconds, 0.1)))}/s");

    private static double Share(CopyProgress value) => value.Total == 0 ? 0 : Math.Clamp(value.Done / (double)value.Total, 0, 1);
}
