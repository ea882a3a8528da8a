namespace Yunpipe.Reports;

/// <summary>How many attempts of each step ran at each time. Bins are kept only where something ran, and double their width when there are too
/// many: memory stays bounded for any number of attempts in any order, and a run that was taken up a week later still shows both days.</summary>
internal sealed class Timeline
{
    private const int MostBins = 240, MostBreaks = 6, LeastGap = 6;

    private readonly Dictionary<string, Dictionary<long, Busy>> _lanes = new(StringComparer.Ordinal);
    private HashSet<long> _bins = [];
    private long _width = 16;

    private readonly record struct Busy(double Good, double Failed)
    {
        public Busy Plus(Busy other) => new(Good + other.Good, Failed + other.Failed);
    }

    /// <summary>Takes an attempt; times in milliseconds since 1970.</summary>
    public void Add(string step, long started, long ended, bool failed)
    {
        ended = Math.Max(ended, started + 1);
        while ((ended - started) / _width >= MostBins) Widen();
        if (!_lanes.TryGetValue(step, out var lane)) _lanes[step] = lane = [];
        for (var bin = started / _width; bin <= (ended - 1) / _width; bin++)
        {
            double overlap = Math.Min(ended, (bin + 1) * _width) - Math.Max(started, bin * _width);
            lane[bin] = lane.GetValueOrDefault(bin).Plus(failed ? new Busy(0, overlap) : new Busy(overlap, 0));
            _bins.Add(bin);
        }
        while (_bins.Count > MostBins) Widen();
    }

    /// <summary>Stretches of work with the pauses between them left out.</summary>
    public TimelineReport Report(IReadOnlyList<string> steps)
    {
        while (true)
        {
            var stretches = Stretches();
            if (stretches.Sum(stretch => stretch.Last - stretch.First + 1) <= 2 * MostBins)
                return new TimelineReport(_width, [.. stretches.Select(stretch => new TimelineStretch(stretch.First * _width, [.. steps.Select(step => Lane(step, stretch.First, stretch.Last))]))]);
            Widen();
        }
    }

    private TimelineLane Lane(string step, long first, long last)
    {
        var (good, failed) = (new double[last - first + 1], new double[last - first + 1]);
        if (_lanes.TryGetValue(step, out var lane))
            for (var bin = first; bin <= last; bin++)
                if (lane.TryGetValue(bin, out var busy)) (good[bin - first], failed[bin - first]) = (Math.Round(busy.Good / _width, 4), Math.Round(busy.Failed / _width, 4));
        return new TimelineLane(step, good, failed);
    }

    private List<(long First, long Last)> Stretches()
    {
        var bins = _bins.Order().ToList();
        if (bins.Count == 0) return [];
        var breaks = bins.Zip(bins.Skip(1), (a, b) => (After: a, Gap: b - a)).Where(gap => gap.Gap > Math.Max(LeastGap, bins.Count / 2)).OrderByDescending(gap => gap.Gap).Take(MostBreaks).Select(gap => gap.After).ToHashSet();
        var stretches = new List<(long, long)>();
        var first = bins[0];
        for (var i = 0; i < bins.Count; i++)
        {
            if (i < bins.Count - 1 && !breaks.Contains(bins[i])) continue;
            stretches.Add((first, bins[i]));
            if (i < bins.Count - 1) first = bins[i + 1];
        }
        return stretches;
    }

    private void Widen()
    {
        _width *= 2;
        _bins = [.. _bins.Select(bin => bin >> 1)];
        foreach (var (step, lane) in _lanes.ToList())
        {
            var wide = new Dictionary<long, Busy>(lane.Count);
            foreach (var (bin, busy) in lane) wide[bin >> 1] = wide.GetValueOrDefault(bin >> 1).Plus(busy);
            _lanes[step] = wide;
        }
    }
}

/// <summary>Average numbers of attempts at work, in bins of <paramref name="Width"/> milliseconds.</summary>
public sealed record TimelineReport(long Width, IReadOnlyList<TimelineStretch> Stretches);

/// <summary>Work without a long pause. Started is milliseconds since 1970, UTC.</summary>
public sealed record TimelineStretch(long Started, IReadOnlyList<TimelineLane> Lanes);

/// <param name="Running">Attempts at work that succeeded in the end, for each bin.</param>
/// <param name="Failing">Those that did not.</param>
public sealed record TimelineLane(string Step, IReadOnlyList<double> Running, IReadOnlyList<double> Failing);
