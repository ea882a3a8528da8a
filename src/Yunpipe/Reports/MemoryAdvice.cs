using System.Text.Json.Serialization;
using Yunpipe.Documents;

namespace Yunpipe.Reports;

/// <summary>Memory that a step asked for against what it used, in bytes, with a proposal. 0 stands for “not said” and “not measured”.</summary>
/// <param name="Asked">What the newest job was given on its first try.</param>
/// <param name="Median">Of the attempts' peaks, as the 99th percentile and the largest.</param>
/// <param name="RanOut">Attempts that ended because memory did not suffice.</param>
/// <param name="Proposed">What to ask for; 0 where nothing was measured.</param>
/// <param name="Advice">One sentence.</param>
public sealed record MemoryReport(long Asked, long Median, long P99, long Max, long RanOut, long Proposed, MemoryVerdict Verdict, string Advice);

[JsonConverter(typeof(JsonStringEnumConverter<MemoryVerdict>))]
public enum MemoryVerdict
{
    [JsonStringEnumMemberName("not-measured")] NotMeasured,
    [JsonStringEnumMemberName("not-asked")] NotAsked,
    [JsonStringEnumMemberName("fits")] Fits,
    [JsonStringEnumMemberName("too-much")] TooMuch,
    [JsonStringEnumMemberName("too-little")] TooLittle,
}

/// <summary>The right size: 1.2 times the 99th percentile of what was used, rounded up to a size that a person would write.</summary>
internal static class MemoryAdvice
{
    private const double Room = 1.2;

    /// <param name="ranOutAt">The largest limit under which an attempt ran out.</param>
    public static MemoryReport Of(QuantileSketch used, long asked, long ranOut, long ranOutAt)
    {
        if (used.Count == 0 || used.Max <= 0)
            return new MemoryReport(asked, 0, 0, 0, ranOut, 0, MemoryVerdict.NotMeasured, "Memory was not measured.");
        var (median, p99, max) = ((long)used.Quantile(0.5), (long)used.Quantile(0.99), (long)used.Max);
        // A peak under a limit that was reached says nothing about the need above it.
        var proposed = RoundUp(Math.Max(Room * p99, ranOut > 0 ? 1.5 * ranOutAt : 0));
        var (verdict, advice) = Judge(asked, p99, max, ranOut, proposed);
        return new MemoryReport(asked, median, p99, max, ranOut, proposed, verdict, advice);
    }

    /// <summary>Steps of a quarter to an eighth of the size, never below 32 MiB: 48 MiB, 320 MiB, 1.25 GiB, 6 GiB.</summary>
    public static long RoundUp(double bytes)
    {
        long step = 16L << 20;
        while (bytes > 8 * step) step *= 2;
        return Math.Max(32L << 20, (long)Math.Ceiling(bytes / step) * step);
    }

    private static (MemoryVerdict, string) Judge(long asked, long p99, long max, long ranOut, long proposed)
    {
        var (most, right) = (new ByteSize(max), new ByteSize(proposed).ToExactText());
        if (ranOut > 0)
            return (MemoryVerdict.TooLittle, $"{Figures.Count(ranOut, "attempt")} ran out of memory{(asked > 0 ? $", and {new ByteSize(asked)} is asked for" : "")}: ask for {right}.");
        if (asked == 0) return (MemoryVerdict.NotAsked, $"Nothing is asked for, and at most {most} was used: ask for {right}, so that jobs are packed by memory.");
        if (p99 > 0.9 * asked) return (MemoryVerdict.TooLittle, $"Up to {most} of the {new ByteSize(asked)} asked for was used, which is tight: ask for {right}.");
        if (asked >= 2 * proposed)
            return (MemoryVerdict.TooMuch, $"{new ByteSize(asked)} is asked for, and at most {most} was used: {right} would do, and {Figures.Number(Math.Floor(asked / (double)proposed))} times as many jobs would fit into memory.");
        return (MemoryVerdict.Fits, $"At most {most} of the {new ByteSize(asked)} asked for was used: that fits.");
    }
}
