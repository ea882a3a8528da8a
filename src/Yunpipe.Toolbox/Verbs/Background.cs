using System.CommandLine;
using NetVips;
using Yunpipe.Toolbox.Images;
using Yunpipe.Toolbox.Pixels;

namespace Yunpipe.Toolbox.Verbs;

internal static class Background
{
    public static Command Create()
    {
        var image = Arguments.File("--image", "The image.");
        var output = Arguments.Out("The image without its background, one channel of the same number type; nothing falls below 0.");
        var method = Arguments.Choice("--method",
            "rolling-ball: the floor between objects; median: for crowded images; gaussian: the plain local mean.", "rolling-ball", "median", "gaussian");
        var radius = Arguments.Number("--radius", 50, 1, 10_000, "More than the radius of the largest object, in pixels.");
        var (page, limit) = (Arguments.PageOrAll(), Arguments.MaxPixels());
        var command = new Command("background", "Subtract the background.") { image, output, method, radius, page, limit };
        command.SetAction(parsed =>
        {
            var (how, reach) = (parsed.GetValue(method), parsed.GetValue(radius));
            Pages.Map(parsed.GetValue(image)!, parsed.GetValue(page), parsed.GetValue(limit), parsed.GetValue(output)!, one =>
            {
                var grey = one.ToGrey();
                var plane = Plane.From(grey);
                var floor = how switch
                {
                    "median" => Coarse.Apply(plane, reach, (small, width) => small.MedianOf((int)Math.Round(width)).Smooth(1)),
                    "gaussian" => Coarse.Smooth(plane, reach),
                    _ => Coarse.Apply(plane, reach, (small, width) => Opening.Of(small, width).Smooth(1)),
                };
                for (var i = 0; i < plane.Pixels.Length; i++)
                    plane.Pixels[i] = Math.Max(0, plane.Pixels[i] - floor.Pixels[i]);
                return plane.ToImage().As(grey.Format).Copy(interpretation: grey.Interpretation);
            });
            return (int)ExitCode.Ok;
        });
        return command;
    }
}
