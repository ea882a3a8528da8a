using NetVips;

namespace Yunpipe.Toolbox.Images;

/// <summary>
/// Opens image files. Every failure is found before a verb starts: the header is compared with the limit first, then the pixels are
/// decoded to memory, so that half a file never becomes half a result.
/// </summary>
internal sealed class ImageReader(long maxPixels)
{
    /// <summary>One page, decoded.</summary>
    public Image Read(string path, Page page) => Guard(path, () =>
    {
        var first = Header(path, 0);
        Require(path, first, page.Number);
        return page.Number == 0 ? first.CopyMemory() : Header(path, page.Number).CopyMemory();
    });

    /// <summary>One page as a single channel of its own number type.</summary>
    public Image ReadGrey(string path, Page page) => Read(path, page).ToGrey();

    /// <summary>The pages that were asked for, each decoded when it is reached. The limit counts all of them.</summary>
    public IEnumerable<Image> ReadPages(string path, Page page)
    {
        if (!page.IsAll)
        {
            yield return Read(path, page);
            yield break;
        }

        var count = Guard(path, () => Pages(Header(path, 0)));
        long pixels = 0;
        for (var number = 0; number < count; number++)
        {
            var image = Read(path, new Page(number));
            pixels += (long)image.Width * image.Height;
            RequireSize(path, pixels);
            yield return image;
        }
    }

    private Image Header(string path, int page)
    {
        // A source takes the name as it is; NewFromFile would read options out of a name such as "a[page=1].tif".
        var source = Source.NewFromFile(path);
        var options = page == 0 ? null : new VOption { { "page", page } };
        var image = Image.NewFromSource(source, "", failOn: Enums.FailOn.Error, kwargs: options);
        RequireSize(path, (long)image.Width * image.Height);
        if (image.Format is Enums.BandFormat.Complex or Enums.BandFormat.Dpcomplex)
            throw new RefusedException(ExitCode.Unreadable, $"{path} cannot be read: its pixels are complex numbers.");
        return image;
    }

    private void RequireSize(string path, long pixels)
    {
        if (pixels > maxPixels)
            throw new RefusedException(ExitCode.TooLarge, $"{path} claims {pixels} pixels, more than the limit of {maxPixels} (--max-pixels).");
    }

    private static void Require(string path, Image first, int page)
    {
        if (page >= Pages(first))
            throw new RefusedException(ExitCode.Usage, $"{path} has no page {page}: it has {Pages(first)}, counted from 0.");
    }

    private static int Pages(Image image) => image.Contains("n-pages") ? (int)image.Get("n-pages") : 1;

    private static T Guard<T>(string path, Func<T> read)
    {
        if (Directory.Exists(path))
            throw new RefusedException(ExitCode.Unreadable, $"{path} cannot be read: it is a folder.");
        if (!File.Exists(path))
            throw new RefusedException(ExitCode.Unreadable, $"{path} cannot be read: there is no such file.");
        if (new FileInfo(path).Length == 0)
            throw new RefusedException(ExitCode.Unreadable, $"{path} cannot be read: it is empty.");
        try
        {
            return read();
        }
        catch (VipsException failed)
        {
            var cause = Vips.Cause(failed);
            if (cause.EndsWith("height out of range", StringComparison.Ordinal))
                throw new RefusedException(ExitCode.TooLarge, $"{path} claims more rows or columns than any image here can have.");
            if (cause.EndsWith("samples out of range", StringComparison.Ordinal))
                throw new RefusedException(ExitCode.Unreadable, $"{path} cannot be read: its values have more than 32 bits; store it with 32-bit floating point.");
            throw new RefusedException(ExitCode.Unreadable, cause.EndsWith("is not a known file format", StringComparison.Ordinal)
                ? $"{path} cannot be read: it is not an image of a known format."
                : $"{path} cannot be read: it is truncated or damaged ({cause}).");
        }
    }
}
