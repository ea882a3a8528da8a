using NetVips;

namespace Yunpipe.Toolbox.Tests;

public sealed class PictureTests : Bench
{
    [Fact]
    public void A_thumbnail_of_a_16_bit_image_is_stretched_to_8_bits()
    {
        var image = Save("i.tif", 500, (x, _) => 1000 + x, height: 250);
        Succeed("thumbnail", "--image", image, "--out", In("t.png"), "--size", "100");
        var small = Open(In("t.png"));
        (small.Width, small.Height, small.Format).ShouldBe((100, 50, Enums.BandFormat.Uchar));
        (Load(In("t.png")).Pixels.Min(), Load(In("t.png")).Pixels.Max()).ShouldBe((0f, 255f));
    }

    [Fact]
    public void A_thumbnail_never_enlarges_and_survives_a_line_of_pixels()
    {
        Succeed("thumbnail", "--image", Save("i.tif", 10, (x, _) => x), "--out", In("t.png"));
        Open(In("t.png")).Width.ShouldBe(10);
        Succeed("thumbnail", "--image", Save("line.tif", 2000, (x, _) => x, height: 1), "--out", In("t.png"), "--size", "50");
        (Open(In("t.png")).Width, Open(In("t.png")).Height).ShouldBe((50, 1));
    }

    [Fact]
    public void One_process_makes_the_thumbnails_that_it_is_told_and_none_of_what_is_no_image()
    {
        var broken = In("broken\n.tif");
        File.WriteAllText(broken, "II*");
        var words = string.Concat(new[] { Save("i.tif", 500, (x, _) => x), In("i.png"), broken, In("b.png"), In("absent.tif"), In("a.png"), Save("ü\t\n.tif", 9, (x, _) => x), In("u\n.png") }
            .Select(word => word + "\0")) + "half a request";
        var (output, error) = (new StringWriter(), new StringWriter());
        Toolbox.Run(["thumbnails", "--size", "100"], output, error, new MemoryStream(System.Text.Encoding.UTF8.GetBytes(words))).ShouldBe(0, error.ToString());
        output.ToString().ShouldBe("+\n-\n-\n+\n");
        Open(In("i.png")).Width.ShouldBe(100);
        Open(In("u\n.png")).Width.ShouldBe(9);
        (File.Exists(In("b.png")), File.Exists(In("a.png"))).ShouldBe((false, false));
    }

    [Fact]
    public void A_montage_places_images_of_any_kind_on_one_sheet()
    {
        Succeed("montage", "--out", In("m.png"), "--tile", "64", "--", Shared("mixed/ihc.png"), Shared("cells/01_POS002_D.TIF"), Shared("mixed/multipage.tif"),
            Shared("mixed/chessboard_GRAY_U16B.tif"), Shared("mixed/coins.png"));
        var sheet = Open(In("m.png"));
        (sheet.Width, sheet.Height, sheet.Bands, sheet.Format).ShouldBe(((3 * 64) + 8, (2 * 64) + 4, 3, Enums.BandFormat.Uchar));
    }

    [Fact]
    public void Images_stretched_together_keep_their_order_of_brightness()
    {
        var (dim, bright) = (Save("a.tif", 32, (x, _) => x), Save("b.tif", 32, (x, _) => 100 + x));
        Succeed("montage", "--out", In("m.png"), "--contrast", "together", "--tile", "32", dim, bright);
        var sheet = Load(In("m.png"));
        sheet.Pixels[31].ShouldBeLessThan(80);
        sheet.Pixels[36].ShouldBeGreaterThan(180);
    }

    [Fact]
    public void A_montage_takes_a_listing_and_shrinks_its_tiles_to_the_longest_sheet()
    {
        var image = Save("a.tif", 64, (x, _) => x);
        File.WriteAllLines(In("list.csv"), ["path,key", .. Enumerable.Repeat("a.tif,k", 300)]);
        Succeed("montage", "--table", In("list.csv"), "--out", In("m.png"), "--columns", "300", "--tile", "64");
        Open(In("m.png")).Width.ShouldBeLessThanOrEqualTo(16384);
    }

    [Theory]
    [InlineData("8", "type", 257, 1)]
    [InlineData("8", "none", 257, 255)]
    [InlineData("16", "type", 257, 257)]
    [InlineData("float", "none", 257, 257)]
    [InlineData("float", "type", 65535, 1)]
    [InlineData("8", "data", 500, 255)]
    public void Convert_maps_values_as_its_scale_says(string depth, string scale, double value, double expected)
    {
        var image = Save("i.tif", 8, (x, _) => x == 3 ? value : 0);
        Succeed("convert", "--image", image, "--out", In("o.tif"), "--depth", depth, "--scale", scale);
        Load(In("o.tif")).Pixels.Max().ShouldBe((float)expected);
    }

    [Fact]
    public void Convert_changes_the_format_and_picks_pages_and_grey()
    {
        Succeed("convert", "--image", Shared("mixed/multipage.tif"), "--out", In("all.tif"), "--page", "all", "--depth", "float");
        Open(In("all.tif")).Get("n-pages").ShouldBe(2);
        Succeed("convert", "--image", Shared("mixed/ihc.png"), "--out", In("g.png"), "--grey");
        Open(In("g.png")).Bands.ShouldBe(1);
        Succeed("convert", "--image", Shared("mixed/chessboard_GRAY_U16B.tif"), "--out", In("c.png"));
        Load(In("c.png")).Pixels.ShouldBe(Load(Shared("mixed/chessboard_GRAY_U16.tif")).Pixels);
    }

    [Fact]
    public void A_format_that_cannot_hold_the_image_is_a_usage_error()
    {
        var image = Save("i.tif", 8, (x, _) => x, format: Enums.BandFormat.Float);
        Fail(2, "convert", "--image", image, "--out", In("o.png")).ShouldContain("PNG takes one page of 8 or 16 bits");
        Fail(2, "convert", "--image", image, "--out", In("o.xyz")).ShouldContain("format is unknown");
        Fail(2, "convert", "--image", image, "--out", In("o.jpg"), "--depth", "16");
    }
}
