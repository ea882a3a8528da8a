using System.CommandLine;
using NetVips;
using Yunpipe.Toolbox.Images;
using Yunpipe.Toolbox.Tables;

namespace Yunpipe.Toolbox.Verbs;

internal static class Montage
{
    private const int Gap = 4;
    private const int LongestEdge = 16384;

    public static Command Create()
    {
        var images = new Listing("images", "The images, in the order of the sheet.");
        var output = Arguments.Out("The sheet: PNG, TIFF or JPEG.");
        var tile = Arguments.Whole("--tile", 256, 8, 4096, $"Longer edge of each image; less where the sheet would pass {LongestEdge} pixels.");
        var columns = Arguments.Whole("--columns", 0, 0, 1000, "Images of a row; 0 makes the sheet about square.");
        var contrast = Arguments.Choice("--contrast",
            "Stretch each image by itself, or all together so that they compare; none leaves 8 bits as they are.", "each", "together", "none");
        var (page, limit) = (Arguments.Page(), Arguments.MaxPixels());
        var command = new Command("montage", "Put images on one contact sheet.") { output, tile, columns, contrast, page, limit };
        images.AddTo(command);
        command.SetAction(parsed =>
        {
            var paths = images.PathsFrom(parsed);
            var across = parsed.GetValue(columns) is > 0 and var asked ? Math.Min(asked, paths.Length) : (int)Math.Ceiling(Math.Sqrt(paths.Length));
            var down = (paths.Length + across - 1) / across;
            var edge = Math.Clamp((LongestEdge / Math.Max(across, down)) - Gap, 1, parsed.GetValue(tile));
            var reader = new ImageReader(parsed.GetValue(limit));
            // One large image at a time; only miniatures stay.
            var tiles = Array.ConvertAll(paths, path => Miniature.Of(reader.Read(path, parsed.GetValue(page)), edge));
            ImageWriter.Write(Sheet(Stretched(tiles, parsed.GetValue(contrast)!), across, edge), parsed.GetValue(output)!);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static Image[] Stretched(Image[] tiles, string contrast)
    {
        if (contrast != "together")
            return Array.ConvertAll(tiles, tile => Contrast.ForEyes(tile, contrast == "each" ? Stretch.Always : Stretch.Never));
        var span = Contrast.Span(tiles);
        return Array.ConvertAll(tiles, tile => Contrast.Between(tile, span));
    }

    private static Image Sheet(Image[] tiles, int across, int edge)
    {
        if (tiles.Any(tile => tile.Bands == 3))
            tiles = Array.ConvertAll(tiles, tile => tile.Bands == 3 ? tile : tile.Bandjoin(tile, tile).Copy(interpretation: Enums.Interpretation.Srgb));
        return Image.Arrayjoin(tiles, across: across, shim: Gap, halign: Enums.Align.Centre, valign: Enums.Align.Centre, hspacing: edge, vspacing: edge);
    }
}
