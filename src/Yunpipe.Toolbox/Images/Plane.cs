using NetVips;

namespace Yunpipe.Toolbox.Images;

/// <summary>One channel as numbers in row order. Values that are not finite count as 0, so that a stray NaN cannot spread.</summary>
internal sealed record Plane(int Width, int Height, float[] Pixels)
{
    public static Plane From(Image grey)
    {
        var pixels = grey.Cast(Enums.BandFormat.Float).WriteToMemory<float>();
        for (var i = 0; i < pixels.Length; i++)
        {
            if (!float.IsFinite(pixels[i]))
                pixels[i] = 0;
        }

        return new Plane(grey.Width, grey.Height, pixels);
    }

    public Image ToImage() => Image.NewFromMemory(Pixels, Width, Height, 1, Enums.BandFormat.Float);

    public Plane Smooth(double sigma) => sigma < 0.2 ? this : From(ToImage().Smooth(sigma));
}
