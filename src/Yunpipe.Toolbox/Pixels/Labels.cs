using NetVips;
using Yunpipe.Toolbox.Images;

namespace Yunpipe.Toolbox.Pixels;

/// <summary>An object number for each pixel; 0 is background.</summary>
internal sealed record Labels(int Width, int Height, int[] Pixels)
{
    public static Labels From(Image image) => new(image.Width, image.Height, image.As(Enums.BandFormat.Int).WriteToMemory<int>());

    /// <summary>Drops what is smaller than <paramref name="minimumArea"/> and numbers the rest from 1 in the order in which rows meet them.</summary>
    public (Labels Labels, int Count) Tidy(int minimumArea, bool clearBorder)
    {
        var areas = new int[Pixels.Max() + 1];
        foreach (var label in Pixels)
            areas[label]++;
        if (clearBorder)
        {
            foreach (var label in Border())
                areas[label] = 0;
        }

        var (numbers, count, tidy) = (new int[areas.Length], 0, new int[Pixels.Length]);
        for (var i = 0; i < Pixels.Length; i++)
        {
            var label = Pixels[i];
            if (label == 0 || areas[label] < minimumArea || areas[label] == 0)
                continue;
            if (numbers[label] == 0)
                numbers[label] = ++count;
            tidy[i] = numbers[label];
        }

        return (this with { Pixels = tidy }, count);
    }

    /// <summary>16 bits, or 32 where more than 65,535 objects need them.</summary>
    public Image ToImage(int count)
    {
        var image = Image.NewFromMemory(Pixels, Width, Height, 1, Enums.BandFormat.Int);
        return count > ushort.MaxValue
            ? image.Cast(Enums.BandFormat.Uint).Copy(interpretation: Enums.Interpretation.Bw)
            : image.Cast(Enums.BandFormat.Ushort).Copy(interpretation: Enums.Interpretation.Grey16);
    }

    private IEnumerable<int> Border()
    {
        for (var x = 0; x < Width; x++)
        {
            yield return Pixels[x];
            yield return Pixels[((Height - 1) * Width) + x];
        }

        for (var y = 0; y < Height; y++)
        {
            yield return Pixels[y * Width];
            yield return Pixels[(y * Width) + Width - 1];
        }
    }
}
