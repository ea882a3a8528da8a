using System.Text.Json.Nodes;
using Yunpipe.Aws.Tests.Emulator;

namespace Yunpipe.Aws.Tests.Dispatch;

/// <summary>Names that URLs, XML and file systems hold badly, from the event to the key of the result.</summary>
public sealed class KeyTests
{
    private const string Chain = """
        name: w
        input: {location: ./in, include: ["**/*.tif", "*.tif"]}
        steps: [{name: first, algorithm: copy}, {name: second, algorithm: upper}]
        """;

    /// <summary>Of 1,015 bytes, so that the key of its result has 1,024: a folder's name more, and a longer ending.</summary>
    private static readonly string Longest = string.Concat(Enumerable.Repeat(new string('n', 200) + "/", 5)) + "nnnnnn.tif";

    private static readonly string[] Names =
    [
        "with space.tif", "two  spaces .tif", "a+b.tif", "100%.tif", "%2B.tif", "%252B+ %20.tif", "µ/プレート1/細胞.tif", "e\u0301 is not é.tif", "quote\"s'.tif", "a=b&c;d#e?f.tif", "-dash.tif", "tilde~!*().tif", "<tag>&amp;.tif", "back\\slash.tif",
    ];

    public static TheoryData<string> Forms => ["EventBridge", "S3 notification", "S3 notification through a topic"];

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Every_key_goes_all_the_way_in_each_form_of_event(string form)
    {
        await using var bench = await CloudBench.Open(Chain);
        bench.Form = form == "EventBridge" ? EventForms.Bridged : form == "S3 notification" ? EventForms.Notified : EventForms.ThroughTopic;
        await bench.Dispatching();
        foreach (var name in Names) bench.Upload(name, "content of " + name);
        bench.Upload("empty.tif", "");
        bench.Upload(Longest, "longest");
        // What consoles make for folders, and a key that ends like one.
        bench.Put("in", "folder/", []);
        bench.Put("in", "folder.tif/", [1, 2, 3]);
        await bench.Local.Run(Chain);
        await bench.Settle();
        var results = bench.Results();
        results.Count.ShouldBe(Names.Length + 2);
        foreach (var name in Names) results.ShouldContain($"second/{name[..^4]}.upper: {("content of " + name).ToUpperInvariant()}");
        results.Max(result => System.Text.Encoding.UTF8.GetByteCount(result[..result.LastIndexOf(": ", StringComparison.Ordinal)])).ShouldBe(1024);
        bench.Keys("_yunpipe/failures/").ShouldBeEmpty();
        // A key that is decoded wrongly would be found by the sweep later; but its event would have made a job of a file that is not there.
        bench.Aws.Sqs.EverSent("first").Select(body => (string)JsonNode.Parse(body)!["job"]!["key"]!).Distinct().Order(StringComparer.Ordinal).ShouldBe(Names.Append("empty.tif").Append(Longest).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_can_be_no_name_is_set_aside_with_one_sentence_each_and_stops_nothing()
    {
        await using var bench = await (await CloudBench.Open(Chain)).Dispatching();
        var tooLong = string.Join('/', Enumerable.Repeat(new string('n', 200), 5)) + "/" + new string('n', 1024 - 5 * 201 - 4) + ".tif";
        foreach (var key in (string[])["a//b.tif", "/lead.tif", "up/../b.tif", new string('x', 256) + ".tif", tooLong]) bench.Put("in", key, [1]);
        bench.Upload("good.tif", "good");
        await bench.Local.Run(Chain);
        await bench.Settle();
        for (var minute = 0; minute < 40 && bench.Aws.Sns.Published.Count == 0; minute++) await bench.Minute();
        var told = string.Join('\n', bench.Aws.Sns.Published.Select(each => each.Text));
        told.ShouldContain("“a//b.tif” has an empty part between slashes.");
        told.ShouldContain("“/lead.tif” starts with a slash.");
        told.ShouldContain("“up/../b.tif” has a part that is “.” or “..”.");
        told.ShouldContain("has a name longer than 255 bytes.");
        bench.Results().ShouldBe(["second/good.upper: GOOD"]);
        (bench.Keys("_yunpipe/failures/input/").Count, bench.Keys("_yunpipe/failures/").Count).ShouldBe((4, 5));
    }
}
