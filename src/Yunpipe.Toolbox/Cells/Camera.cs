using NetVips;

namespace Yunpipe.Toolbox.Cells;

/// <summary>How cells look in one channel: how far the stain reaches beyond the nucleus and how bright it is, in camera counts.</summary>
internal sealed record Stain(double Reach, double Counts);

/// <summary>The lamp: brightest at one place (fractions of width and height), dimmer by <paramref name="Fall"/> in the farthest corner.</summary>
internal sealed record Lamp(double X, double Y, double Fall);

/// <summary>
/// Draws a field of cells as a 16-bit camera would see it: background, uneven light, soft edges, shot noise (variance grows with the
/// signal) and read noise.
/// </summary>
internal static class Camera
{
    private const double Background = 400;
    private const double ReadNoise = 12;

    public static Image Take(CellField field, Stain stain, Lamp lamp, double noise, Chance chance)
    {
        var signal = Signal(field, stain);
        var pixels = new ushort[signal.Length];
        for (var y = 0; y < field.Height; y++)
        {
            for (var x = 0; x < field.Width; x++)
            {
                var (dx, dy) = ((((double)x / field.Width) - lamp.X), (((double)y / field.Height) - lamp.Y));
                var light = 1 - (lamp.Fall * ((dx * dx) + (dy * dy)));
                var counts = (Background + signal[(y * field.Width) + x]) * light;
                counts += noise * ((ReadNoise * chance.Normal()) + (Math.Sqrt(counts) * chance.Normal()));
                pixels[(y * field.Width) + x] = (ushort)Math.Clamp(Math.Round(counts), 0, ushort.MaxValue);
            }
        }

        return Image.NewFromMemory(pixels, field.Width, field.Height, 1, Enums.BandFormat.Ushort).Copy(interpretation: Enums.Interpretation.Grey16);
    }

    private static float[] Signal(CellField field, Stain stain)
    {
        var signal = new float[field.Width * field.Height];
        foreach (var cell in field.Cells)
        {
            var (cos, sin) = (Math.Cos(cell.Angle), Math.Sin(cell.Angle));
            var (major, minor) = (cell.Major * stain.Reach, cell.Minor * stain.Reach);
            var reach = (int)Math.Ceiling(major * 1.5) + 2;
            var (left, right) = (Math.Max(0, (int)cell.X - reach), Math.Min(field.Width - 1, (int)cell.X + reach));
            var (top, bottom) = (Math.Max(0, (int)cell.Y - reach), Math.Min(field.Height - 1, (int)cell.Y + reach));
            for (var y = top; y <= bottom; y++)
            {
                for (var x = left; x <= right; x++)
                {
                    var (dx, dy) = (x - cell.X, y - cell.Y);
                    var (u, v) = (((dx * cos) + (dy * sin)) / major, ((dy * cos) - (dx * sin)) / minor);
                    var distance = Math.Sqrt((u * u) + (v * v));
                    // A plateau with a soft rim about two pixels wide, a little brighter in the middle.
                    var shape = (1.1 - (0.2 * distance * distance)) / (1 + Math.Exp((distance - 1) * minor / 0.7));
                    var index = (y * field.Width) + x;
                    signal[index] = Math.Max(signal[index], (float)(stain.Counts * cell.Brightness * shape));
                }
            }
        }

        return signal;
    }
}
