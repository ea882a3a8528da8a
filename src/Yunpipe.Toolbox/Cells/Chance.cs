namespace Yunpipe.Toolbox.Cells;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood 2014): a seed gives the same numbers on every version of the runtime, which
/// <see cref="Random"/> does not promise, and any two words make an independent stream.
/// </summary>
internal sealed class Chance(ulong seed, ulong stream = 0)
{
    private ulong _state = Mix(seed + 0x9E3779B97F4A7C15) ^ Mix(Mix(stream + 0xD1B54A32D192ED03));
    private double _spare = double.NaN;

    public double Between(double low, double high) => low + ((high - low) * Unit());

    public int Whole(int low, int high) => low + (int)(Unit() * (high - low + 1L));

    /// <summary>Mean 0, standard deviation 1 (Marsaglia's polar method).</summary>
    public double Normal()
    {
        if (!double.IsNaN(_spare))
        {
            var kept = _spare;
            _spare = double.NaN;
            return kept;
        }

        double u, v, s;
        do
        {
            (u, v) = (Between(-1, 1), Between(-1, 1));
            s = (u * u) + (v * v);
        }
        while (s is >= 1 or 0);
        var scale = Math.Sqrt(-2 * Math.Log(s) / s);
        _spare = v * scale;
        return u * scale;
    }

    private double Unit()
    {
        _state += 0x9E3779B97F4A7C15;
        return (Mix(_state) >> 11) * (1.0 / (1UL << 53));
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
