using System.Text;
using Yunpipe.Algorithms;
using Yunpipe.Items;
using Yunpipe.Workflows;

namespace Yunpipe.Tests.Items;

public sealed class ItemSourceTests
{
    private static readonly ItemGrouping Channels = new(Template.Parse("${plate}/${well}-${site}"),
        [Selector("dna", ("ch", "1")), Selector("er", ("ch", "2")), new PartSelector("rna", new Dictionary<string, string> { ["ch"] = "3" }, Required: false)]);

    private static readonly InputSpec Plate = new() { Pattern = "{plate}/{well}_s{site}_ch{ch}.tif", Item = Channels };

    private static PartSelector Selector(string name, params (string Key, string Value)[] meta) => new(name, meta.ToDictionary(pair => pair.Key, pair => pair.Value));

    private static IEnumerable<SourceFile> Files(params string[] paths) => paths.Select(path => new SourceFile(path, 10, "10-1"));

    /// <summary>One line an item or a problem, and the counts.</summary>
    private static string Shown(InputSpec spec, IEnumerable<SourceFile> files, string? table = null, params string[] there)
    {
        var present = there.ToDictionary(path => path, path => new SourceFile(path, 10, "10-1", path.EndsWith(".zarr", StringComparison.Ordinal)));
        var source = ItemSource.Open(spec, path => present.TryGetValue(path, out var file) ? file : null, () => new StringReader(table!)).OrThrow();
        var text = new StringBuilder();
        foreach (var found in source.Read(files))
            text.AppendLine(found.Item is { } item
                ? $"{item.Key}: {string.Join(", ", item.Parts.Select(part => $"{part.Key}={part.Value.File.Path}{string.Concat(part.Value.Sidecars.Select(sidecar => " + " + sidecar.Path))}"))}" +
                  string.Concat(item.Meta.Select(entry => $" [{entry.Key}={entry.Value}]"))
                : $"! {found.Problem}");
        var counts = source.Counts;
        return text.Append($"= {counts.Files} files, {counts.Ignored} ignored, {counts.Unmatched} unmatched, {counts.Items} items, {counts.Problems} problems").ToString();
    }

    [Fact]
    public void Every_file_is_an_item_where_nothing_else_is_said() => Shown(new InputSpec(), Files("a.tif", "sub folder/b c.tif")).ShouldBe("""
        a.tif: image=a.tif
        sub folder/b c.tif: image=sub folder/b c.tif
        = 2 files, 0 ignored, 0 unmatched, 2 items, 0 problems
        """);

    [Fact]
    public void Hidden_and_half_written_files_are_left_alone() => Shown(new InputSpec { Ignore = ["*.log", "old/"], Include = ["*.tif", "*.log"] },
        Files("a.tif", "a.tif.part", "b.TMP", ".DS_Store", "x/Thumbs.db", ".cache/a.tif", "_yunpipe/jobs/a.tif", "run.log", "old/a.tif", "notes.txt")).ShouldBe("""
        a.tif: image=a.tif
        = 10 files, 9 ignored, 0 unmatched, 1 items, 0 problems
        """);

    [Fact]
    public void A_bad_name_is_one_sentence_and_the_rest_goes_on() =>
        Shown(new InputSpec(), Files("a\uFFFD.tif", new string('é', 130) + ".tif", "x/../y.tif", "two\nlines.tif", "-rf.tif")).ShouldBe("""
        ! YP1203: “a�.tif” is not valid UTF-8.
        ! YP1203: “éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé…” has a name longer than 255 bytes.
        ! YP1203: “x/../y.tif” has a part that is “.” or “..”.
        two
        lines.tif: image=two
        lines.tif
        -rf.tif: image=-rf.tif
        = 5 files, 0 ignored, 0 unmatched, 2 items, 3 problems
        """);

    [Fact]
    public void Channels_of_a_site_become_one_item_and_what_a_site_lacks_is_told_at_the_end() => Shown(Plate, Files(
        "P1/A01_s1_ch1.tif", "P1/A01_s1_ch2.tif", "P1/A02_s1_ch01.tif", "P1/A01_s1_ch3.tif", "P1/A02_s1_ch02.tif", "P1/A03_s1_ch3.tif", "P1/A01_s1_ch2.tif",
        "P1/A02_s1_ch1.tif", "P1/A01_s1_ch9.tif", "readme.txt")).ShouldBe("""
        P1/A01-1: dna=P1/A01_s1_ch1.tif, er=P1/A01_s1_ch2.tif, rna=P1/A01_s1_ch3.tif [plate=P1] [well=A01] [site=1]
        ! YP1205: “P1/A02_s1_ch1.tif” and “P1/A02_s1_ch01.tif” are both the part “dna” of “P1/A02-1”; the first is taken.
        ! YP1205: “P1/A01_s1_ch2.tif” comes after its item “P1/A01-1” was complete: its part “er” is there twice.
        P1/A02-1: dna=P1/A02_s1_ch01.tif, er=P1/A02_s1_ch02.tif [plate=P1] [well=A02] [site=1]
        ! YP1204: “P1/A03-1” has no file for its parts “dna” and “er”.
        = 10 files, 0 ignored, 2 unmatched, 2 items, 3 problems
        """);

