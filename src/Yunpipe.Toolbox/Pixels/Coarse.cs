using NetVips;
using Yunpipe.Toolbox.Images;

namespace Yunpipe.Toolbox.Pixels;

/// <summary>Wide filters on a shrunken image: what they give changes slowly, so nothing is lost and the time no longer grows with their width.</summary>
internal static class Coarse
{
    private const double Fine = 6;

    public static Plane Smooth(Plane plane, double sigma) => Apply(plane, sigma, (small, width) => small.Smooth(width));

    /// <param name="width">The width of the filter in pixels of <paramref name="plane"/>.</param>
    /// <param name="filter">Gets the shrunken image and the width in its pixels.</param>
    public static Plane Apply(Plane plane, double width, Func<Image, double, Image> filter)
    {
        var factor = Math.Min(Math.Max(1, Math.Floor(width / Fine)), Math.Min(plane.Width, plane.Height));
        var image = plane.ToImage();
        if (factor <= 1)
            return Plane.From(filter(image, width));
        var small = image.Resize(1 / factor, kernel: Enums.Kernel.Linear).CopyMemory();
        var result = filter(small, width / factor);
        return Plane.From(result.Resize((double)plane.Width / small.Width, vscale: (double)plane.Height / small.Height, kernel: Enums.Kernel.Linear));
    }
}
