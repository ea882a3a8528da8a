namespace Yunpipe.Toolbox.Tests;

public sealed class SegmentTests : Bench
{
    [Theory]
    [InlineData(1, "0.2", "1")]
    [InlineData(2, "0.2", "1")]
    [InlineData(3, "0.5", "1")]
    [InlineData(4, "0.8", "1")]
    [InlineData(5, "0.2", "3")]
    public void Counts_lie_within_five_percent_of_the_truth(int seed, string touching, string noise)
    {
        var images = Synth("--count", "4", "--cells", "30-60", "--seed", $"{seed}", "--touching", touching, "--noise", noise);
        foreach (var (path, count) in images)
        {
            Succeed("segment", "--image", path, "--out", In("l.tif"));
            Math.Abs(Objects(In("l.tif")) - count).ShouldBeLessThanOrEqualTo((int)Math.Ceiling(count * 0.05), path);
        }
    }

    [Fact]
    public void Objects_lie_where_the_cells_are()
    {
        var (path, _) = Synth("--count", "1", "--cells", "40", "--seed", "9").Single();
        Succeed("segment", "--image", path, "--out", In("l.tif"));
        Succeed("measure", "--labels", In("l.tif"), "--image", path, "--out", In("m.csv"));
        var found = Points(In("m.csv"), 2);
        Points(In("synth/objects.csv"), 2).Count(cell => found.Any(one => Math.Abs(one.X - cell.X) < 3 && Math.Abs(one.Y - cell.Y) < 3)).ShouldBeGreaterThanOrEqualTo(38);
    }

    [Fact]
    public void Touching_discs_part_at_the_neck_and_stay_one_where_parting_is_off()
    {
        var image = Save("discs.tif", 100, (x, y) => Disc(x, y, 35) || Disc(x, y, 63) ? 1000 : 10);
        Succeed("segment", "--image", image, "--out", In("two.tif")).ShouldBe("2 objects\n");
        Succeed("segment", "--image", image, "--out", In("one.tif"), "--split", "1").ShouldBe("1 objects\n");

        static bool Disc(int x, int y, int centre) => Math.Pow(x - centre, 2) + Math.Pow(y - 50, 2) <= 15 * 15;
    }

    [Fact]
    public void Holes_are_filled_small_objects_dropped_and_border_objects_dropped_when_asked()
    {
        var image = Save("shapes.tif", 60, (x, y) =>
            (x is > 20 and < 40 && y is > 20 and < 40 && !(x is 30 && y is 30)) || (x < 3 && y < 3) || (x > 50 && y > 45) ? 500 : 0);
        Succeed("segment", "--image", image, "--out", In("l.tif"), "--sigma", "0").ShouldBe("2 objects\n");
        Load(In("l.tif")).Pixels[(30 * 60) + 30].ShouldBe(1);
        Succeed("segment", "--image", image, "--out", In("l.tif"), "--sigma", "0", "--clear-border").ShouldBe("1 objects\n");
        Succeed("segment", "--image", image, "--out", In("l.tif"), "--sigma", "0", "--min-area", "0").ShouldBe("3 objects\n");
    }

    [Fact]
    public void Nothing_but_noise_holds_no_objects()
    {
        var chance = new Cells.Chance(1);
        var image = Save("noise.tif", 256, (_, _) => 400 + (20 * chance.Normal()));
        Succeed("segment", "--image", image, "--out", In("l.tif")).ShouldBe("0 objects\n");
        Fail(5, "segment", "--image", image, "--out", In("m.tif"), "--at-least", "1").ShouldContain("0 objects");
        File.Exists(In("m.tif")).ShouldBeFalse();
    }

    [Fact]
    public void Nuclei_of_a_real_plate_are_found()
    {
        Succeed("segment", "--image", Shared("cells/01_POS002_D.TIF"), "--out", In("l.tif"));
        Objects(In("l.tif")).ShouldBeInRange(250, 340);
    }

    [Fact]
    public void Coins_under_uneven_light_are_found_with_a_local_threshold()
    {
        Succeed("segment", "--image", Shared("mixed/coins.png"), "--out", In("l.tif"), "--method", "local", "--min-area", "500");
        Objects(In("l.tif")).ShouldBe(24);
    }

    private static (double X, double Y)[] Points(string table, int column) =>
    [
        .. File.ReadLines(table).Skip(1).Select(line => line.Split(',')).Select(row => (Number(row[column]), Number(row[column + 1]))),
    ];

    private static double Number(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
