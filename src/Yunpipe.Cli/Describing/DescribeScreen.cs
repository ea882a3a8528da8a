using System.Text;
using Yunpipe.Algorithms.Describing;
using Yunpipe.Cli.Console;
using Yunpipe.Cli.Console.Form;

namespace Yunpipe.Cli.Describing;

/// <summary>What stands on the screen: the answers, the question with its help, the line that is typed, what is wrong with it, and the command that comes of it.</summary>
internal sealed class DescribeScreen(Terminal terminal)
{
    private const string Bold = "\u001b[1m", Dim = "\u001b[2m", Red = "\u001b[31m", Reverse = "\u001b[7m", Plain = "\u001b[0m";

    /// <summary>Rows that everything but the list takes.</summary>
    private const int Fixed = 11;

    /// <param name="list">Lines of the upper part; the one at <paramref name="current"/> is always seen.</param>
    /// <param name="flaw">Null where nothing is wrong.</param>
    /// <param name="preview">The command for sample values; null where there is none yet.</param>
    public void Draw(string title, IReadOnlyList<string> list, int current, Question question, LineEdit edit, string? flaw, string? preview)
    {
        var (width, height) = (Math.Max(20, terminal.Width - 1), terminal.Height);
        var rows = new List<string> { Bold + Cut(title, width) + Plain };
        var room = Math.Max(0, height - Fixed);
        var first = Math.Clamp(current - room + 1, 0, Math.Max(0, list.Count - room));
        for (var i = first; i < Math.Min(list.Count, first + room); i++) rows.Add(i == current ? $"{Reverse}{Cut("> " + list[i], width)}{Plain}" : Cut("  " + list[i], width));
        rows.Add("");
        rows.Add(Bold + Cut(question.Text, width) + Plain);
        var (help, rest) = Broken(question.Help, width);
        rows.Add(Dim + help + Plain);
        rows.Add(Dim + Cut(rest, width) + Plain);
        rows.Add(question.Choices.Count == 0 ? "" : string.Join("  ", question.Choices.Select(choice => choice == edit.Text ? $"{Reverse} {choice} {Plain}" : $" {choice} ")));
        var (shown, column) = edit.Window(width - 3);
        var line = rows.Count;
        rows.Add($"> {shown}");
        rows.Add(flaw is null ? "" : Red + Cut(flaw, width) + Plain);
        rows.Add("");
        rows.Add(Dim + Cut(preview is null ? "" : $"runs: {preview}", width) + Plain);
        rows.Add(Dim + Cut(question.Choices.Count > 0 ? "Enter next · Tab choose · ↑ back · ↓ on · Ctrl-D document · Ctrl-C stop, kept" : "Enter next · ↑ back · ↓ on · Ctrl-D document · Ctrl-C stop, kept", width) + Plain);

        var text = new StringBuilder("\u001b[?25l");
        for (var row = 0; row < height; row++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\u001b[{row + 1};1H\u001b[2K");
            if (row < rows.Count) text.Append(rows[row]);
        }
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\u001b[{Math.Min(line, height - 1) + 1};{column + 3}H\u001b[?25h");
        // In one write, so that no half of it is seen.
        terminal.Error.Write(text.ToString());
    }

    /// <summary>The first line of a text and the rest of it.</summary>
    private static (string First, string Other) Broken(string text, int width)
    {
        if (text.Length <= width) return (text, "");
        var at = text.LastIndexOf(' ', width);
        return at <= 0 ? (Cut(text, width), "") : (text[..at], text[(at + 1)..]);
    }

    private static string Cut(string text, int width)
    {
        if (text.Length <= width) return text;
        return width < 2 ? "" : text[..(width - 1)] + "…";
    }
}
