using System.Globalization;

namespace Yunpipe.Reports.Html;

/// <summary>What the charts share: one lane for each step, its name on the left and its figures on the right. Coordinates are in user units of the
/// drawing, which the page scales to its width.</summary>
internal static class ChartFrame
{
    public const double Width = 960, Left = 150, Right = 700, LaneHeight = 34, Top = 8, AxisHeight = 24;
    private const int LongestName = 20;

    public static double Bottom(int lanes) => Top + lanes * LaneHeight;

    public static void Begin(TextWriter to, int lanes, string describes) =>
        to.Write($"<div class=\"chart\"><svg viewBox=\"0 0 {N(Width)} {N(Bottom(lanes) + AxisHeight)}\" role=\"img\" aria-label=\"{HtmlText.Of(describes)}\">\n");

    public static void End(TextWriter to) => to.Write("</svg></div>\n");

    /// <summary>The names left and right of a lane, and the line that it stands on.</summary>
    public static void Lane(TextWriter to, int lane, string name, string figures)
    {
        var y = Top + (lane + 1) * LaneHeight - 6;
        var shown = name.Length > LongestName ? name[..(LongestName - 1)] + "…" : name;
        to.Write($"<line class=\"base\" x1=\"{N(Left)}\" x2=\"{N(Right)}\" y1=\"{N(y)}\" y2=\"{N(y)}\"/>");
        to.Write($"<text class=\"lane\" x=\"{N(Left - 10)}\" y=\"{N(y - 5)}\">{HtmlText.Of(shown)}<title>{HtmlText.Of(name)}</title></text>");
        to.Write($"<text x=\"{N(Right + 12)}\" y=\"{N(y - 5)}\">{HtmlText.Of(figures)}</text>\n");
    }

    /// <summary>A vertical line over all lanes with a label under it.</summary>
    public static void Tick(TextWriter to, double x, int lanes, string label) =>
        to.Write($"<line class=\"grid\" x1=\"{N(x)}\" x2=\"{N(x)}\" y1=\"{N(Top)}\" y2=\"{N(Bottom(lanes))}\"/><text class=\"tick\" x=\"{N(x)}\" y=\"{N(Bottom(lanes) + 16)}\">{HtmlText.Of(label)}</text>\n");

    /// <summary>A coordinate: two digits are finer than any screen.</summary>
    public static string N(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}

/// <summary>A logarithmic axis between two round values.</summary>
internal sealed class LogAxis
{
    private const int MostMarks = 8;

    /// <summary>Milliseconds: 1, 2 and 5 of each ten, then what clocks count.</summary>
    public static readonly double[] Times = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 60_000, 120_000, 300_000, 600_000, 1_200_000,
        3_600_000, 7_200_000, 18_000_000, 36_000_000, 86_400_000, 172_800_000, 432_000_000];

    /// <summary>Bytes, from 1 MiB to 4 TiB.</summary>
    public static readonly double[] Sizes = [.. Enumerable.Range(0, 23).Select(i => (double)(1L << 20) * Math.Pow(2, i))];

    /// <param name="marks">Round values, in order; the axis goes from the last below the values to the first above them, and names as many as fit.</param>
    public LogAxis(double least, double most, double[] marks)
    {
        var first = Math.Max(0, Array.FindLastIndex(marks, mark => mark <= least));
        var last = Array.FindIndex(marks, mark => mark >= most);
        if (last < 0) last = marks.Length - 1;
        if (last - first < 2) (first, last) = (Math.Max(0, first - 1), Math.Min(marks.Length - 1, last + 1));
        var thin = (last - first + MostMarks - 1) / MostMarks;
        while ((last - first) % thin != 0)
            if (last < marks.Length - 1) last++;
            else first--;
        Marks = [.. Enumerable.Range(0, (last - first) / thin + 1).Select(i => marks[first + i * thin])];
    }

    public double[] Marks { get; }
    public double From => Marks[0];
    public double To => Marks[^1];

    public double X(double value) =>
        ChartFrame.Left + Math.Clamp(Math.Log(Math.Max(value, From) / From) / Math.Log(To / From), 0, 1) * (ChartFrame.Right - ChartFrame.Left);

    public void Draw(TextWriter to, int lanes, Func<double, string> label)
    {
        foreach (var mark in Marks) ChartFrame.Tick(to, X(mark), lanes, label(mark));
    }
}
