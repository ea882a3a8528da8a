namespace Yunpipe.Toolbox.Pixels;

/// <summary>
/// The threshold that parts a histogram into the two classes that differ most (Otsu 1979). It would part pure noise as well, so the
/// classes must also lie apart: their means by three standard deviations of the darker one. Gaussian noise cut in half reaches 2.65.
/// </summary>
internal static class Otsu
{
    private const int Bins = 65536;
    private const double Apart = 3;

    /// <returns>Values above it are foreground; infinity where nothing stands out.</returns>
    public static double Of(ReadOnlySpan<float> values)
    {
        var (low, high) = Range(values);
        if (low >= high)
            return double.PositiveInfinity;
        var counts = new long[Bins];
        var scale = (Bins - 1) / ((double)high - low);
        foreach (var value in values)
            counts[(int)((value - low) * scale)]++;

        double total = 0;
        for (var bin = 0; bin < Bins; bin++)
            total += (double)bin * counts[bin];
        var (best, first, last) = (-1.0, 0, 0);
        var (below, sum) = (0L, 0.0);
        for (var bin = 0; bin < Bins - 1; bin++)
        {
            below += counts[bin];
            sum += (double)bin * counts[bin];
            var above = values.Length - below;
            if (below == 0 || above == 0)
                continue;
            var difference = (sum / below) - ((total - sum) / above);
            var between = (double)below * above * difference * difference;
            if (between > best)
                (best, first, last) = (between, bin, bin);
            else if (counts[bin] == 0 && last == bin - 1)
                last = bin; // Empty bins part the classes in the same way: take the middle of the gap.
        }

        return LieApart(counts, first, total) ? low + (((first + last + 1) / 2.0) / scale) : double.PositiveInfinity;
    }

    /// <param name="last">The last bin of the darker class.</param>
    /// <param name="total">The sum of all bin numbers, each as often as it is counted.</param>
    private static bool LieApart(long[] counts, int last, double total)
    {
        var (below, sum, squares) = (0L, 0.0, 0.0);
        for (var bin = 0; bin <= last; bin++)
        {
            below += counts[bin];
            sum += (double)bin * counts[bin];
            squares += (double)bin * bin * counts[bin];
        }

        var dark = sum / below;
        var bright = (total - sum) / (counts.Sum() - below);
        return bright - dark >= Apart * Math.Sqrt(Math.Max(0, (squares / below) - (dark * dark)));
    }

    private static (float Low, float High) Range(ReadOnlySpan<float> values)
    {
        var (low, high) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (var value in values)
        {
            low = Math.Min(low, value);
            high = Math.Max(high, value);
        }

        return (low, high);
    }
}
