using System.CommandLine;
using System.Globalization;
using Yunpipe.Toolbox.Images;
using Yunpipe.Toolbox.Pixels;
using Yunpipe.Toolbox.Tables;

namespace Yunpipe.Toolbox.Verbs;

internal static class Average
{
    public static Command Create()
    {
        var images = new Listing("images", "Images of one size.");
        var output = Arguments.Out("The average of each pixel, as a 32-bit floating-point TIFF.");
        var method = Arguments.Choice("--method",
            "mean, or median: what most images show at a place, so that cells leave no trace; it holds all images, shrunken as far as the smoothing allows.", "mean", "median");
        var smooth = Arguments.Number("--smooth", 0, 0, 10_000, "Gaussian smoothing of the average, in pixels.");
        var (page, limit) = (Arguments.Page(), Arguments.MaxPixels());
        var command = new Command("average", "Average images, such as all sites of a plate into its light field.") { output, method, smooth, page, limit };
        images.AddTo(command);
        command.SetAction(parsed =>
        {
            var planes = Read(images.PathsFrom(parsed), parsed.GetValue(page), new ImageReader(parsed.GetValue(limit)));
            var sigma = parsed.GetValue(smooth);
            var average = parsed.GetValue(method) == "median" ? Median(planes, sigma) : Coarse.Smooth(Mean(planes), sigma);
            ImageWriter.Write(average.ToImage(), parsed.GetValue(output)!);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    /// <summary>One image at a time, all of one size.</summary>
    private static IEnumerable<Plane> Read(string[] paths, Page page, ImageReader reader)
    {
        (int Width, int Height)? size = null;
        foreach (var path in paths)
        {
            var plane = Plane.From(reader.ReadGrey(path, page));
            size ??= (plane.Width, plane.Height);
            if (size != (plane.Width, plane.Height))
                throw new RefusedException(ExitCode.Mismatch, string.Create(CultureInfo.InvariantCulture,
                    $"{path} is {plane.Width} x {plane.Height} pixels, but {paths[0]} is {size.Value.Width} x {size.Value.Height}."));
            yield return plane;
        }
    }

    private static Plane Mean(IEnumerable<Plane> planes)
    {
        var (sums, count, last) = (Array.Empty<double>(), 0, default(Plane));
        foreach (var plane in planes)
        {
            if (count++ == 0)
                sums = new double[plane.Pixels.Length];
            for (var i = 0; i < sums.Length; i++)
                sums[i] += plane.Pixels[i];
            last = plane;
        }

        return last! with { Pixels = Array.ConvertAll(sums, sum => (float)(sum / count)) };
    }

    private static Plane Median(IEnumerable<Plane> planes, double sigma)
    {
        var (stack, width, height, smallSigma) = (new List<Plane>(), 0, 0, sigma);
        foreach (var plane in planes)
        {
            (width, height) = (plane.Width, plane.Height);
            stack.Add(Coarse.Shrink(plane, sigma, out smallSigma));
        }

        var middle = new Plane(stack[0].Width, stack[0].Height, new float[stack[0].Pixels.Length]);
        var values = new float[stack.Count];
        for (var i = 0; i < middle.Pixels.Length; i++)
        {
            for (var k = 0; k < values.Length; k++)
                values[k] = stack[k].Pixels[i];
            Array.Sort(values);
            middle.Pixels[i] = (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2;
        }

        // Where by chance most sites have a cell a spot remains; a median over the neighbourhood takes it out before smoothing would spread it.
        if (sigma > 0)
            middle = Plane.From(middle.ToImage().MedianOf((int)Math.Ceiling(smallSigma))).Smooth(smallSigma);
        return Coarse.Grow(middle, width, height);
    }
}
