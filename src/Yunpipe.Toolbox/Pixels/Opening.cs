using NetVips;
using Yunpipe.Toolbox.Images;

namespace Yunpipe.Toolbox.Pixels;

/// <summary>The floor that a flat disc can reach from below (Sternberg's rolling ball with a flat ball): what is narrower than the disc stands out.</summary>
internal static class Opening
{
    public static Image Of(Image image, double radius)
    {
        var plane = Plane.From(image);
        var disc = Disc(radius);
        var eroded = Extreme(plane, disc, Math.Min, float.PositiveInfinity);
        return Extreme(eroded, disc, Math.Max, float.NegativeInfinity).ToImage().CopyMemory();
    }

    private static (int X, int Y)[] Disc(double radius)
    {
        var reach = (int)Math.Floor(radius);
        return
        [
            .. from y in Enumerable.Range(-reach, (2 * reach) + 1)
               from x in Enumerable.Range(-reach, (2 * reach) + 1)
               where (x * x) + (y * y) <= radius * radius
               select (x, y),
        ];
    }

    private static Plane Extreme(Plane plane, (int X, int Y)[] disc, Func<float, float, float> choose, float start)
    {
        var result = new float[plane.Pixels.Length];
        for (var y = 0; y < plane.Height; y++)
        {
            for (var x = 0; x < plane.Width; x++)
            {
                var value = start;
                foreach (var (dx, dy) in disc)
                {
                    var (u, v) = (x + dx, y + dy);
                    if (u >= 0 && v >= 0 && u < plane.Width && v < plane.Height)
                        value = choose(value, plane.Pixels[(v * plane.Width) + u]);
                }

                result[(y * plane.Width) + x] = value;
            }
        }

        return plane with { Pixels = result };
    }
}
