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
        var output = Arguments.Out("The mean of each pixel, as a 32-bit floating-point TIFF.");
        var smooth = Arguments.Number("--smooth", 0, 0, 10_000, "Gaussian smoothing of the mean, in pixels: a wide one leaves the light and takes out the cells.");
        var (page, limit) = (Arguments.Page(), Arguments.MaxPixels());
        var command = new Command("average", "Average images, such as all sites of a plate into its light field.") { output, smooth, page, limit };
        images.AddTo(command);
        command.SetAction(parsed =>
        {
            var mean = Mean(images.PathsFrom(parsed), parsed.GetValue(page), new ImageReader(parsed.GetValue(limit)));
            ImageWriter.Write(Coarse.Smooth(mean, parsed.GetValue(smooth)).ToImage(), parsed.GetValue(output)!);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static Plane Mean(string[] paths, Page page, ImageReader reader)
    {
        var first = Plane.From(reader.ReadGrey(paths[0], page));
        var sums = Array.ConvertAll(first.Pixels, value => (double)value);
        foreach (var path in paths.AsSpan(1))
        {
            var next = Plane.From(reader.ReadGrey(path, page));
            if (next.Width != first.Width || next.Height != first.Height)
                throw new RefusedException(ExitCode.Mismatch, string.Create(CultureInfo.InvariantCulture,
                    $"{path} is {next.Width} x {next.Height} pixels, but {paths[0]} is {first.Width} x {first.Height}."));
            for (var i = 0; i < sums.Length; i++)
                sums[i] += next.Pixels[i];
        }

        return first with { Pixels = Array.ConvertAll(sums, sum => (float)(sum / paths.Length)) };
    }
}
