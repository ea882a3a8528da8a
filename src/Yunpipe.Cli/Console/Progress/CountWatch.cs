using System.Globalization;

namespace Yunpipe.Cli.Console.Progress;

/// <summary>How many of so many things are done: a bar that is drawn over itself in a terminal, a line now and then elsewhere, nothing where it is over at once.</summary>
internal sealed class CountWatch(Terminal terminal, bool silent, TimeProvider time, string doing) : IDisposable
{
    private const int Bar = 30;
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(1), BetweenFrames = TimeSpan.FromMilliseconds(100), BetweenLines = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly LiveBlock _block = new(terminal);
    private readonly long _started = time.GetTimestamp();
    private TimeSpan _next = Quick;

    /// <param name="total">0 where nobody knows.</param>
    /// <param name="now">What is being done; empty for nothing in particular.</param>
    public void Report(long done, long total, string now)
    {
        if (silent) return;
        lock (_lock)
        {
            var elapsed = time.GetElapsedTime(_started);
            if (elapsed < _next) return;
            _next = elapsed + (terminal.IsTerminal ? BetweenFrames : BetweenLines);
            var figures = (total > 0 ? string.Create(CultureInfo.InvariantCulture, $"{done} of {total}") : done.ToString(CultureInfo.InvariantCulture)) + (now.Length > 0 ? $", {now}" : "") + $", {Words.Time(elapsed)}";
            if (!terminal.IsTerminal)
            {
                terminal.Error.WriteLine($"{doing}: {figures}");
                return;
            }
            var full = total > 0 ? (int)(Math.Clamp(done / (double)total, 0, 1) * Bar) : 0;
            var line = total > 0 ? $"{doing} {new string('█', full)}{new string('░', Bar - full)} {figures}" : $"{doing}: {figures}";
            _block.Draw([], [line.Length < terminal.Width ? line : line[..(terminal.Width - 1)]]);
        }
    }

    /// <summary>Clears what was drawn.</summary>
    public void Dispose()
    {
        lock (_lock) _block.Draw([], []);
    }
}
