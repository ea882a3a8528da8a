using System.Globalization;
using System.Text;

namespace Yunpipe.Cli.Console;

/// <summary>Columns for people: words to the left, numbers to the right. Control characters in names are spelled out, so that a row stays one line.</summary>
internal sealed class TextTable(params string[] heads)
{
    private readonly List<string[]> _rows = [heads];
    private readonly bool[] _right = new bool[heads.Length];

    /// <summary>Adds a row of texts and numbers; null is an empty cell.</summary>
    public void Add(params ReadOnlySpan<object?> cells)
    {
        var row = new string[heads.Length];
        for (var i = 0; i < row.Length; i++)
        {
            _right[i] |= cells[i] is int or long or Number;
            row[i] = cells[i] switch { null => "", string text => Words.Name(text), IFormattable number => number.ToString(null, CultureInfo.InvariantCulture), var other => other.ToString() ?? "" };
        }
        _rows.Add(row);
    }

    public override string ToString()
    {
        var widths = new int[heads.Length];
        foreach (var row in _rows)
            for (var i = 0; i < row.Length; i++) widths[i] = Math.Max(widths[i], row[i].Length);
        var text = new StringBuilder();
        foreach (var row in _rows)
        {
            var line = string.Join("  ", row.Select((cell, i) => _right[i] ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i])));
            text.Append(line.TrimEnd()).Append('\n');
        }
        return text.ToString();
    }

    /// <summary>A cell that is a number with its unit.</summary>
    public readonly record struct Number(string Text)
    {
        public override string ToString() => Text;
    }
}
