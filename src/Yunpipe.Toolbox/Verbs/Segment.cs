using System.CommandLine;
using System.Globalization;
using Yunpipe.Toolbox.Images;
using Yunpipe.Toolbox.Pixels;

namespace Yunpipe.Toolbox.Verbs;

internal static class Segment
{
    public static Command Create()
    {
        var image = Arguments.File("--image", "The image; objects are brighter than the background.");
        var output = Arguments.Out("The label image: 0 is background, objects count from 1; 16 bits, or 32 above 65,535 objects.");
        var sigma = Arguments.Number("--sigma", 1, 0, 100, "Smoothing before the threshold, in pixels.");
        var threshold = new ThresholdArguments();
        var split = Arguments.Number("--split", 0.15, 0, 1,
            "Touching objects part where the neck is narrower than the smaller one by this share; 1 never parts them.");
        var area = Arguments.Whole("--min-area", 30, 0, int.MaxValue, "Smaller objects are dropped, in pixels.");
        var border = new Option<bool>("--clear-border") { Description = "Drop objects that touch the image's edge." };
        var least = Arguments.Whole("--at-least", 0, 0, int.MaxValue, "Fewer objects than this end with exit code 5.");
        var (page, limit) = (Arguments.Page(), Arguments.MaxPixels());
        var command = new Command("segment", "Find bright objects, part those that touch, and number them.") { image, output, sigma };
        threshold.AddTo(command);
        foreach (var option in new Option[] { split, area, border, least, page, limit })
            command.Add(option);
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(image)!;
            var grey = new ImageReader(parsed.GetValue(limit)).ReadGrey(path, parsed.GetValue(page));
            var (labels, count) = Find(Plane.From(grey).Smooth(parsed.GetValue(sigma)), threshold.From(parsed), parsed.GetValue(split))
                .Tidy(parsed.GetValue(area), parsed.GetValue(border));
            if (count < parsed.GetValue(least))
                throw new RefusedException(ExitCode.NothingFound,
                    string.Create(CultureInfo.InvariantCulture, $"{path} holds {count} objects, fewer than the {parsed.GetValue(least)} that --at-least asks for."));
            ImageWriter.Write(labels.ToImage(count), parsed.GetValue(output)!, compress: true);
            parsed.InvocationConfiguration.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} objects"));
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static Labels Find(Plane plane, Foreground foreground, double split)
    {
        var mask = foreground.Of(plane);
        Holes.Fill(mask, plane.Width, plane.Height);
        // Steps of a digital outline make ripples in the distance; a pixel of smoothing takes them out and leaves the necks.
        var depth = new Plane(plane.Width, plane.Height, DistanceTransform.Of(mask, plane.Width, plane.Height)).Smooth(1);
        return new Labels(plane.Width, plane.Height, Basins.Of(mask, depth.Pixels, plane.Width, split));
    }
}
