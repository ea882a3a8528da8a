using CsCheck;
using Yunpipe.Images;

namespace Yunpipe.Tests;

public sealed class PlaceNameTests
{
    private const string Hash = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Theory]
    [InlineData("nuclei", PlaceKind.Reference, "", "nuclei")]
    [InlineData("docker:24", PlaceKind.Reference, "", "docker:24")]
    [InlineData("ghcr.io/lab/nuclei:1@" + Hash, PlaceKind.Reference, "", "ghcr.io/lab/nuclei:1@" + Hash)]
    [InlineData("docker://localhost:5000/x", PlaceKind.Registry, "", "localhost:5000/x")]
    [InlineData("docker-daemon:x:1", PlaceKind.Docker, "", "x:1")]
    [InlineData("podman:" + Hash, PlaceKind.Podman, "", Hash)]
    [InlineData("oci:/some/dir", PlaceKind.Layout, "/some/dir", null)]
    [InlineData("oci:dir:lab/x:1.2", PlaceKind.Layout, "dir", "lab/x:1.2")]
    [InlineData("./dir:1.2", PlaceKind.Layout, "./dir", "1.2")]
    [InlineData("/dir@" + Hash, PlaceKind.Layout, "/dir", Hash)]
    [InlineData("image.tar", PlaceKind.Archive, "image.tar", null)]
    [InlineData("/a/image.tar.gz:1", PlaceKind.Archive, "/a/image.tar.gz", "1")]
    [InlineData("oci-archive:x.tar:1", PlaceKind.OciArchive, "x.tar", "1")]
    [InlineData("docker-archive:x.img:lab/x:1", PlaceKind.DockerArchive, "x.img", "lab/x:1")]
    public void A_place_is_read_as_a_person_means_it(string text, PlaceKind kind, string path, string? name)
    {
        PlaceName.TryParse(text, out var place, out var flaw).ShouldBeTrue(flaw);
        place.ShouldBe(new PlaceName(kind, path, name));
    }

    [Theory]
    [InlineData("", "“” is not the name of an image")]
    [InlineData("oci:", "nothing follows “oci:”")]
    [InlineData("oci::x", "the folder or file is missing")]
    [InlineData("oci:dir:a b", "“a b” is not a name of an image")]
    [InlineData("podman:Upper", "names of images are in lower case")]
    [InlineData("docker://x y", "“x y” is not the name of an image")]
    [InlineData("https://registry.org/x", "“https:” is not the name of a registry")]
    public void What_is_no_place_is_refused_in_words(string text, string why)
    {
        PlaceName.TryParse(text, out _, out var flaw).ShouldBeFalse();
        flaw.ShouldBe(why);
    }

    [Fact]
    public void What_lies_there_decides_between_a_file_and_a_reference()
    {
        using var scratch = new ImageScratch();
        var folder = scratch.At("with:colon");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "oci-layout"), "{}");
        PlaceName.TryParse(folder, out var place, out _).ShouldBeTrue();
        place.ShouldBe(new PlaceName(PlaceKind.Layout, folder, null));
        var file = scratch.At("image");
        File.WriteAllText(file, "");
        PlaceName.TryParse(file, out place, out _).ShouldBeTrue();
        place.Kind.ShouldBe(PlaceKind.Archive);
    }

    [Fact]
    public void Any_text_is_a_place_or_a_flaw() => Gen.String[Gen.Char["aZ0:/@.-_ \0éoci"], 0, 30].Sample(text =>
    {
        if (PlaceName.TryParse(text, out var place, out var flaw)) (place.Path.Length > 0 || place.Name is not null).ShouldBeTrue();
        else flaw.ShouldNotBeNullOrEmpty();
    }, iter: 5000);

    [Fact]
    public void Any_reference_that_is_read_is_written_alike() => Gen.String[Gen.Char["ab0:/@.-_"], 1, 24].Sample(text =>
    {
        if (ImageReference.TryParse(text, out var reference, out _)) reference.ToString().ShouldBe(text);
    }, iter: 5000);

    [Theory]
    [InlineData("nuclei", "docker.io/library/nuclei:latest")]
    [InlineData("lab/nuclei:1", "docker.io/lab/nuclei:1")]
    [InlineData("index.docker.io/nuclei:1", "docker.io/library/nuclei:1")]
    [InlineData("ghcr.io/nuclei", "ghcr.io/nuclei:latest")]
    [InlineData("localhost:5000/nuclei:1", "localhost:5000/nuclei:1")]
    public void Docker_images_have_a_full_name(string name, string full) => ImageNames.Full(name).ShouldBe(full);

    [Fact]
    public void One_image_goes_by_several_names()
    {
        ImageNames.Same("docker.io/library/x:latest", "x").ShouldBeTrue();
        ImageNames.Same("localhost/x:1", "x:1").ShouldBeTrue();
        ImageNames.Same("ghcr.io/x:1", "x:1").ShouldBeFalse();
        ImageNames.Same("x:1", "x:2").ShouldBeFalse();
    }
}
