using NetVips;

namespace Yunpipe.Toolbox.Images;

/// <summary>Applies an operation page by page, so that nothing bleeds from one page into the next.</summary>
internal static class Pages
{
    public static void Map(string from, Page page, long maxPixels, string to, Func<Image, Image> operation, bool compress = false)
    {
        var results = new List<Image>();
        foreach (var image in new ImageReader(maxPixels).ReadPages(from, page))
        {
            var result = operation(image).CopyMemory();
            if (results is [var first, ..] && (first.Width != result.Width || first.Height != result.Height || first.Bands != result.Bands))
                throw new RefusedException(ExitCode.Mismatch, $"{from} has pages of different sizes; choose one with --page.");
            results.Add(result);
        }

        var all = results.Count == 1 ? results[0] : Image.Arrayjoin([.. results], across: 1);
        ImageWriter.Write(all, to, compress, results[0].Height);
    }
}
