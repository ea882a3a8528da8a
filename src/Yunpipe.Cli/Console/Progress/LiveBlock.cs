using System.Globalization;
using System.Text;

namespace Yunpipe.Cli.Console.Progress;

/// <summary>Lines at the bottom of the terminal that are drawn over themselves. The cursor always rests below the last of them and is never hidden,
/// so that there is nothing to restore, however the program ends.</summary>
internal sealed class LiveBlock(Terminal terminal)
{
    private const string EndOfLine = "\u001b[K", EndOfScreen = "\u001b[J";
    private List<string> _drawn = [];

    /// <param name="above">Lines that stay; the block moves below them.</param>
    /// <param name="lines">None of them may be as wide as the terminal.</param>
    public void Draw(IReadOnlyList<string> above, List<string> lines)
    {
        if (above.Count == 0 && lines.Count == 0 && _drawn.Count == 0) return;
        var text = new StringBuilder();
        // After a change of the window's width, what was one line may stand on several: terminals flow their text anew.
        var width = terminal.Width;
        var rows = Math.Min(_drawn.Sum(line => 1 + Math.Max(0, line.Length - 1) / width), terminal.Height - 1);
        if (rows > 0) text.Append(CultureInfo.InvariantCulture, $"\u001b[{rows}A");
        text.Append('\r');
        foreach (var line in above.Concat(lines)) text.Append(line).Append(EndOfLine).Append('\n');
        terminal.Error.Write(text.Append(EndOfScreen).ToString());
        _drawn = lines;
    }

    public void Erase() => Draw([], []);
}
