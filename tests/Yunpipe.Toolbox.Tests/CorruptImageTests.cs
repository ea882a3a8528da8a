using System.Buffers.Binary;

namespace Yunpipe.Toolbox.Tests;

public sealed class CorruptImageTests : Bench
{
    [Theory]
    [InlineData("cells/01_POS002_D.TIF")]
    [InlineData("mixed/chessboard_GRAY_U16.tif")]
    [InlineData("mixed/chessboard_GRAY_U16B.tif")]
    [InlineData("mixed/coins.png")]
    public void A_truncated_image_gives_no_result(string name)
    {
        var whole = File.ReadAllBytes(Shared(name));
        foreach (var percent in new[] { 1, 10, 50, 75, 95 })
        {
            File.WriteAllBytes(In("cut.tif"), whole[..(whole.Length * percent / 100)]);
            Fail(3, "blur", "--image", In("cut.tif"), "--out", In("o.tif")).ShouldContain("cannot be read");
            File.Exists(In("o.tif")).ShouldBeFalse();
        }
    }

    [Fact]
    public void What_the_toolbox_writes_is_refused_when_truncated()
    {
        var image = Synth("--count", "1", "--cells", "5", "--size", "200x200").Single().Path;
        Succeed("segment", "--image", image, "--out", In("l.tif"));
        foreach (var path in new[] { image, In("l.tif") })
        {
            File.WriteAllBytes(In("cut.tif"), File.ReadAllBytes(path)[..^40]);
            Fail(3, "thumbnail", "--image", In("cut.tif"), "--out", In("o.png"));
        }
    }

    [Fact]
    public void Empty_missing_folders_and_text_say_what_they_are()
    {
        File.WriteAllBytes(In("empty.tif"), []);
        Fail(3, "blur", "--image", In("empty.tif"), "--out", In("o.tif")).ShouldContain("it is empty");
        Fail(3, "blur", "--image", In("none.tif"), "--out", In("o.tif")).ShouldContain("no such file");
        Fail(3, "blur", "--image", In("."), "--out", In("o.tif")).ShouldContain("it is a folder");
        File.WriteAllText(In("text.tif"), "not an image");
        Fail(3, "blur", "--image", In("text.tif"), "--out", In("o.tif")).ShouldContain("not an image of a known format");
    }

    [Fact]
    public void Values_of_64_bits_are_refused_with_the_way_out() =>
        Fail(3, "blur", "--image", Shared("mixed/multipage_rgb.tif"), "--out", In("o.tif")).ShouldContain("store it with 32-bit");

    [Fact]
    public void The_content_counts_not_the_ending()
    {
        File.Copy(Shared("mixed/coins.png"), In("wrong.tif"));
        Succeed("blur", "--image", In("wrong.tif"), "--out", In("o.tif"));
    }

    [Fact]
    public void A_header_that_claims_too_much_is_refused_before_its_pixels_are_read()
    {
        File.WriteAllBytes(In("bomb.tif"), Tiff(100_000, 100_000));
        Fail(4, "blur", "--image", In("bomb.tif"), "--out", In("o.tif")).ShouldContain("claims 10000000000 pixels, more than the limit of 400000000");
        File.WriteAllBytes(In("bomb.tif"), Tiff(int.MaxValue, 5));
        Fail(4, "blur", "--image", In("bomb.tif"), "--out", In("o.tif"));
    }

    [Fact]
    public void The_limit_counts_all_pages_that_are_read()
    {
        var path = Shared("mixed/multipage.tif");
        var image = Open(path);
        var one = $"{image.Width * image.Height}";
        Succeed("blur", "--image", path, "--out", In("o.tif"), "--max-pixels", one);
        Fail(4, "blur", "--image", path, "--out", In("o.tif"), "--max-pixels", one, "--page", "all");
    }

    [Theory]
    [InlineData("a[page=1].tif")]
    [InlineData("-x.tif")]
    [InlineData("--page")]
    [InlineData("@list.tif")]
    [InlineData("#% +é\"'\n.tif")]
    public void A_file_name_is_a_name_and_nothing_else(string name)
    {
        var image = Save("i.tif", 16, (x, y) => x * y);
        File.Copy(image, In(name));
        var here = Path.GetRelativePath(Environment.CurrentDirectory, In(name));
        Succeed("blur", "--image=" + here, "--out=" + In("o-" + name + ".tif"));
        File.Exists(In("o-" + name + ".tif")).ShouldBeTrue();
    }

    private static byte[] Tiff(int width, int height)
    {
        (ushort Tag, uint Value)[] entries =
            [(256, (uint)width), (257, (uint)height), (258, 16), (259, 1), (262, 1), (273, 8), (277, 1), (278, (uint)height), (279, 100)];
        var bytes = new byte[8 + 2 + (12 * entries.Length) + 4];
        "II*\0"u8.CopyTo(bytes);
        bytes[4] = 8;
        bytes[8] = (byte)entries.Length;
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = bytes.AsSpan(10 + (12 * i), 12);
            BinaryPrimitives.WriteUInt16LittleEndian(entry, entries[i].Tag);
            entry[2] = 4;
            entry[4] = 1;
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], entries[i].Value);
        }

        return bytes;
    }
}
