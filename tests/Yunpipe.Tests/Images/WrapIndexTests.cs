using Yunpipe.Images;
using Yunpipe.Images.Wrapping;
using static Yunpipe.Tests.WrapBench;

namespace Yunpipe.Tests;

/// <summary>Images for several kinds of machines.</summary>
public sealed class WrapIndexTests
{
    private static readonly ImagePlatform Amd = new("linux", "amd64"), Arm = new("linux", "arm64");

    /// <summary>Both kinds, and what a builder writes beside them.</summary>
    private static ImageIndex Index(MemoryPlace place)
    {
        var arm = new TestImage { Architecture = "arm64" }.PutInto(place, null).Descriptor with { Platform = Arm };
        var amd = new TestImage().PutInto(place, null).Descriptor with { Platform = Amd };
        var attestation = new TestImage { Layers = [] }.PutInto(place, null).Descriptor with
        {
            Platform = ImagePlatform.Nowhere, Annotations = new Dictionary<string, string> { [ImageIndex.AttestedAnnotation] = amd.Digest.ToString() },
        };
        var index = ImageIndex.Of([arm, amd, attestation]);
        place.Put(index.Document, "1");
        return index;
    }

    [Fact]
    public async Task An_index_stays_an_index_of_what_can_be_wrapped_and_the_rest_is_told()
    {
        var place = new MemoryPlace();
        Index(place);
        var (plan, outcome) = await Wrap(place, "1", place, "w");
        plan.LeftOut.ShouldBe([Arm]);
        var wrapped = ImageIndex.Read(outcome.Image, "w");
        wrapped.Manifests.ShouldHaveSingleItem().Platform.ShouldBe(Amd);
        (await Config(place, wrapped.Manifests[0].Digest.ToString())).Identity.IsWrapped.ShouldBeTrue();
    }

    [Fact]
    public async Task Wrapping_a_wrapped_index_gives_the_same_digest()
    {
        var place = new MemoryPlace();
        Index(place);
        var first = (await Wrap(place, "1", place, "w")).Outcome.Image.Digest;
        (await Wrap(place, "w", place, "again")).Outcome.Image.Digest.ShouldBe(first);
    }

    [Fact]
    public async Task Unwrapping_an_index_gives_back_all_that_it_had_where_that_still_lies_there()
    {
        var place = new MemoryPlace();
        var original = Index(place);
        await Wrap(place, "1", place, "w");
        var outcome = await Unwrapper.Unwrap(place, "w", place, "back", null, default);
        (outcome.IsOriginal, outcome.Image.Digest).ShouldBe((true, original.Document.Digest));

        var elsewhere = new MemoryPlace();
        await ImageCopy.Run(place, "w", elsewhere, "w", [], null, default);
        var half = await Unwrapper.Unwrap(elsewhere, "w", elsewhere, "back", null, default);
        half.IsOriginal.ShouldBeFalse();
        half.Missing.ShouldBe([Arm]);
        ImageIndex.Read(half.Image, "back").Manifests.ShouldHaveSingleItem().Digest.ShouldBe(original.Manifests[1].Digest);
    }

    [Fact]
    public async Task A_place_that_holds_one_image_gets_that_of_this_machine()
    {
        var place = new MemoryPlace();
        Index(place);
        var engine = new MemoryPlace { HoldsOne = true };
        (await Wrap(place, "1", engine, "w")).Outcome.Image.IsManifest.ShouldBeTrue();
    }

    [Theory]
    [InlineData("linux/arm64", "YP2155: No agent is built for linux/arm64, only for linux/amd64. Wrap a build of the image for one of these.")]
    [InlineData("linux/s390x", "YP2155: No agent is built for linux/s390x, only for linux/amd64. Wrap a build of the image for one of these.")]
    public async Task A_kind_of_machine_that_is_asked_for_is_had_or_refused(string asked, string problem)
    {
        var place = new MemoryPlace();
        Index(place);
        ImagePlatform.TryParse(asked, out var platform).ShouldBeTrue();
        await using var wrapper = new Wrapper(place, place);
        (await wrapper.Plan("1", Order(platforms: platform), default)).Problems.ShouldHaveSingleItem().ToString().ShouldBe(problem);
        (await wrapper.Plan("1", Order(platforms: Amd), default)).OrThrow().Parts.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task What_lies_beside_images_in_registries_is_no_image()
    {
        var place = new MemoryPlace();
        var chart = ImageManifest.Of(place.Put("application/vnd.cncf.helm.config.v1+json", "{}"u8.ToArray()), []);
        place.Put(chart.Document, "chart");
        (await Should.ThrowAsync<ImageException>(() => Wrap(place, "chart", place, "w"))).Problem.Code.ShouldBe("YP2161");
    }
}
