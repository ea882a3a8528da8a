using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Images.Wrapping;

/// <summary>The algorithm that an image carries in its labels, which is why its reference alone is enough to use it.</summary>
public static class AlgorithmImage
{
    /// <summary>Reads the descriptor of an image wherever it lies. Only its manifest and configuration are fetched.</summary>
    /// <param name="name">What problems call the image.</param>
    /// <param name="called">How launchers are to call it, given the digest of what was found.</param>
    public static async Task<Reading<Algorithm>> Read(ImagePlace place, string? tag, string name, Func<Digest, string> called, CancellationToken cancel)
    {
        var found = await place.ReadManifest(tag, cancel);
        var document = found;
        if (found.IsIndex)
        {
            var index = ImageIndex.Read(found, place.Name);
            if (ImageCopy.Find(index, ImagePlatform.Here) is not { } here)
                return new(null, [new Problem(ImageCodes.NoPlatform, $"{Wording.Quote(name)} has no image for {ImagePlatform.Here}.", null, "Ask its author for a build.")]);
            document = await place.ReadDocument(here, cancel);
        }
        var image = await Wrapper.ReadImage(place, document, cancel);
        return FromLabels(image.Config.Labels, name, called(found.Digest));
    }

    /// <summary>Reads a descriptor out of labels, and sets its image.</summary>
    public static Reading<Algorithm> FromLabels(IReadOnlyDictionary<string, string> labels, string name, string image)
    {
        if (!labels.TryGetValue(WrapLabels.Algorithm, out var text))
            return new(null, [new Problem(WrapCodes.NotWrapped, $"The image {Wording.Quote(name)} carries no algorithm: it has no label {WrapLabels.Algorithm}.", null,
                $"Wrap it: yunpipe wrap ALGORITHM.yaml --image {name}")]);
        // Labels hold JSON, as we write them; the name says so to the reader.
        var read = AlgorithmReader.Read(text, $"{name}.json", "");
        var problems = read.Problems.Select(problem => problem with { Where = problem.Where is { } where ? where with { File = name } : null }).ToList();
        return new(read.Value is { } algorithm ? algorithm with { Image = image, Source = new Location(name) } : null, problems);
    }
}
