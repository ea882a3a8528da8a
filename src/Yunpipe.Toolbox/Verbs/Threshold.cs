using System.CommandLine;
using NetVips;
using Yunpipe.Toolbox.Images;

namespace Yunpipe.Toolbox.Verbs;

internal static class Threshold
{
    public static Command Create()
    {
        var image = Arguments.File("--image", "The image.");
        var output = Arguments.Out("The mask: 8 bits, 255 is foreground, 0 background.");
        var threshold = new ThresholdArguments();
        var (page, limit) = (Arguments.PageOrAll(), Arguments.MaxPixels());
        var command = new Command("threshold", "Make a mask of what is bright.") { image, output };
        threshold.AddTo(command);
        command.Add(page);
        command.Add(limit);
        command.SetAction(parsed =>
        {
            var foreground = threshold.From(parsed);
            Pages.Map(parsed.GetValue(image)!, parsed.GetValue(page), parsed.GetValue(limit), parsed.GetValue(output)!, one =>
            {
                var plane = Plane.From(one.ToGrey());
                var mask = Array.ConvertAll(foreground.Of(plane), set => set ? byte.MaxValue : byte.MinValue);
                return Image.NewFromMemory(mask, plane.Width, plane.Height, 1, Enums.BandFormat.Uchar).Copy(interpretation: Enums.Interpretation.Bw);
            }, compress: true);
            return (int)ExitCode.Ok;
        });
        return command;
    }
}
