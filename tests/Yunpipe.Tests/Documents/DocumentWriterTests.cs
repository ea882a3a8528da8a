using CsCheck;
using Yunpipe.Documents;

namespace Yunpipe.Tests.Documents;

public class DocumentWriterTests
{
    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static readonly Gen<string> AnyText = Gen.OneOf(
        Gen.String[0, 20], Gen.String[Gen.Char["ab01 .:#-'\"\\{}[],&*!|>%@`~?\n\t$é€"], 0, 12],
        OneOf("", "null", "~", "true", "yes", "1", "1.50", "-", "---", "...", "<<", "2020-01-01", "0x1F", "a: b", "a #b", " lead", "trail ", "\u2028", "\u0085", "\uFEFFx", "😀", "=", "\r", "a\r\nb"))
        .Where(text => YamlReader.Flaw(text) is null);

    private static readonly Gen<DocumentNode> Scalar = Gen.OneOf<DocumentNode>(
        AnyText.Select(text => (DocumentNode)new ScalarNode(text, true, default)),
        OneOf("true", "false", "null", "0", "-1", "1.5", "1e-40", "123456789012345678901234567890").Select(text => (DocumentNode)new ScalarNode(text, false, default)));

    private static Gen<DocumentNode> Node(int depth) => depth == 0 ? Scalar : Gen.OneOf(
        Scalar,
        Node(depth - 1).Array[0, 4].Select(items => (DocumentNode)new ListNode(items, default)),
        Gen.Select(AnyText, Node(depth - 1)).Array[0, 4].Select(pairs => (DocumentNode)new MapNode([.. pairs.DistinctBy(pair => pair.Item1).Select(pair => new MapEntry(pair.Item1, default, pair.Item2))], default)));

    private static readonly Gen<DocumentNode> Document = Node(4).Where(node => node is not ScalarNode);

    [Fact]
    public void What_is_written_as_json_reads_back_the_same() => Document.Sample(node =>
        Canonical(DocumentReader.Read(DocumentWriter.ToJson(node), "x.json").ShouldBeRead()) == Canonical(node));

    [Fact]
    public void What_is_written_as_yaml_reads_back_the_same() => Document.Sample(node =>
        Canonical(DocumentReader.Read(DocumentWriter.ToYaml(node), "x.yaml").ShouldBeRead()) == Canonical(node));

    /// <summary>Whether a text is quoted matters only where it could be taken for something else.</summary>
    private static string Canonical(DocumentNode node) => node switch
    {
        MapNode map => "{" + string.Join(",", map.Entries.Select(entry => $"<{entry.Key}>:{Canonical(entry.Value)}")) + "}",
        ListNode list => "[" + string.Join(",", list.Items.Select(Canonical)) + "]",
        ScalarNode scalar when scalar.IsNull => "null",
        ScalarNode scalar => $"<{scalar.Text}>",
        _ => "?",
    };
}
