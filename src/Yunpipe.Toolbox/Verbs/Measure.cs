using System.CommandLine;
using System.Globalization;
using Yunpipe.Toolbox.Images;
using Yunpipe.Toolbox.Pixels;
using Yunpipe.Toolbox.Tables;

namespace Yunpipe.Toolbox.Verbs;

internal static class Measure
{
    public static Command Create()
    {
        var labels = Arguments.File("--labels", "The label image.");
        var image = Arguments.File("--image", "The image whose values are measured, of the same size: the original, not a smoothed one.");
        var output = Arguments.Out("The table: label, area, x, y, mean, minimum, maximum, total.");
        var (page, limit) = (Arguments.Page(), Arguments.MaxPixels());
        var command = new Command("measure", "Measure each object of a label image; no objects make a table without rows.")
        {
            labels, image, output, page, limit,
        };
        command.SetAction(parsed =>
        {
            var (labelPath, imagePath) = (parsed.GetValue(labels)!, parsed.GetValue(image)!);
            var reader = new ImageReader(parsed.GetValue(limit));
            var objects = reader.Read(labelPath, new Page(0));
            if (objects.Bands != 1)
                throw new RefusedException(ExitCode.Mismatch, $"{labelPath} is no label image: it has {objects.Bands} channels.");
            var values = reader.ReadGrey(imagePath, parsed.GetValue(page));
            if (objects.Width != values.Width || objects.Height != values.Height)
                throw new RefusedException(ExitCode.Mismatch, string.Create(CultureInfo.InvariantCulture,
                    $"{labelPath} is {objects.Width} x {objects.Height} pixels, but {imagePath} is {values.Width} x {values.Height}."));
            Write(parsed.GetValue(output)!, ObjectStatistics.Of(Labels.From(objects), Plane.From(values)));
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static void Write(string path, IEnumerable<ObjectStatistics> objects) => CsvWriter.Write(path, table =>
    {
        table.Row("label", "area", "x", "y", "mean", "minimum", "maximum", "total");
        foreach (var one in objects)
            table.Row(Text(one.Label), Text(one.Area), Text(one.X, "0.##"), Text(one.Y, "0.##"), Text(one.Mean, "G9"),
                Text(one.Minimum, "G9"), Text(one.Maximum, "G9"), Text(one.Total, "G15"));
    });

    private static string Text(double value, string format = "0") => value.ToString(format, CultureInfo.InvariantCulture);
}
