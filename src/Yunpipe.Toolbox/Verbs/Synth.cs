using System.CommandLine;
using System.Globalization;
using Yunpipe.Toolbox.Cells;
using Yunpipe.Toolbox.Images;
using Yunpipe.Toolbox.Tables;

namespace Yunpipe.Toolbox.Verbs;

internal static class Synth
{
    public static Command Create()
    {
        var folder = new Option<string>("--out") { Description = "The folder for the images.", HelpName = "folder", Required = true };
        var truth = new Option<string>("--truth") { Description = "The folder for truth.csv and objects.csv; --out unless given.", HelpName = "folder" };
        var layout = Arguments.Choice("--layout", "Single images, or a plate of wells, sites and channels.", "images", "plate");
        var count = Arguments.Whole("--count", 4, 1, 1_000_000, "images: how many.");
        var plates = Arguments.Whole("--plates", 1, 1, 1000, "plate: how many plates.");
        var wells = Arguments.Pair("--wells", "2x3", 'x', "plate: rows x columns of wells.", "RxC");
        var sites = Arguments.Whole("--sites", 2, 1, 999, "plate: sites of each well.");
        var channels = new Option<string>("--channels")
        {
            Description = "plate: channel names with commas between; the first one shows the nuclei.",
            HelpName = "names",
            DefaultValueFactory = _ => "dna,er",
        };
        var cells = Arguments.Pair("--cells", "20-40", '-', "Cells of an image, a number or a range.", "N|N-M");
        var size = Arguments.Pair("--size", "512x512", 'x', "Width x height in pixels.", "WxH");
        var radius = Arguments.Number("--radius", 12, 3, 500, "Radius of a nucleus in pixels.");
        var touching = Arguments.Number("--touching", 0.2, 0, 1, "The share of cells that touch another.");
        var noise = Arguments.Number("--noise", 1, 0, 100, "Camera noise; 1 is that of a common camera.");
        var seed = Arguments.Whole("--seed", 1, 0, int.MaxValue, "The same seed gives the same bytes.");
        var command = new Command("synth", "Make fluorescence-like images of cells whose number is known.")
        {
            folder, truth, layout, count, plates, wells, sites, channels, cells, size, radius, touching, noise, seed,
        };
        command.SetAction(parsed =>
        {
            var target = parsed.GetValue(folder)!;
            var names = parsed.GetValue(channels)!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (names.Length == 0 || names.Any(name => !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')))
                throw new RefusedException(ExitCode.Usage, "--channels takes names of letters, digits and _ with commas between, such as dna,er.");
            var scene = new Scene(parsed.GetValue(size), parsed.GetValue(cells), parsed.GetValue(radius), parsed.GetValue(touching),
                parsed.GetValue(noise), parsed.GetValue(seed));
            var shots = parsed.GetValue(layout) == "plate"
                ? Shots.Plate(parsed.GetValue(plates), parsed.GetValue(wells), parsed.GetValue(sites), names)
                : Shots.Single(parsed.GetValue(count));
            var (images, objects) = Make(scene, shots, target, parsed.GetValue(truth) ?? target);
            parsed.InvocationConfiguration.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{images} images, {objects} cells"));
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static (int Images, int Objects) Make(Scene scene, IEnumerable<Shot> shots, string folder, string truth)
    {
        var (images, objects) = (0, 0);
        CsvWriter.Write(Path.Combine(truth, "truth.csv"), counts =>
            CsvWriter.Write(Path.Combine(truth, "objects.csv"), places =>
            {
                counts.Row("image", "count");
                places.Row("image", "object", "x", "y");
                foreach (var shot in shots)
                {
                    var field = scene.Field(shot);
                    foreach (var channel in shot.Channels)
                        ImageWriter.Write(scene.Photograph(shot, field, channel), Path.Combine(folder, channel.Name));
                    images += shot.Channels.Count;
                    objects += field.Cells.Count;
                    counts.Row(shot.Channels[0].Name, Number(field.Cells.Count));
                    for (var i = 0; i < field.Cells.Count; i++)
                        places.Row(shot.Channels[0].Name, Number(i + 1), Number(field.Cells[i].X), Number(field.Cells[i].Y));
                }
            }));
        return (images, objects);
    }

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
