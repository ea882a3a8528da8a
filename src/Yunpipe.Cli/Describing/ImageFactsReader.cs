using Yunpipe.Algorithms.Describing;
using Yunpipe.Images;

namespace Yunpipe.Cli.Describing;

/// <summary>What an image says of itself: its index, one manifest and one configuration are read, never a layer.</summary>
internal static class ImageFactsReader
{
    private const string DescriptorLabel = "io.yunpipe.algorithm";

    /// <summary>An <see cref="ImageException"/> says why it cannot be read.</summary>
    public static async Task<ImageFacts> Read(string reference, ImagePlaceSettings settings, CancellationToken cancel)
    {
        await using var image = await ImagePlaces.Open(reference, PlaceUse.Read, settings, cancel);
        var document = await image.Place.ReadManifest(image.Tag, cancel);
        var platforms = new List<string>();
        if (MediaTypes.IsIndex(document.MediaType))
        {
            var images = ImageIndex.Read(document, image.Place.Name).Images.ToList();
            platforms.AddRange(images.Select(each => each.Platform).OfType<ImagePlatform>().Select(platform => platform.ToString()));
            var chosen = images.FirstOrDefault(each => each.Platform is { Os: "linux", Architecture: "amd64" }) ?? images[0];
            document = await image.Place.ReadDocument(chosen, cancel);
        }
        var config = ImageConfig.Read((await image.Place.ReadDocument(ImageManifest.Read(document, image.Place.Name).Config, cancel)).Bytes, image.Place.Name);
        if (platforms.Count == 0) platforms.Add(config.Platform.ToString());
        return new ImageFacts(reference, platforms, config.Entrypoint, config.Command, config.User, config.Directory, config.Environment, config.Ports, config.Labels.GetValueOrDefault(DescriptorLabel));
    }
}
