using static Yunpipe.Reports.Html.ChartFrame;

namespace Yunpipe.Reports.Html;

/// <summary>A histogram for each step, on one logarithmic time axis.</summary>
internal static class DurationChart
{
    private const int Bins = 66;

    public static void Write(IReadOnlyList<StepReport> steps, TextWriter to)
    {
        var axis = new LogAxis(steps.Min(step => step.Wall.Min), steps.Max(step => step.Wall.Max), LogAxis.Times);
        Begin(to, steps.Count, "Wall time of attempts: " + string.Join("; ", steps.Select(step => $"{step.Name}: median {Figures.Time(step.Wall.Median)}, from {Figures.Time(step.Wall.Min)} to {Figures.Time(step.Wall.Max)}")));
        axis.Draw(to, steps.Count, Figures.Time);
        for (var lane = 0; lane < steps.Count; lane++) Lane(steps[lane], lane, axis, to);
        End(to);
    }

    private static void Lane(StepReport step, int lane, LogAxis axis, TextWriter to)
    {
        ChartFrame.Lane(to, lane, step.Name, $"{Figures.Time(step.Wall.Median)}, 95 % within {Figures.Time(step.Wall.P95)}");
        var floor = Top + (lane + 1) * LaneHeight - 6;
        var histogram = step.Wall.Sketch?.Histogram(axis.From, axis.To, Bins) ?? [];
        var most = histogram.Length == 0 ? 0 : histogram.Max();
        var wide = (Right - Left) / Bins;
        for (var bin = 0; bin < histogram.Length; bin++)
        {
            if (histogram[bin] == 0) continue;
            // A single attempt among thousands is still seen.
            var high = Math.Max(1.5, (LaneHeight - 8) * histogram[bin] / most);
            to.Write($"<rect class=\"run\" x=\"{N(Left + bin * wide + 0.5)}\" y=\"{N(floor - high)}\" width=\"{N(wide - 1)}\" height=\"{N(high)}\"><title>{Figures.Count(histogram[bin], "attempt")} at about {Figures.Time(axis.From * Math.Pow(axis.To / axis.From, (bin + 0.5) / Bins))}</title></rect>");
        }
        var median = axis.X(step.Wall.Median);
        to.Write($"<line class=\"mark\" x1=\"{N(median)}\" x2=\"{N(median)}\" y1=\"{N(floor - LaneHeight + 8)}\" y2=\"{N(floor + 3)}\"/>\n");
    }
}
