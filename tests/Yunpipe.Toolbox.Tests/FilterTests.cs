using NetVips;
using Yunpipe.Toolbox.Images;

namespace Yunpipe.Toolbox.Tests;

public sealed class FilterTests : Bench
{
    [Theory]
    [InlineData("cells/01_POS002_D.TIF")]
    [InlineData("mixed/coins.png")]
    [InlineData("mixed/ihc.png")]
    [InlineData("mixed/chessboard_GRAY_U16.tif")]
    [InlineData("mixed/chessboard_GRAY_U16B.tif")]
    [InlineData("mixed/palette_color.png")]
    [InlineData("mixed/foo3x5x4indexed.png")]
    [InlineData("mixed/multipage.tif")]
    [InlineData("mixed/cell.png")]
    [InlineData("mixed/microaneurysms.png")]
    public void Every_kind_of_image_goes_through_every_verb_twice_with_the_same_bytes(string name)
    {
        var path = Shared(name);
        foreach (var verb in new[] { "blur", "denoise", "background", "threshold", "segment", "thumbnail", "convert" })
        {
            var ending = verb == "thumbnail" ? "png" : "tif";
            Succeed(verb, "--image", path, "--out", In("1." + ending));
            Succeed(verb, "--image", path, "--out", In("2." + ending));
            File.ReadAllBytes(In("1." + ending)).ShouldBe(File.ReadAllBytes(In("2." + ending)));
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 40)]
    public void An_image_smaller_than_a_filter_goes_through_every_verb(int width, int height)
    {
        var image = Save("i.tif", width, (x, y) => 100 + x + y, height);
        foreach (var verb in new[] { "blur", "denoise --method median --radius 9", "background", "background --method median", "background --method gaussian",
            "threshold", "threshold --method local", "segment", "thumbnail", "correct --field " + image })
            Succeed([.. verb.Split(' '), "--image", image, "--out", In(verb == "thumbnail" ? "o.png" : "o.tif")]);
        Succeed("average", "--method", "median", "--smooth", "20", "--out", In("o.tif"), image, image);
        Succeed("montage", "--out", In("o.png"), image, image);
    }

    [Fact]
    public void Both_byte_orders_give_the_same_result()
    {
        Succeed("blur", "--image", Shared("mixed/chessboard_GRAY_U16.tif"), "--out", In("little.tif"));
        Succeed("blur", "--image", Shared("mixed/chessboard_GRAY_U16B.tif"), "--out", In("big.tif"));
        File.ReadAllBytes(In("little.tif")).ShouldBe(File.ReadAllBytes(In("big.tif")));
    }

    [Theory]
    [InlineData(Enums.BandFormat.Uchar)]
    [InlineData(Enums.BandFormat.Ushort)]
    [InlineData(Enums.BandFormat.Float)]
    public void Blur_keeps_the_number_type_and_the_sum(Enums.BandFormat format)
    {
        var image = Save("i.tif", 41, (x, y) => x == 20 && y == 20 ? 250 : 0, format: format);
        Succeed("blur", "--image", image, "--out", In("o.tif"), "--sigma", "1");
        Open(In("o.tif")).Format.ShouldBe(format);
        ((double)Load(In("o.tif")).Pixels.Sum()).ShouldBe(250, 10);
        Load(In("o.tif")).Pixels.Max().ShouldBe(250 / (2 * MathF.PI), 2f);
    }

    [Fact]
    public void Blur_is_denoise_with_a_gaussian()
    {
        var image = Synth("--count", "1", "--size", "128x128", "--cells", "3").Single().Path;
        Succeed("blur", "--image", image, "--out", In("a.tif"), "--sigma", "2");
        Succeed("denoise", "--image", image, "--out", In("b.tif"), "--sigma", "2");
        File.ReadAllBytes(In("a.tif")).ShouldBe(File.ReadAllBytes(In("b.tif")));
    }

    [Fact]
    public void A_median_takes_a_single_hot_pixel_out_and_keeps_an_edge()
    {
        var image = Save("i.tif", 20, (x, y) => (x, y) is (5, 5) ? 60000 : x < 10 ? 100 : 900);
        Succeed("denoise", "--image", image, "--out", In("o.tif"), "--method", "median");
        Load(In("o.tif")).Pixels.Distinct().Order().ShouldBe([100f, 900f]);
    }