    [Fact]
    public void A_complete_group_leaves_before_the_rest_is_listed()
    {
        var listed = 0;
        IEnumerable<SourceFile> Listing()
        {
            foreach (var file in Files("P1/A01_s1_ch1.tif", "P1/A01_s1_ch2.tif", "P1/A01_s1_ch3.tif", "P1/A02_s1_ch1.tif")) { listed++; yield return file; }
        }
        ItemSource.Open(Plate).OrThrow().Read(Listing()).First().Item!.Key.ShouldBe("P1/A01-1");
        listed.ShouldBe(3);
    }

    [Fact]
    public async Task A_listing_that_comes_over_time_gives_the_same_items()
    {
        static async IAsyncEnumerable<SourceFile> Slow(IEnumerable<SourceFile> files)
        {
            foreach (var file in files) { await Task.Yield(); yield return file; }
        }
        var files = Files("P1/A01_s1_ch1.tif", "P1/A01_s1_ch2.tif", "P1/A02_s1_ch1.tif").ToList();
        var keys = new List<string>();
        await foreach (var found in ItemSource.Open(Plate).OrThrow().Read(Slow(files), TestContext.Current.CancellationToken)) keys.Add(found.Item?.Key ?? found.Problem!.Key);
        keys.ShouldBe(ItemSource.Open(Plate).OrThrow().Read(files).Select(found => found.Item?.Key ?? found.Problem!.Key));
    }

    [Fact]
    public void A_file_that_says_nothing_for_its_key_is_named() => Shown(
        Plate with { Pattern = @"^((?<plate>P\d+)/)?(?<well>[A-H]\d+)_s(?<site>\d)_ch(?<ch>\d)" }, Files("A01_s1_ch1.tif")).ShouldBe("""
        ! YP1206: “A01_s1_ch1.tif” has no value for “plate”, of which its item's key is made.
        = 1 files, 0 ignored, 0 unmatched, 0 items, 1 problems
        """);

    [Fact]
    public void Brains_bring_their_sidecars() => Shown(
        new InputSpec { Pattern = "{sub}/anat/${sub}_T1w.nii.gz", Sidecars = [new(Template.Parse("${stem}.json"), true), new(Template.Parse("/task-${sub}.tsv"), false)] },
        Files("sub-01/anat/sub-01_T1w.nii.gz", "sub-01/anat/sub-01_T1w.json", "sub-02/anat/sub-02_T1w.nii.gz"), null, "sub-01/anat/sub-01_T1w.json", "task-sub-01.tsv").ShouldBe("""
        sub-01/anat/sub-01_T1w.nii.gz: image=sub-01/anat/sub-01_T1w.nii.gz + sub-01/anat/sub-01_T1w.json + task-sub-01.tsv [sub=sub-01]
        ! YP1207: “sub-02/anat/sub-02_T1w.nii.gz” has no “sub-02/anat/sub-02_T1w.json” beside it.
        = 3 files, 1 ignored, 0 unmatched, 1 items, 1 problems
        """);

    [Fact]
    public void Listing_stops_at_a_directory_that_is_an_image()
    {
        var source = ItemSource.Open(new InputSpec { Directories = true }).OrThrow();
        source.StopsAt("plate/a.ome.zarr").ShouldBeTrue();
        source.StopsAt("plate").ShouldBeFalse();
        source.StopsAt(".hidden.zarr").ShouldBeFalse();
        source.Enters(".git").ShouldBeFalse();
        source.Enters("plate").ShouldBeTrue();
        source.Read([new SourceFile("plate/a.ome.zarr", 0, "v", IsDirectory: true), new SourceFile("plate/readme.txt", 3, "v")])
            .ShouldHaveSingleItem().Item!.Parts["image"].File.IsDirectory.ShouldBeTrue();
        ItemSource.Open(new InputSpec { Directories = true, Pattern = "{series}" }).OrThrow().StopsAt("series 1").ShouldBeTrue();
        ItemSource.Open(new InputSpec { Directories = true, Pattern = "{series}" }).OrThrow().StopsAt("series 1/0").ShouldBeFalse();
    }

