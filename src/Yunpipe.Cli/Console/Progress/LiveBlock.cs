using System.Globalization;
using System.Text;

namespace Yunpipe.Cli.Console.Progress;

/// <summary>Lines at the bottom of the terminal that are drawn over themselves. The cursor always rests below the last of them and is never hidden,
/// so that there is nothing to restore, however the program ends.</summary>
internal sealed class LiveBlock(Terminal terminal)
{
    /// <summary>Whole lines are cleared, one by one: a line cleared in part keeps its old length and flows wrongly when the window narrows, and clearing
    /// a whole screen makes some terminals put it into their history.</summary>
    private const string ClearLine = "\u001b[2K";
    private List<string> _drawn = [];

    /// <param name="above">Lines that stay; the block moves below them.</param>
    /// <param name="lines">None of them may be as wide as the terminal.</param>
    public void Draw(IReadOnlyList<string> above, List<string> lines)
    {
        if (above.Count == 0 && lines.Count == 0 && _drawn.Count == 0) return;
        var text = new StringBuilder("\r");
        // After a change of the window's width, what was one line may stand on several: terminals flow their text anew.
        var width = terminal.Width;
        var rows = Math.Min(_drawn.Sum(line => 1 + Math.Max(0, line.Length - 1) / width), terminal.Height - 1);
        Up(text, rows);
        for (var i = 0; i < rows; i++) text.Append(ClearLine).Append('\n');
        Up(text, rows);
        foreach (var line in above.Concat(lines)) text.Append(line).Append('\n');
        // In one write, so that no half of it is seen.
        terminal.Error.Write(text.ToString());
        _drawn = lines;
    }

    private static void Up(StringBuilder text, int rows)
    {
        if (rows > 0) text.Append(CultureInfo.InvariantCulture, $"\u001b[{rows}A");
    }
}
