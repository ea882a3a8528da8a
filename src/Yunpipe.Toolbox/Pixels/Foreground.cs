using Yunpipe.Toolbox.Images;

namespace Yunpipe.Toolbox.Pixels;

internal enum ThresholdMethod
{
    Otsu,
    Fixed,
    Local,
}

/// <summary>What is bright against its background.</summary>
/// <param name="Value">fixed: values above it are foreground.</param>
/// <param name="Radius">local: how far the neighbourhood reaches, in pixels.</param>
/// <param name="Offset">local: how far above the mean of the neighbourhood, in standard deviations of the image.</param>
internal sealed record Foreground(ThresholdMethod Method, double Value, double Radius, double Offset)
{
    public bool[] Of(Plane plane)
    {
        if (Method == ThresholdMethod.Local)
            return Local(plane);
        var threshold = (float)(Method == ThresholdMethod.Fixed ? Value : Otsu.Of(plane.Pixels));
        var mask = new bool[plane.Pixels.Length];
        for (var i = 0; i < mask.Length; i++)
            mask[i] = plane.Pixels[i] > threshold;
        return mask;
    }

    private bool[] Local(Plane plane)
    {
        var mean = Coarse.Smooth(plane, Radius / 2);
        var margin = (float)(Offset * Deviation(plane.Pixels));
        var mask = new bool[plane.Pixels.Length];
        for (var i = 0; i < mask.Length; i++)
            mask[i] = plane.Pixels[i] > mean.Pixels[i] + margin;
        return mask;
    }

    private static double Deviation(float[] values)
    {
        double sum = 0, squares = 0;
        foreach (var value in values)
            sum += value;
        var mean = sum / values.Length;
        foreach (var value in values)
            squares += (value - mean) * (value - mean);
        return Math.Sqrt(squares / values.Length);
    }
}
