using Yunpipe.Algorithms;
using Yunpipe.Images;

namespace Yunpipe.Tests;

public sealed class WrappedImageTests
{
    private static readonly Algorithm Blur = AlgorithmReader.Read("""
        name: blur
        version: "1.0"
        command: [blur, "${image}", "${sigma}", "${out}/${stem}.tif"]
        inputs: [image]
        outputs: {blurred: "${stem}.tif"}
        variables: {sigma: {type: number, default: 1.5, flag: --sigma}}
        """, "blur.yaml", "").OrThrow();

    [Fact]
    public void What_is_packed_is_read_back()
    {
        var read = WrappedImage.Read(new WrappedImage(Blur, ["/tini", "--"], ["run", "a\nb"]).ToText().OrThrow()).OrThrow();
        AlgorithmWriter.ToJson(read.Algorithm).ShouldBe(AlgorithmWriter.ToJson(Blur));
        read.Entrypoint.ShouldBe(["/tini", "--"]);
        read.Command.ShouldBe(["run", "a\nb"]);
    }

    [Fact]
    public void An_image_without_entrypoint_and_command_has_none_afterwards()
    {
        var read = WrappedImage.Read(new WrappedImage(Blur, [], []).ToText().OrThrow()).OrThrow();
        (read.Entrypoint.Count, read.Command.Count).ShouldBe((0, 0));
    }

    [Fact]
    public void Equal_records_are_equal_text() => new WrappedImage(Blur, [], ["x"]).ToText().Value.ShouldBe(new WrappedImage(Blur, [], ["x"]).ToText().Value);

    [Fact]
    public void A_descriptor_that_the_environment_cannot_hold_is_refused()
    {
        var noise = new Random(1);
        var large = Blur with { Description = string.Concat(Enumerable.Range(0, 150_000).Select(_ => (char)noise.Next(33, 126))) };
        var problem = new WrappedImage(large, [], []).ToText().Problems.ShouldHaveSingleItem();
        problem.Code.ShouldBe("YP2150");
        problem.Message.ShouldStartWith("The descriptor of “blur” is too large to travel in an image: ");
    }

    [Theory]
    [InlineData("no base64!", "YP2151: What the image says of itself (YUNPIPE_IMAGE) is not base64 of gzip. Wrap the image again, with this release.")]
    [InlineData("aGVsbG8=", "YP2151: What the image says of itself (YUNPIPE_IMAGE) is not base64 of gzip. Wrap the image again, with this release.")]
    [InlineData("{}", "YP2151: What the image says of itself (YUNPIPE_IMAGE) has format 0, and this release reads format 1. Wrap the image again, with this release.")]
    [InlineData("""{"format":2}""", "YP2151: What the image says of itself (YUNPIPE_IMAGE) has format 2, and this release reads format 1. Wrap the image again, with this release.")]
    [InlineData("""{"format":1}""", "YUNPIPE_IMAGE:1:1: YP1011: The key “algorithm” of a wrapped image is missing.")]
    [InlineData("""{"format":1,"algorithm":{"name":"x"}}""", "YUNPIPE_IMAGE:1:25: YP1011: The key “command” of an algorithm is missing. Write it as a list of arguments: [program, \"${image}\"].")]
    [InlineData("name: x", "YUNPIPE_IMAGE:1:1: YP1005: “name” is not a value of JSON. Put text in double quotes.")]
    public void What_is_not_packed_by_us_is_told(string text, string problem) =>
        WrappedImage.Read(text.StartsWith('{') || text.StartsWith("name", StringComparison.Ordinal) ? WrappedImage.Pack(System.Text.Encoding.UTF8.GetBytes(text)) : text)
            .Problems.ShouldHaveSingleItem().ToString().ShouldBe(problem);

    [Fact]
    public void A_text_that_unpacks_to_more_than_a_document_is_refused() =>
        WrappedImage.Read(WrappedImage.Pack(new byte[20_000_000])).Problems.ShouldHaveSingleItem().Code.ShouldBe("YP2151");
}
