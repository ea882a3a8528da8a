namespace Yunpipe.Reports;

/// <summary>Quantiles of any number of values in bounded memory: buckets that grow by a constant factor, so that every answer is within 1 % of
/// a value that was seen at that rank (the scheme of Masson, Rim and Lee, “DDSketch”, 2019). Smallest, largest and sum are exact.</summary>
internal sealed class QuantileSketch
{
    /// <summary>Largest relative error of a quantile.</summary>
    public const double Error = 0.01;

    /// <summary>Values from 10⁻⁶ to 10¹⁵ have buckets of their own; what is smaller or larger shares the first or the last.</summary>
    private const int Lowest = -691, Highest = 1728;
    private static readonly double Growth = (1 + Error) / (1 - Error);
    private static readonly double LogGrowth = Math.Log(Growth);

    private readonly SortedDictionary<int, long> _buckets = [];
    private long _zeros;

    /// <summary>How many are in use; at most 2,420.</summary>
    public int Buckets => _buckets.Count;
    public long Count { get; private set; }
    public double Sum { get; private set; }
    public double Min { get; private set; } = double.PositiveInfinity;
    public double Max { get; private set; } = double.NegativeInfinity;

    /// <summary>Takes a value that is not negative; what is no number, or below zero, counts as zero.</summary>
    public void Add(double value)
    {
        if (!(value > 0) || double.IsInfinity(value)) value = 0;
        Count++;
        Sum += value;
        Min = Math.Min(Min, value);
        Max = Math.Max(Max, value);
        if (value == 0) { _zeros++; return; }
        var bucket = BucketOf(value);
        _buckets[bucket] = _buckets.GetValueOrDefault(bucket) + 1;
    }

    /// <summary>The value below or at which this share of the values lies (nearest rank); 0 where there are none.</summary>
    public double Quantile(double share)
    {
        if (Count == 0) return 0;
        var rank = Math.Clamp((long)Math.Ceiling(share * Count), 1, Count);
        if (rank == 1) return Min;
        if (rank == Count) return Max;
        var seen = _zeros;
        if (rank <= seen) return 0;
        foreach (var (bucket, count) in _buckets)
            if ((seen += count) >= rank) return Math.Clamp(Middle(bucket), Min, Max);
        return Max;
    }

    /// <summary>How many values lie between equal steps on a logarithmic axis; zeros and what lies outside count in the first or last bin.</summary>
    public long[] Histogram(double from, double to, int bins)
    {
        var histogram = new long[bins];
        if (_zeros > 0) histogram[0] += _zeros;
        foreach (var (bucket, count) in _buckets)
        {
            var place = Math.Log(Math.Clamp(Middle(bucket), Min, Max) / from) / Math.Log(to / from) * bins;
            histogram[Math.Clamp((int)place, 0, bins - 1)] += count;
        }
        return histogram;
    }

    private static int BucketOf(double value) => Math.Clamp((int)Math.Ceiling(Math.Log(value) / LogGrowth), Lowest, Highest);

    private static double Middle(int bucket) => 2 * Math.Pow(Growth, bucket) / (Growth + 1);
}
