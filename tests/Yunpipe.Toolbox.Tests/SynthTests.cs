using NetVips;

namespace Yunpipe.Toolbox.Tests;

public sealed class SynthTests : Bench
{
    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_others()
    {
        foreach (var (folder, seed) in new[] { ("a", "5"), ("b", "5"), ("c", "6") })
            Succeed("synth", "--out", In(folder), "--count", "2", "--size", "200x150", "--cells", "5", "--seed", seed);
        foreach (var name in new[] { "cells-001.tif", "cells-002.tif", "truth.csv", "objects.csv" })
        {
            File.ReadAllBytes(In("a/" + name)).ShouldBe(File.ReadAllBytes(In("b/" + name)));
            if (name != "truth.csv")
                File.ReadAllBytes(In("a/" + name)).ShouldNotBe(File.ReadAllBytes(In("c/" + name)));
        }
    }

    [Fact]
    public void Images_are_16_bit_and_of_the_size_that_was_asked_for()
    {
        var (path, count) = Synth("--count", "1", "--size", "200x150", "--cells", "3-6").Single();
        var image = Open(path);
        (image.Width, image.Height, image.Bands, image.Format).ShouldBe((200, 150, 1, Enums.BandFormat.Ushort));
        count.ShouldBeInRange(3, 6);
        File.ReadLines(In("synth/objects.csv")).Count().ShouldBe(count + 1);
    }

    [Fact]
    public void A_plate_has_a_file_for_each_plate_well_site_and_channel()
    {
        var output = Succeed("synth", "--layout", "plate", "--out", In("p"), "--truth", In("t"), "--plates", "2", "--wells", "1x2", "--sites", "2",
            "--channels", "dna,er,rna", "--size", "128x128", "--cells", "2");
        output.ShouldBe("24 images, 16 cells\n");
        Directory.EnumerateFiles(In("p"), "*", SearchOption.AllDirectories).Count().ShouldBe(24);
        File.Exists(In("p/P2/r01c02f2-rna.tif")).ShouldBeTrue();
        File.ReadLines(In("t/truth.csv")).ElementAt(1).ShouldBe("P1/r01c01f1-dna.tif,2");
    }

    [Fact]
    public void Cells_that_do_not_fit_are_a_usage_error() =>
        Fail(2, "synth", "--out", In("x"), "--size", "64x64", "--cells", "100").ShouldContain("do not fit");
}
