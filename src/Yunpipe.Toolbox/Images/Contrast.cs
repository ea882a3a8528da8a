using NetVips;

namespace Yunpipe.Toolbox.Images;

internal enum Stretch
{
    Auto,
    Always,
    Never,
}

/// <summary>Eight bits for looking at: the darkest and brightest thousandth are cut, what lies between spans 0 to 255.</summary>
internal static class Contrast
{
    private const double Cut = 0.001;

    public static Image ForEyes(Image small, Stretch stretch)
    {
        if (stretch == Stretch.Always || (stretch == Stretch.Auto && small.Format != Enums.BandFormat.Uchar))
            return Between(small, Span([small]));
        return small.Format == Enums.BandFormat.Ushort ? small.Linear([1 / 257.0], [0]).As(Enums.BandFormat.Uchar).Named() : small.As(Enums.BandFormat.Uchar).Named();
    }

    public static Image Between(Image image, (double Low, double High) span)
    {
        var scale = span.High > span.Low ? 255 / (span.High - span.Low) : 0;
        return image.Linear([scale], [-span.Low * scale]).As(Enums.BandFormat.Uchar).Named();
    }

    /// <summary>The values that the cut leaves as the darkest and the brightest of several images.</summary>
    public static (double Low, double High) Span(IReadOnlyCollection<Image> images)
    {
        var values = images.SelectMany(image => image.Cast(Enums.BandFormat.Float).WriteToMemory<float>()).Where(float.IsFinite).ToArray();
        if (values.Length == 0)
            return (0, 0);
        Array.Sort(values);
        var (low, high) = (values[(int)(values.Length * Cut)], values[values.Length - 1 - (int)(values.Length * Cut)]);
        // A few small objects on nothing lie within the cut: then the whole range is shown.
        return low < high ? (low, high) : (values[0], values[^1]);
    }

    private static Image Named(this Image image) =>
        image.Copy(interpretation: image.Bands >= 3 ? Enums.Interpretation.Srgb : Enums.Interpretation.Bw);
}
