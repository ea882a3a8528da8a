namespace Yunpipe.Toolbox.Pixels;

/// <summary>
/// The exact Euclidean distance of each foreground pixel to the nearest background pixel, in two passes of parabola envelopes
/// (Felzenszwalb and Huttenlocher 2012). What lies beyond the image's edge is unknown, not background, so that cut objects are not eaten.
/// </summary>
internal static class DistanceTransform
{
    private const float Far = 1e12f;

    public static float[] Of(bool[] mask, int width, int height)
    {
        var squares = new float[mask.Length];
        for (var i = 0; i < mask.Length; i++)
            squares[i] = mask[i] ? Far : 0;
        var envelope = new Envelope(Math.Max(width, height));
        for (var x = 0; x < width; x++)
            envelope.Lower(squares, x, width, height);
        for (var y = 0; y < height; y++)
            envelope.Lower(squares, y * width, 1, width);
        for (var i = 0; i < squares.Length; i++)
            squares[i] = squares[i] >= Far ? width + height : MathF.Sqrt(squares[i]);
        return squares;
    }

    private sealed class Envelope(int length)
    {
        private readonly float[] _line = new float[length];
        private readonly int[] _roots = new int[length];
        private readonly double[] _bounds = new double[length + 1];

        public void Lower(float[] values, int start, int step, int count)
        {
            for (var i = 0; i < count; i++)
                _line[i] = values[start + (i * step)];
            var last = 0;
            (_roots[0], _bounds[0], _bounds[1]) = (0, double.NegativeInfinity, double.PositiveInfinity);
            for (var i = 1; i < count; i++)
            {
                var meet = Meet(i, _roots[last]);
                while (meet <= _bounds[last])
                    meet = Meet(i, _roots[--last]);
                _roots[++last] = i;
                (_bounds[last], _bounds[last + 1]) = (meet, double.PositiveInfinity);
            }

            last = 0;
            for (var i = 0; i < count; i++)
            {
                while (_bounds[last + 1] < i)
                    last++;
                var away = i - _roots[last];
                values[start + (i * step)] = ((float)away * away) + _line[_roots[last]];
            }
        }

        private double Meet(int right, int left) =>
            (_line[right] + ((double)right * right) - _line[left] - ((double)left * left)) / (2.0 * (right - left));
    }
}
