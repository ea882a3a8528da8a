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
        var small = Shrink(plane, width, out var smallWidth);
        return Grow(Plane.From(filter(small.ToImage(), smallWidth)), plane.Width, plane.Height);
    }

    /// <summary>As small as a filter of this width allows.</summary>
    public static Plane Shrink(Plane plane, double width, out double smallWidth)
    {
        var factor = Math.Min(Math.Max(1, Math.Floor(width / Fine)), Math.Min(plane.Width, plane.Height));
        smallWidth = width / factor;
        return factor <= 1 ? plane : Plane.From(plane.ToImage().Resize(1 / factor, kernel: Enums.Kernel.Linear));
    }

    public static Plane Grow(Plane small, int width, int height) => (small.Width, small.Height) == (width, height)
        ? small
        : Plane.From(small.ToImage().Resize((double)width / small.Width, vscale: (double)height / small.Height, kernel: Enums.Kernel.Linear));
}
