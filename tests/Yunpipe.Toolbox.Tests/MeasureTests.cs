namespace Yunpipe.Toolbox.Tests;

public sealed class MeasureTests : Bench
{
    [Fact]
    public void Each_object_gets_a_row_of_exact_values()
    {
        var labels = Save("l.tif", 4, (x, y) => (x, y) is (0, 0) or (1, 0) ? 2 : (x, y) is (3, 3) ? 7 : 0);
        var image = Save("i.tif", 4, (x, y) => (1000 * y) + x);
        Succeed("measure", "--labels", labels, "--image", image, "--out", In("m.csv"));
        File.ReadAllText(In("m.csv")).ShouldBe(
            "label,area,x,y,mean,minimum,maximum,total\n2,2,0.5,0,0.5,0,1,1\n7,1,3,3,3003,3003,3003,3003\n");
    }

    [Fact]
    public void No_objects_make_a_table_without_rows()
    {
        var empty = Save("l.tif", 4, (_, _) => 0);
        Succeed("measure", "--labels", empty, "--image", empty, "--out", In("m.csv"));
        File.ReadAllText(In("m.csv")).ShouldBe("label,area,x,y,mean,minimum,maximum,total\n");
    }

    [Fact]
    public void Images_of_different_sizes_do_not_fit_together() =>
        Fail(6, "measure", "--labels", Save("l.tif", 4, (_, _) => 1), "--image", Save("i.tif", 5, (_, _) => 1), "--out", In("m.csv"))
            .ShouldContain("4 x 4 pixels");

    [Fact]
    public void Real_nuclei_are_measured_in_another_channel()
    {
        Succeed("segment", "--image", Shared("cells/01_POS002_D.TIF"), "--out", In("l.tif"));
        Succeed("measure", "--labels", In("l.tif"), "--image", Shared("cells/01_POS002_R.TIF"), "--out", In("m.csv"));
        File.ReadLines(In("m.csv")).Count().ShouldBe(Objects(In("l.tif")) + 1);
    }
}
