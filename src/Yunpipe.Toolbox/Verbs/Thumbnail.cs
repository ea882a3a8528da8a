using System.CommandLine;
using Yunpipe.Toolbox.Images;

namespace Yunpipe.Toolbox.Verbs;

internal static class Thumbnail
{
    public static Command Create()
    {
        var image = Arguments.File("--image", "The image.");
        var output = Arguments.Out("The thumbnail, PNG or JPEG.");
        var size = Arguments.Whole("--size", 256, 1, 16384, "The longer edge in pixels; smaller images are not enlarged.");
        var stretch = Arguments.Choice("--stretch", "Contrast: auto stretches all but 8-bit images.", "auto", "always", "never");
        var (page, limit) = (Arguments.Page(), Arguments.MaxPixels());
        var command = new Command("thumbnail", "Make a small 8-bit picture of an image.") { image, output, size, stretch, page, limit };
        command.SetAction(parsed =>
        {
            var full = new ImageReader(parsed.GetValue(limit)).Read(parsed.GetValue(image)!, parsed.GetValue(page));
            var how = Enum.Parse<Stretch>(parsed.GetValue(stretch)!, ignoreCase: true);
            ImageWriter.Write(Contrast.ForEyes(Miniature.Of(full, parsed.GetValue(size)), how), parsed.GetValue(output)!);
            return (int)ExitCode.Ok;
        });
        return command;
    }
}
