using NetVips;

namespace Yunpipe.Toolbox.Cells;

/// <summary>One file of a shot.</summary>
internal sealed record Channel(string Name, Stain Stain);

/// <summary>One place under the microscope, seen in one or more channels.</summary>
/// <param name="Number">Counts over the whole set and chooses the stream of random numbers.</param>
/// <param name="Plate">Shots of one plate share their lamp.</param>
internal sealed record Shot(int Number, int Plate, IReadOnlyList<Channel> Channels);

internal static class Shots
{
    private static readonly Stain s_nuclei = new(1, 6000);

    public static IEnumerable<Shot> Single(int count)
    {
        var digits = Math.Max(3, count.ToString(System.Globalization.CultureInfo.InvariantCulture).Length);
        for (var number = 1; number <= count; number++)
            yield return new Shot(number, 0, [new Channel($"cells-{number.ToString("D" + digits, System.Globalization.CultureInfo.InvariantCulture)}.tif", s_nuclei)]);
    }

    public static IEnumerable<Shot> Plate(int plates, Pair wells, int sites, string[] channels)
    {
        var number = 0;
        for (var plate = 1; plate <= plates; plate++)
        {
            for (var row = 1; row <= wells.First; row++)
            {
                for (var column = 1; column <= wells.Second; column++)
                {
                    for (var site = 1; site <= sites; site++)
                    {
                        var name = $"P{plate}/r{row:D2}c{column:D2}f{site}-";
                        // The other stains grow brighter from column to column, as if each held a higher dose.
                        var dose = (double)column / wells.Second;
                        var files = channels.Select((channel, i) =>
                            new Channel($"{name}{channel}.tif", i == 0 ? s_nuclei : new Stain(1.3 + (0.1 * i), (1500 + (3000 * dose)) / i)));
                        yield return new Shot(++number, plate, [.. files]);
                    }
                }
            }
        }
    }
}

internal sealed record Scene(Pair Size, Pair Cells, double Radius, double Touching, double Noise, int Seed)
{
    public CellField Field(Shot shot)
    {
        var chance = new Chance((ulong)Seed, (ulong)shot.Number);
        return CellField.Scatter(chance, Size.First, Size.Second, chance.Whole(Cells.First, Cells.Second), Radius, Touching);
    }

    public Image Photograph(Shot shot, CellField field, Channel channel)
    {
        // Single images are lit almost evenly; a plate shows its own lamp, so that correcting it can be seen.
        var chance = new Chance((ulong)Seed, ~(ulong)shot.Plate);
        var lamp = shot.Plate == 0 ? new Lamp(0.5, 0.5, 0.2) : new Lamp(chance.Between(0.3, 0.7), chance.Between(0.3, 0.7), 0.5);
        var index = shot.Channels.ToList().IndexOf(channel);
        return Camera.Take(field, channel.Stain, lamp, Noise, new Chance((ulong)Seed, ((ulong)(index + 1) << 40) | (uint)shot.Number));
    }
}
