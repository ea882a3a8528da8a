using System.CommandLine;
using Yunpipe.Toolbox.Images;

namespace Yunpipe.Toolbox.Verbs;

internal static class Denoise
{
    public static Command Create()
    {
        var image = Arguments.File("--image", "The image.");
        var output = Arguments.Out("The denoised image, of the same number type.");
        var method = Arguments.Choice("--method", "Gaussian for camera noise, median for single wrong pixels.", "gaussian", "median");
        var sigma = Arguments.Number("--sigma", 1, 0, 1000, "gaussian: width in pixels.");
        var radius = Arguments.Whole("--radius", 1, 1, 50, "median: the window reaches this many pixels to each side.");
        var (page, limit) = (Arguments.PageOrAll(), Arguments.MaxPixels());
        var command = new Command("denoise", "Take noise out of an image.") { image, output, method, sigma, radius, page, limit };
        command.SetAction(parsed =>
        {
            var (median, width, reach) = (parsed.GetValue(method) == "median", parsed.GetValue(sigma), parsed.GetValue(radius));
            Pages.Map(parsed.GetValue(image)!, parsed.GetValue(page), parsed.GetValue(limit), parsed.GetValue(output)!,
                one => median ? one.MedianOf(reach) : one.Smooth(width).As(one.Format));
            return (int)ExitCode.Ok;
        });
        return command;
    }
}
