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
            var how = Enum.Parse<Stretch>(parsed.GetValue(stretch)!, ignoreCase: true);
            Make(parsed.GetValue(image)!, parsed.GetValue(output)!, parsed.GetValue(size), how, parsed.GetValue(page), parsed.GetValue(limit));
            return (int)ExitCode.Ok;
        });
        return command;
    }

    public static void Make(string image, string output, int size, Stretch stretch, Page page, long limit)
    {
        var full = new ImageReader(limit).Read(image, page);
        ImageWriter.Write(Contrast.ForEyes(Miniature.Of(full, size), stretch), output);
    }
}