    [Fact]
    public void All_pages_are_filtered_one_by_one_and_a_number_picks_one()
    {
        var path = Shared("mixed/multipage.tif");
        Succeed("blur", "--image", path, "--out", In("all.tif"), "--page", "all");
        for (var page = 0; page < 2; page++)
        {
            Succeed("blur", "--image", path, "--out", In("one.tif"), "--page", $"{page}");
            Load(In("all.tif"), page).Pixels.ShouldBe(Load(In("one.tif")).Pixels);
        }

        Fail(2, "blur", "--image", path, "--out", In("o.tif"), "--page", "2").ShouldContain("has no page 2: it has 2");
    }

    [Theory]
    [InlineData("rolling-ball")]
    [InlineData("median")]
    [InlineData("gaussian")]
    public void A_slope_of_background_goes_and_the_objects_stay(string method)
    {
        var image = Save("i.tif", 200, (x, y) => 500 + (4 * x) + (Math.Pow(x - 100, 2) + Math.Pow(y - 100, 2) < 64 ? 3000 : 0));
        Succeed("background", "--image", image, "--out", In("o.tif"), "--method", method, "--radius", "25");
        var plane = Load(In("o.tif"));
        plane.Pixels[(30 * 200) + 40].ShouldBeLessThan(80);
        plane.Pixels[(170 * 200) + 160].ShouldBeLessThan(80);
        plane.Pixels[(100 * 200) + 100].ShouldBeGreaterThan(2300);
    }

    [Fact]
    public void A_mask_holds_0_and_255_whatever_the_method()
    {
        var image = Save("i.tif", 120, (x, y) => (3 * x) + ((x % 30) is > 10 and < 20 && (y % 30) is > 10 and < 20 ? 200 : 0));
        foreach (var (method, share) in new[] { ("otsu", 0.5), ("fixed", 0.5), ("local", 0.09) })
        {
            Succeed("threshold", "--image", image, "--out", In("m.tif"), "--method", method, "--value", "200", "--radius", "30");
            var mask = Load(In("m.tif")).Pixels;
            mask.Distinct().Order().ShouldBe([0f, 255f]);
            mask.Average(value => value / 255.0).ShouldBe(share, 0.12, method);
            Open(In("m.tif")).Format.ShouldBe(Enums.BandFormat.Uchar);
        }
    }

    [Fact]
    public void A_median_of_sites_shows_the_light_and_no_cells()
    {
        Succeed("synth", "--layout", "plate", "--channels", "dna", "--out", In("p"), "--truth", In("t"), "--wells", "3x3", "--sites", "1", "--size", "256x256",
            "--cells", "10");
        string[] sites = [.. Directory.EnumerateFiles(In("p"), "*.tif", SearchOption.AllDirectories).Order()];
        Succeed(["average", "--method", "median", "--smooth", "15", "--out", In("field.tif"), .. sites]);
        var field = Load(In("field.tif")).Pixels;
        field.Max().ShouldBeInRange(370, 420);
        field.Min().ShouldBeInRange(200, 380);
        Succeed("correct", "--image", sites[0], "--field", In("field.tif"), "--out", In("o.tif"));
        var even = Load(In("o.tif"));
        Median(even, 0).ShouldBe(Median(even, 128), 15);

        static double Median(Plane plane, int start) => Enumerable.Range(0, 64 * 64)
            .Select(i => plane.Pixels[((start + (i / 64)) * plane.Width) + start + (i % 64)]).Order().ElementAt(64 * 32);
    }

    [Fact]
    public void An_average_of_sites_evens_out_the_light_of_each()
    {
        Func<int, int, double> light = (x, y) => 1 - (0.5 * (Math.Pow((x - 64) / 64.0, 2) + Math.Pow((y - 64) / 64.0, 2)) / 2);
        var site = Save("a.tif", 128, (x, y) => 1000 * light(x, y));
        var other = Save("b.tif", 128, (x, y) => 3000 * light(x, y));
        Succeed("average", "--out", In("field.tif"), site, other);
        Succeed("correct", "--image", site, "--field", In("field.tif"), "--out", In("o.tif"));
        var even = Load(In("o.tif")).Pixels;
        (even.Max() - even.Min()).ShouldBeLessThanOrEqualTo(3);
        Fail(6, "average", "--out", In("x.tif"), site, Save("c.tif", 10, (_, _) => 1)).ShouldContain("c.tif is 10 x 10");
        Fail(6, "correct", "--image", site, "--field", In("c.tif"), "--out", In("x.tif"));
        Fail(6, "correct", "--image", site, "--field", In("field.tif"), "--dark", "9000", "--out", In("x.tif")).ShouldContain("no light field");
    }
}
