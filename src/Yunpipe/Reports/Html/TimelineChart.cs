using System.Globalization;
using static Yunpipe.Reports.Html.ChartFrame;

namespace Yunpipe.Reports.Html;

/// <summary>Attempts at work over time, a lane for each step; stretches stand side by side with their pauses left out.</summary>
internal static class TimelineChart
{
    private const double Pause = 26, LeastForTicks = 60;
    private static readonly long[] Steps = [100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_200_000, 1_800_000,
        3_600_000, 7_200_000, 14_400_000, 21_600_000, 43_200_000, 86_400_000, 172_800_000, 604_800_000];

    public static void Write(TimelineReport timeline, TextWriter to)
    {
        var lanes = timeline.Stretches[0].Lanes.Count;
        var most = timeline.Stretches.Max(stretch => stretch.Lanes.Max(lane => lane.Running.Zip(lane.Failing, (good, bad) => good + bad).Max()));
        var bins = timeline.Stretches.Sum(stretch => stretch.Lanes[0].Running.Count);
        var wide = (Right - Left - Pause * (timeline.Stretches.Count - 1)) / bins;
        Begin(to, lanes, $"Attempts at work over time, from {Figures.Moment(timeline.Stretches[0].Started)}; at most {Figures.Number(most)} of one step at a time.");
        for (var lane = 0; lane < lanes; lane++)
        {
            var peak = timeline.Stretches.Max(stretch => stretch.Lanes[lane].Running.Zip(stretch.Lanes[lane].Failing, (good, bad) => good + bad).Max());
            Lane(to, lane, timeline.Stretches[0].Lanes[lane].Step, peak > 0 ? $"at most {Figures.Number(peak)} at a time" : "nothing ran");
        }
        var x = Left;
        for (var i = 0; i < timeline.Stretches.Count; i++)
        {
            var stretch = timeline.Stretches[i];
            var width = wide * stretch.Lanes[0].Running.Count;
            Ticks(stretch, timeline.Width, x, width, lanes, i == 0, to);
            for (var lane = 0; lane < lanes; lane++) Bars(stretch.Lanes[lane], lane, x, wide, most, to);
            if (i + 1 < timeline.Stretches.Count)
                Gap(x + width, lanes, timeline.Stretches[i + 1].Started - stretch.Started - timeline.Width * stretch.Lanes[0].Running.Count, to);
            x += width + Pause;
        }
        End(to);
    }

    private static void Bars(TimelineLane lane, int at, double x, double wide, double most, TextWriter to)
    {
        var floor = Top + (at + 1) * LaneHeight - 6;
        var gap = wide > 3 ? 0.5 : 0;
        for (var bin = 0; bin < lane.Running.Count; bin++)
        {
            var good = Height(lane.Running[bin], most);
            var bad = Height(lane.Failing[bin], most);
            if (good > 0) to.Write($"<rect class=\"run\" x=\"{N(x + bin * wide)}\" y=\"{N(floor - good)}\" width=\"{N(wide - gap)}\" height=\"{N(good)}\"/>");
            if (bad > 0) to.Write($"<rect class=\"fail\" x=\"{N(x + bin * wide)}\" y=\"{N(floor - good - bad)}\" width=\"{N(wide - gap)}\" height=\"{N(bad)}\"/>");
        }
        to.Write("\n");
    }

    private static double Height(double running, double most) => running <= 0 ? 0 : Math.Max(1, (LaneHeight - 8) * running / most);

    /// <summary>Round distances from the stretch's start, which is named in full where there is room.</summary>
    private static void Ticks(TimelineStretch stretch, long binWidth, double x, double width, int lanes, bool first, TextWriter to)
    {
        var length = binWidth * stretch.Lanes[0].Running.Count;
        var start = DateTimeOffset.FromUnixTimeMilliseconds(stretch.Started).UtcDateTime;
        Tick(to, x, lanes, first || width > LeastForTicks ? start.ToString("HH:mm:ss", CultureInfo.InvariantCulture) : "");
        if (width < 2 * LeastForTicks) return;
        var step = Steps.FirstOrDefault(candidate => candidate * width / length >= 90, Steps[^1]);
        for (var at = step; at * width / length < width - 20; at += step) Tick(to, x + at * width / length, lanes, "+" + Figures.Time(at));
    }

    private static void Gap(double x, int lanes, long pause, TextWriter to)
    {
        var (middle, centre) = (x + Pause / 2, Top + lanes * LaneHeight / 2 - 3);
        to.Write($"<g class=\"pause\"><rect x=\"{N(x + 3)}\" y=\"{N(Top)}\" width=\"{N(Pause - 6)}\" height=\"{N(lanes * LaneHeight - 6)}\"/><title>{Figures.Time(pause)} of pause</title>");
        if (lanes >= 3) to.Write($"<text class=\"tick\" x=\"{N(middle)}\" y=\"{N(centre + 4)}\" transform=\"rotate(-90 {N(middle)} {N(centre)})\">{Figures.Time(pause)}</text>");
        to.Write("</g>\n");
    }
}
