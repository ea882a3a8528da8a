namespace Yunpipe.Toolbox.Tests;

public sealed class ConcatTests : Bench
{
    [Fact]
    public void Tables_named_on_the_command_line_are_joined_with_their_file_names()
    {
        Succeed("concat", "--out", In("o.csv"), "--", Text("a.csv", "x,y\n1,2\n"), Text("b.csv", "x,y\r\n3,4\r\n"), Text("c.csv", "x,y"));
        File.ReadAllText(In("o.csv")).ShouldBe("file,x,y\na.csv,1,2\nb.csv,3,4\n");
    }

    [Fact]
    public void A_listing_adds_its_key_and_metadata_and_a_shared_column_keeps_both_values()
    {
        Text("sub/a.csv", "x,note\n1,\"a \"\"b\"\", c\"\n");
        Text("sub/b.csv", "x,note\n2,\"two\nlines\"\n");
        Succeed("concat", "--table", Text("list.csv", "path,key,plate,x\nsub/a.csv,k1,\"P,1\",9\n" + In("sub/b.csv") + ",k2,P2,8\n"), "--out", In("o.csv"));
        File.ReadAllText(In("o.csv")).ShouldBe(
            "key,plate,item_x,x,note\nk1,\"P,1\",9,1,\"a \"\"b\"\", c\"\nk2,P2,8,2,\"two\nlines\"\n");
    }

    [Fact]
    public void Another_header_is_an_error_that_names_the_file_and_leaves_nothing()
    {
        var error = Fail(6, "concat", "--out", In("o.csv"), Text("a.csv", "x,y\n1,2\n"), Text("b.csv", "x,z\n1,2\n"));
        error.ShouldContain("b.csv has the header x,z, but");
        Directory.GetFiles(In("."), "*o.csv").ShouldBeEmpty();
        Directory.GetFiles(In("."), ".toolbox*").ShouldBeEmpty();
    }

    [Fact]
    public void A_short_row_names_its_file_and_row() =>
        Fail(6, "concat", "--out", In("o.csv"), Text("a.csv", "x,y\n1,2\n3\n")).ShouldContain("a.csv, row 3, has 1 fields");

    [Fact]
    public void Empty_missing_and_binary_tables_cannot_be_read()
    {
        Fail(3, "concat", "--out", In("o.csv"), Text("a.csv", "")).ShouldContain("is empty");
        Fail(3, "concat", "--out", In("o.csv"), In("none.csv")).ShouldContain("no such file");
        File.WriteAllBytes(In("b.csv"), [0x61, 0x80, 0x81]);
        Fail(3, "concat", "--out", In("o.csv"), In("b.csv")).ShouldContain("UTF-8");
        Fail(3, "concat", "--out", In("o.csv"), Text("c.csv", "x\n\"open")).ShouldContain("never closed");
    }

    [Fact]
    public void Tables_and_a_listing_together_or_neither_are_usage_errors()
    {
        Fail(2, "concat", "--out", In("o.csv"));
        Fail(2, "concat", "--out", In("o.csv"), "--table", "x.csv", "y.csv");
    }

    [Fact]
    public void A_listing_without_rows_gives_its_header_and_one_without_paths_is_refused()
    {
        Succeed("concat", "--table", Text("list.csv", "path,key\n"), "--out", In("o.csv"));
        File.ReadAllText(In("o.csv")).ShouldBe("key\n");
        Fail(6, "concat", "--table", Text("list.csv", "file,key\n"), "--out", In("o.csv")).ShouldContain("no column named path");
    }

    private string Text(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In(name))!);
        File.WriteAllText(In(name), text);
        return In(name);
    }
}
