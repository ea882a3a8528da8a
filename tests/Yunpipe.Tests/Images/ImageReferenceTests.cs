using Yunpipe.Images;

namespace Yunpipe.Tests;

public sealed class ImageReferenceTests
{
    private const string Hash = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Theory]
    [InlineData("nuclei", null, "nuclei", null, false)]
    [InlineData("lab/nuclei:1.2", null, "lab/nuclei", "1.2", false)]
    [InlineData("ghcr.io/lab/nuclei:1.2", "ghcr.io", "lab/nuclei", "1.2", false)]
    [InlineData("localhost:5000/nuclei", "localhost:5000", "nuclei", null, false)]
    [InlineData("localhost/nuclei:a", "localhost", "nuclei", "a", false)]
    [InlineData("[::1]:5000/nuclei", "[::1]:5000", "nuclei", null, false)]
    [InlineData("host:5000/a/b_c/d--e:v1@" + Hash, "host:5000", "a/b_c/d--e", "v1", true)]
    public void A_reference_is_read_and_written_alike(string text, string? registry, string repository, string? tag, bool digest)
    {
        ImageReference.TryParse(text, out var reference, out _).ShouldBeTrue();
        (reference.Registry, reference.Repository, reference.Tag, reference.Digest is not null).ShouldBe((registry, repository, tag, digest));
        reference.ToString().ShouldBe(text);
    }

    [Theory]
    [InlineData("Lab/Nuclei", "names of images are in lower case")]
    [InlineData("", "“” is not the name of an image")]
    [InlineData("lab//nuclei", "“lab//nuclei” is not the name of an image")]
    [InlineData("-nuclei", "“-nuclei” is not the name of an image")]
    [InlineData("nuclei:", "“” is not a tag")]
    [InlineData("nuclei:a b", "“a b” is not a tag")]
    [InlineData("nuclei@sha256:12", "what follows “@” is not a sha256 digest")]
    [InlineData("a.b#c/x", "“a.b#c” is not the name of a registry")]
    [InlineData("me@b.c/x", "what follows “@” is not a sha256 digest")]
    [InlineData("a.b:port/x", "“a.b:port” is not the name of a registry")]
    [InlineData("--privileged", "“--privileged” is not the name of an image")]
    public void What_is_no_reference_is_refused_in_words(string text, string why)
    {
        ImageReference.TryParse(text, out _, out var flaw).ShouldBeFalse();
        flaw.ShouldBe(why);
    }
}
