using System.Runtime.InteropServices;

namespace Yunpipe.Toolbox.Pixels;

/// <summary>
/// A watershed with merging. Foreground pixels are visited from the deepest (farthest from the background) outwards:
/// <code>
/// visited neighbours   pixel becomes
/// none                 a new object with this depth as its peak
/// one object           part of it
/// several              for each but the one with the highest peak: the pixel is a saddle between them;
///                      saddle ≥ (1 − split) × lower peak → one object, otherwise they stay apart;
///                      then part of the neighbour that lies deepest
/// </code>
/// So a neck parts two objects when it is clearly narrower than the smaller of them, whatever their size.
/// </summary>
internal sealed class Basins
{
    private readonly List<int> _parents = [];
    private readonly List<float> _peaks = [];

    /// <returns>For each pixel an object number from 1 in no particular order, 0 for background.</returns>
    public static int[] Of(bool[] mask, float[] depth, int width, double split) => new Basins().Flood(mask, depth, width, (float)split);

    private int[] Flood(bool[] mask, float[] depth, int width, float split)
    {
        var basins = new int[mask.Length];
        _parents.Add(0);
        _peaks.Add(0);
        Span<int> around = stackalloc int[8];
        foreach (var i in DeepestFirst(mask, depth))
        {
            var (deepest, into) = (-1f, 0);
            foreach (var neighbour in around[..Neighbours(i, width, mask.Length, around)])
            {
                if (basins[neighbour] == 0)
                    continue;
                var basin = Root(basins[neighbour]);
                into = into == 0 ? basin : Meet(Root(into), basin, depth[i], split, depth[neighbour] > deepest);
                deepest = Math.Max(deepest, depth[neighbour]);
            }

            basins[i] = into != 0 ? into : Add(depth[i]);
        }

        for (var i = 0; i < basins.Length; i++)
            basins[i] = Root(basins[i]);
        return basins;
    }

    private int Meet(int one, int other, float saddle, float split, bool otherIsDeeper)
    {
        if (one == other)
            return one;
        var (high, low) = _peaks[one] >= _peaks[other] ? (one, other) : (other, one);
        if (saddle < (1 - split) * _peaks[low])
            return otherIsDeeper ? other : one;
        _parents[low] = high;
        return high;
    }

    private int Add(float peak)
    {
        _parents.Add(_parents.Count);
        _peaks.Add(peak);
        return _parents.Count - 1;
    }

    private int Root(int basin)
    {
        var parents = CollectionsMarshal.AsSpan(_parents);
        while (parents[basin] != basin)
            basin = parents[basin] = parents[parents[basin]];
        return basin;
    }

    /// <summary>Sorted by depth, then by place, so that equal depths have one order. Positive floats sort as their bits do.</summary>
    private static int[] DeepestFirst(bool[] mask, float[] depth)
    {
        var keys = new ulong[mask.Count(set => set)];
        for (int i = 0, k = 0; i < mask.Length; i++)
        {
            if (mask[i])
                keys[k++] = ((ulong)(uint)~BitConverter.SingleToInt32Bits(Math.Max(depth[i], 0)) << 32) | (uint)i;
        }

        Array.Sort(keys);
        return Array.ConvertAll(keys, key => (int)(uint)key);
    }

    private static int Neighbours(int i, int width, int length, Span<int> found)
    {
        var (count, x) = (0, i % width);
        for (var row = i - width; row <= i + width; row += width)
        {
            if (row < 0 || row >= length)
                continue;
            for (var step = x > 0 ? -1 : 0; step <= (x < width - 1 ? 1 : 0); step++)
            {
                if (row + step != i)
                    found[count++] = row + step;
            }
        }

        return count;
    }
}
