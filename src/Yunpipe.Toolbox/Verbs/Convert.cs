using System.CommandLine;
using NetVips;
using Yunpipe.Toolbox.Images;

namespace Yunpipe.Toolbox.Verbs;

internal static class Convert
{
    public static Command Create()
    {
        var image = Arguments.File("--image", "The image.");
        var output = Arguments.Out("The new image; the ending (.tif, .png, .jpg) chooses the format.");
        var depth = Arguments.Choice("--depth", "Bits of each value.", "same", "8", "16", "float");
        var scale = Arguments.Choice("--scale",
            "type: the full range of the one number type becomes that of the other (float counts as 0 to 1); data: from the darkest to the brightest value; none: values stay.",
            "type", "data", "none");
        var grey = new Option<bool>("--grey") { Description = "Colour becomes luminance." };
        var (page, limit) = (Arguments.PageOrAll(), Arguments.MaxPixels());
        var command = new Command("convert", "Change the file format, the number type, or pick a page.") { image, output, depth, scale, grey, page, limit };
        command.SetAction(parsed =>
        {
            var (target, how, single) = (parsed.GetValue(depth)!, parsed.GetValue(scale)!, parsed.GetValue(grey));
            Pages.Map(parsed.GetValue(image)!, parsed.GetValue(page), parsed.GetValue(limit), parsed.GetValue(output)!,
                one => To(target, how, single ? one.ToGrey() : one));
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static Image To(string depth, string scale, Image image)
    {
        var format = depth switch
        {
            "8" => Enums.BandFormat.Uchar,
            "16" => Enums.BandFormat.Ushort,
            "float" => Enums.BandFormat.Float,
            _ => image.Format,
        };
        if (scale != "none" && (format != image.Format || scale == "data"))
        {
            var (low, high) = scale == "data" ? (image.Min(), image.Max()) : (0, Full(image.Format));
            var factor = high > low ? Full(format) / (high - low) : 0;
            image = image.Linear([factor], [-low * factor]);
        }

        var colour = image.Bands >= 3;
        return image.As(format).Copy(interpretation: format == Enums.BandFormat.Ushort
            ? colour ? Enums.Interpretation.Rgb16 : Enums.Interpretation.Grey16
            : colour ? Enums.Interpretation.Srgb : Enums.Interpretation.Bw);
    }

    private static double Full(Enums.BandFormat format) => format switch
    {
        Enums.BandFormat.Uchar => byte.MaxValue,
        Enums.BandFormat.Char => sbyte.MaxValue,
        Enums.BandFormat.Ushort => ushort.MaxValue,
        Enums.BandFormat.Short => short.MaxValue,
        Enums.BandFormat.Uint => uint.MaxValue,
        Enums.BandFormat.Int => int.MaxValue,
        _ => 1,
    };
}
