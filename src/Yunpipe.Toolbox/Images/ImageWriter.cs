using NetVips;

namespace Yunpipe.Toolbox.Images;

/// <summary>Writes TIFF, PNG and JPEG. The same pixels give the same bytes: no dates, no metadata but the resolution and the colour profile.</summary>
internal static class ImageWriter
{
    private const long ClassicTiffLimit = 4_000_000_000;

    /// <param name="image">All pages one above the other.</param>
    /// <param name="path">Where to; the ending chooses the format.</param>
    /// <param name="compress">For masks and labels, which shrink a hundredfold; camera noise does not.</param>
    /// <param name="pageHeight">Rows of one page, 0 for a single page.</param>
    public static void Write(Image image, string path, bool compress = false, int pageHeight = 0)
    {
        var format = image.Format;
        switch (Path.GetExtension(path).ToUpperInvariant())
        {
            case ".TIF" or ".TIFF":
                OutputFile.Write(path, partial => Tiff(image, partial, compress, pageHeight > 0 ? pageHeight : image.Height));
                break;
            case ".PNG" when format is Enums.BandFormat.Uchar or Enums.BandFormat.Ushort && OnePage(image, pageHeight):
                OutputFile.Write(path, partial => image.PngsaveTarget(Target.NewToFile(partial), keep: Enums.ForeignKeep.Icc));
                break;
            case ".JPG" or ".JPEG" when format is Enums.BandFormat.Uchar && OnePage(image, pageHeight):
                OutputFile.Write(path, partial => image.JpegsaveTarget(Target.NewToFile(partial), q: 90, keep: Enums.ForeignKeep.Icc));
                break;
            case ".PNG" or ".JPG" or ".JPEG":
                throw new RefusedException(ExitCode.Usage,
                    $"{path} cannot hold this image: PNG takes one page of 8 or 16 bits, JPEG one page of 8 bits. Write a .tif, or convert with --depth.");
            default:
                throw new RefusedException(ExitCode.Usage, $"{path} does not end in .tif, .tiff, .png, .jpg or .jpeg, so its format is unknown.");
        }
    }

    private static bool OnePage(Image image, int pageHeight) => pageHeight == 0 || pageHeight == image.Height;

    private static void Tiff(Image image, string path, bool compress, int pageHeight)
    {
        var size = (long)image.Width * image.Height * image.Bands * image.SizeOfSample();
        image.TiffsaveTarget(
            Target.NewToFile(path),
            compression: compress ? Enums.ForeignTiffCompression.Deflate : Enums.ForeignTiffCompression.None,
            predictor: compress ? Enums.ForeignTiffPredictor.Horizontal : Enums.ForeignTiffPredictor.None,
            bigtiff: size > ClassicTiffLimit,
            keep: Enums.ForeignKeep.Icc,
            pageHeight: pageHeight);
    }

    private static int SizeOfSample(this Image image) => image.Format switch
    {
        Enums.BandFormat.Uchar or Enums.BandFormat.Char => 1,
        Enums.BandFormat.Ushort or Enums.BandFormat.Short => 2,
        Enums.BandFormat.Double => 8,
        _ => 4,
    };
}