    [Fact]
    public void A_table_names_files_and_adds_metadata_to_that_of_the_pattern() => Shown(
        new InputSpec { Table = "in.csv", Pattern = "{plate}/{name}.tif" }, [],
        "path,Cell line,plate\r\nP1/a.tif,HeLa,P1\r\nP1/gone.tif,HeLa,P1\r\n./P1/b.tif,\"U2OS, wt\",\r\nP1/c.tif,HeLa,P2\r\nP1/a.tif,HeLa,P1\r\n../x.tif,,\r\nshort\r\n",
        "P1/a.tif", "P1/b.tif", "P1/c.tif").ShouldBe("""
        P1/a.tif: image=P1/a.tif [Cell_line=HeLa] [plate=P1] [name=a]
        ! in.csv:3:1: YP1210: The table names “P1/gone.tif”, which is not in the input.
        P1/b.tif: image=P1/b.tif [Cell_line=U2OS, wt] [plate=P1] [name=b]
        ! in.csv:5:1: YP1209: The row says that “plate” is “P2”, but “P1/c.tif” says “P1”.
        ! in.csv:6:1: YP1205: The item “P1/a.tif” is in the table twice; the first row is taken.
        ! in.csv:7:1: YP1203: “../x.tif” has a part that is “.” or “..”.
        ! in.csv:8:1: YP1209: The row has 1 fields, the header 3.
        = 7 files, 0 ignored, 0 unmatched, 2 items, 5 problems
        """);

    [Fact]
    public void A_table_can_have_a_column_for_each_part() => Shown(
        new InputSpec { Table = "in.csv", Item = new ItemGrouping(Template.Parse(""), [Selector("dna"), Selector("er")]) }, [],
        "key;dna;er;dose\nA01;1.tif;2.tif;5\n;3.tif;2.tif;\nA03;;2.tif;7\n", "1.tif", "2.tif", "3.tif").ShouldBe("""
        A01: dna=1.tif, er=2.tif [dose=5]
        3.tif: dna=3.tif, er=2.tif
        ! in.csv:4:1: YP1204: The row names no file for “dna”.
        = 3 files, 0 ignored, 0 unmatched, 2 items, 1 problems
        """);

    [Fact]
    public void Files_from_a_table_are_grouped_like_listed_ones() => Shown(
        Plate with { Pattern = null, Table = "in.csv" }, [], "path,plate,well,site,ch\n1.tif,P1,A01,1,1\n2.tif,P1,A01,1,2\n", "1.tif", "2.tif").ShouldBe("""
        P1/A01-1: dna=1.tif, er=2.tif [plate=P1] [well=A01] [site=1]
        = 2 files, 0 ignored, 0 unmatched, 1 items, 0 problems
        """);

    [Theory]
    [InlineData("file,x\na.tif,1\n", "YP1208: The table has no column “path”; its columns are “file” and “x”.")]
    [InlineData("path,a b,a-b\n", "YP1208: The table has two columns “a_b”.")]
    [InlineData("", "YP1208: The table has no header.")]
    public void A_table_that_names_no_files_is_refused(string table, string expected) =>
        Shown(new InputSpec { Table = "in.csv" }, [], table).ShouldContain(expected);

    [Fact]
    public void A_million_files_are_read_without_keeping_them()
    {
        var source = ItemSource.Open(new InputSpec { Pattern = "{plate}/{n}.tif" }).OrThrow();
        var before = GC.GetTotalMemory(true);
        var most = 0L;
        var count = 0;
        foreach (var found in source.Read(Enumerable.Range(0, 1_000_000).Select(i => new SourceFile($"P1/{i}.tif", 1, "v"))))
        {
            found.Item.ShouldNotBeNull();
            if (++count % 250_000 == 0) most = Math.Max(most, GC.GetTotalMemory(true) - before);
        }
        source.Counts.Items.ShouldBe(1_000_000);
        most.ShouldBeLessThan(50_000_000);
    }

    [Fact]
    public void The_listing_shows_how_names_parse()
    {
        var source = ItemSource.Open(Plate).OrThrow();
        var files = Files("P1/A01_s1_ch1.tif", "P1/A01_s1_ch2.tif", "P1/A01_s1_ch3.tif", "P1/A02_s1_ch1.tif", "P1/A02_s1_ch2.tif", "P1/A03_s1_ch1.tif", "readme.txt", ".hidden");
        Golden.Check("items/listing.txt", ItemListing.Read(source, files).ToText());
    }
}
