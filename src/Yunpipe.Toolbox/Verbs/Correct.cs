using System.CommandLine;
using System.Globalization;
using Yunpipe.Toolbox.Images;

namespace Yunpipe.Toolbox.Verbs;

internal static class Correct
{
    public static Command Create()
    {
        var image = Arguments.File("--image", "The image.");
        var field = Arguments.File("--field", "The light field, such as a smooth average; only its shape counts, not its brightness.");
        var output = Arguments.Out("The image under even light, one channel of the same number type.");
        var dark = Arguments.Number("--dark", 0, 0, 1e9, "What the camera counts without light; taken off the image and the field first.");
        var (page, limit) = (Arguments.Page(), Arguments.MaxPixels());
        var command = new Command("correct", "Divide an image by the light field that it was taken under.") { image, field, output, dark, page, limit };
        command.SetAction(parsed =>
        {
            var (imagePath, fieldPath) = (parsed.GetValue(image)!, parsed.GetValue(field)!);
            var reader = new ImageReader(parsed.GetValue(limit));
            var original = reader.ReadGrey(imagePath, parsed.GetValue(page));
            var (plane, light) = (Plane.From(original), Plane.From(reader.ReadGrey(fieldPath, new Page(0))));
            if (plane.Width != light.Width || plane.Height != light.Height)
                throw new RefusedException(ExitCode.Mismatch, string.Create(CultureInfo.InvariantCulture,
                    $"{imagePath} is {plane.Width} x {plane.Height} pixels, but {fieldPath} is {light.Width} x {light.Height}."));
            Divide(plane.Pixels, light.Pixels, parsed.GetValue(dark), fieldPath);
            var format = original.Format;
            ImageWriter.Write(plane.ToImage().As(format).Copy(interpretation: original.Interpretation), parsed.GetValue(output)!);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static void Divide(float[] pixels, float[] light, double dark, string fieldPath)
    {
        double sum = 0;
        foreach (var value in light)
            sum += value - dark;
        var mean = sum / light.Length;
        if (mean <= 0)
            throw new RefusedException(ExitCode.Mismatch, $"{fieldPath} is no light field: its mean is not above --dark.");
        // Places that hardly see light would otherwise turn noise into signal.
        var floor = mean / 100;
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (float)((pixels[i] - dark) * mean / Math.Max(light[i] - dark, floor));
    }
}
