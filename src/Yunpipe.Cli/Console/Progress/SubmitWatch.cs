using System.Globalization;

namespace Yunpipe.Cli.Console.Progress;

/// <summary>How many files were looked at: a bar that is drawn over itself in a terminal, a line now and then elsewhere, nothing where it is over at once.</summary>
internal sealed class SubmitWatch(Terminal terminal, bool silent, TimeProvider time, string doing) : IDisposable
{
    private const int Bar = 30;
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(1), BetweenLines = TimeSpan.FromSeconds(10);

    private readonly LiveBlock _block = new(terminal);
    private readonly long _started = time.GetTimestamp();
    private TimeSpan _next = terminal.IsTerminal ? Quick : BetweenLines;

    public bool Shows => !silent;

    /// <param name="total">Null where nobody has counted yet.</param>
    public void Report(long done, long? total)
    {
        var elapsed = time.GetElapsedTime(_started);
        if (silent || elapsed < _next) return;
        var figures = string.Create(CultureInfo.InvariantCulture, $"{done}{(total is { } all ? $" of {Math.Max(all, done)}" : "")} files, {done / elapsed.TotalSeconds:0}/s");
        if (!terminal.IsTerminal)
        {
            _next = elapsed + BetweenLines;
            terminal.Error.WriteLine($"{doing}: {figures}");
            return;
        }
        var full = total is > 0 and var whole ? (int)(Math.Min(1, done / (double)whole) * Bar) : 0;
        var line = total is null ? $"{doing}: {figures}" : $"{doing} {new string('█', full)}{new string('░', Bar - full)} {figures}";
        _block.Draw([], [line.Length < terminal.Width ? line : $"{doing}: {figures}"]);
    }

    /// <summary>Clears what was drawn.</summary>
    public void Dispose() => _block.Draw([], []);
}
