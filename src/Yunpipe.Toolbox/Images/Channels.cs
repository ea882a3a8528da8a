using NetVips;

namespace Yunpipe.Toolbox.Images;

/// <summary>Conversions that every verb shares: to one channel, back to a number type, to eight bits for looking at.</summary>
internal static class Channels
{
    /// <summary>Colour becomes luminance (Rec. 709 weights on the stored values), other channels their mean; transparency is dropped.</summary>
    public static Image ToGrey(this Image image)
    {
        var opaque = image.ToOpaque();
        var grey = opaque.Bands switch
        {
            1 => opaque,
            3 => opaque.Recomb(Image.NewFromArray(new[,] { { 0.2126, 0.7152, 0.0722 } })).As(opaque.Format),
            _ => opaque.Bandmean(),
        };
        return grey.Copy(interpretation: grey.Format == Enums.BandFormat.Ushort ? Enums.Interpretation.Grey16 : Enums.Interpretation.Bw);
    }

    public static Image ToOpaque(this Image image)
    {
        var colours = image.Interpretation == Enums.Interpretation.Cmyk ? image.Colourspace(Enums.Interpretation.Srgb) : image;
        return colours.HasAlpha() ? colours.ExtractBand(0, n: colours.Bands - 1) : colours;
    }

    /// <summary>Casts with rounding to the nearest and clipping, where libvips alone would cut decimals off.</summary>
    public static Image As(this Image image, Enums.BandFormat format)
    {
        var rounded = image.IsFloat() && format is not (Enums.BandFormat.Float or Enums.BandFormat.Double) ? image.Rint() : image;
        return rounded.Format == format ? rounded : rounded.Cast(format);
    }

    public static bool IsFloat(this Image image) => image.Format is Enums.BandFormat.Float or Enums.BandFormat.Double;

    public static Image Smooth(this Image image, double sigma) =>
        sigma < 0.2 ? image : image.Gaussblur(sigma, minAmpl: 0.01, precision: Enums.Precision.Float);

    /// <summary>The median of a square window that reaches <paramref name="radius"/> pixels to each side; at the edge the outermost pixels repeat.</summary>
    public static Image MedianOf(this Image image, int radius)
    {
        var window = (2 * radius) + 1;
        if (image.Width >= window && image.Height >= window)
            return image.Median(window);
        // libvips wants the image no smaller than the window.
        return image.Embed(radius, radius, image.Width + (2 * radius), image.Height + (2 * radius), extend: Enums.Extend.Copy)
            .Median(window)
            .Crop(radius, radius, image.Width, image.Height);
    }
}
