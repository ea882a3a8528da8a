using Yunpipe.Documents;

namespace Yunpipe.Tests.Documents;

public class DocumentReaderTests
{
    private static DocumentNode Read(string text, string file = "a.yaml")
    {
        var reading = DocumentReader.Read(text, file);
        reading.Problems.ShouldBeEmpty();
        return reading.Value!;
    }

    [Fact]
    public void Yaml_and_json_give_the_same_tree()
    {
        var yaml = Read("name: cells\nlist: [1.50, \"x\", true]\nmap:\n  empty:\n  deep: 'a''b'\n");
        var json = Read("""{"name": "cells", "list": [1.50, "x", true], "map": {"empty": null, "deep": "a'b"}}""", "a.json");
        Show(yaml).ShouldBe("{name:cells,list:[1.50,x,true],map:{empty:<nothing>,deep:a'b}}");
        Show(json).ShouldBe(Show(yaml));
    }

    [Fact]
    public void Places_are_the_line_and_column_of_the_first_character()
    {
        var yaml = (MapNode)Read("# a comment\nname: cells\ninputs:\n  image: {accepts: [\"*.tif\"]}\n");
        yaml.Entry("name")!.Where.ShouldBe(new Location("a.yaml", 2, 1));
        yaml["name"]!.Where.ShouldBe(new Location("a.yaml", 2, 7));
        ((MapNode)((MapNode)yaml["inputs"]!)["image"]!)["accepts"].ShouldBeOfType<ListNode>().Items[0].Where.ShouldBe(new Location("a.yaml", 4, 21));

        var json = (MapNode)Read("{\n  \"name\": \"ä😀\", \"x\": [\n\t1]}", "a.json");
        json.Entry("name")!.Where.ShouldBe(new Location("a.json", 2, 3));
        json["name"]!.Where.ShouldBe(new Location("a.json", 2, 11));
        ((ListNode)json["x"]!).Items[0].Where.ShouldBe(new Location("a.json", 3, 2));
    }

    [Fact]
    public void Quoted_text_is_told_from_plain()
    {
        var map = (MapNode)Read("a: 1.50\nb: \"1.50\"\nc: null\nd: \"null\"\ne: |\n  true\nf: !!str 5\n");
        map.Entries.Select(entry => ((ScalarNode)entry.Value).IsQuoted).ShouldBe([false, true, false, true, true, true]);
        map.Entries.Select(entry => entry.Value.IsNull).ShouldBe([false, false, true, false, false, false]);
    }

    [Fact]
    public void The_format_is_told_by_the_name_and_else_by_the_first_character()
    {
        Read("{a: b}", "x.yaml").ShouldBeOfType<MapNode>();
        DocumentReader.Read("{a: b}", "x.json").Problems[0].Code.ShouldBe("YP1005");
        DocumentReader.Read("{a: b}", "label").Problems[0].Code.ShouldBe("YP1005");
        Read("{\"a\": \"b\"}", "label").ShouldBeOfType<MapNode>();
        Read("a: b", "label").ShouldBeOfType<MapNode>();
    }

    [Fact]
    public void An_alias_stands_for_what_its_anchor_names()
    {
        var map = (MapNode)Read("a: &x {k: v}\nb: *x\nc: [*x, *x]\n");
        map["b"].ShouldBeSameAs(map["a"]);
        Show(map).ShouldBe("{a:{k:v},b:{k:v},c:[{k:v},{k:v}]}");
    }

    [Fact]
    public void A_byte_order_mark_is_not_content()
    {
        DocumentReader.Read([0xEF, 0xBB, 0xBF, (byte)'a', (byte)':', (byte)' ', (byte)'b'], "a.yaml").Ok.ShouldBeTrue();
    }

    internal static string Show(DocumentNode node) => node switch
    {
        MapNode map => "{" + string.Join(",", map.Entries.Select(entry => $"{entry.Key}:{Show(entry.Value)}")) + "}",
        ListNode list => "[" + string.Join(",", list.Items.Select(Show)) + "]",
        ScalarNode scalar => scalar.IsNull ? "<nothing>" : scalar.Text,
        _ => "?",
    };
}
