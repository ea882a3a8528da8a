using Yunpipe.Toolbox.Cells;
using Yunpipe.Toolbox.Pixels;

namespace Yunpipe.Toolbox.Tests;

public sealed class PixelTests
{
    [Fact]
    public void The_distance_transform_agrees_with_a_search_over_all_pixels()
    {
        var chance = new Chance(3);
        for (var round = 0; round < 50; round++)
        {
            var (width, height) = (chance.Whole(1, 20), chance.Whole(1, 20));
            var mask = new bool[width * height];
            for (var i = 0; i < mask.Length; i++)
                mask[i] = chance.Between(0, 1) < 0.9;
            if (mask.All(set => set))
                continue;
            var distance = DistanceTransform.Of(mask, width, height);
            for (var i = 0; i < mask.Length; i++)
            {
                var nearest = Enumerable.Range(0, mask.Length).Where(j => !mask[j])
                    .Min(j => Math.Sqrt(Math.Pow((i % width) - (j % width), 2) + Math.Pow((i / width) - (j / width), 2)));
                ((double)distance[i]).ShouldBe(nearest, 1e-4);
            }
        }
    }

    [Fact]
    public void Otsu_takes_the_middle_of_a_gap_between_two_classes()
    {
        float[] values = [.. Enumerable.Repeat(10f, 70), .. Enumerable.Repeat(30f, 30)];
        Otsu.Of(values).ShouldBe(20, 0.01);
    }

    [Fact]
    public void Otsu_finds_nothing_where_all_values_are_equal() => Otsu.Of([7, 7, 7]).ShouldBe(double.PositiveInfinity);

    [Fact]
    public void Labels_are_numbered_in_the_order_in_which_rows_meet_them()
    {
        var (labels, count) = new Labels(4, 2, [0, 9, 0, 4, 9, 9, 0, 4]).Tidy(0, clearBorder: false);
        count.ShouldBe(2);
        labels.Pixels.ShouldBe([0, 1, 0, 2, 1, 1, 0, 2]);
    }

    [Fact]
    public void More_than_65535_objects_are_stored_with_32_bits()
    {
        var labels = new Labels(300, 300, [.. Enumerable.Range(1, 90_000)]);
        labels.ToImage(90_000).Max().ShouldBe(90_000);
        labels.ToImage(90_000).Format.ShouldBe(NetVips.Enums.BandFormat.Uint);
    }
}
