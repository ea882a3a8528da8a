using System.CommandLine;
using Yunpipe.Toolbox.Images;

namespace Yunpipe.Toolbox.Verbs;

/// <summary>The short name of <c>denoise --method gaussian</c>.</summary>
internal static class Blur
{
    public static Command Create()
    {
        var image = Arguments.File("--image", "The image.");
        var output = Arguments.Out("The blurred image.");
        var sigma = Arguments.Number("--sigma", 1.5, 0, 1000, "Width of the Gaussian in pixels.");
        var (page, limit) = (Arguments.PageOrAll(), Arguments.MaxPixels());
        var command = new Command("blur", "Blur an image with a Gaussian.") { image, output, sigma, page, limit };
        command.SetAction(parsed =>
        {
            var width = parsed.GetValue(sigma);
            Pages.Map(parsed.GetValue(image)!, parsed.GetValue(page), parsed.GetValue(limit), parsed.GetValue(output)!,
                one => one.Smooth(width).As(one.Format));
            return (int)ExitCode.Ok;
        });
        return command;
    }
}
