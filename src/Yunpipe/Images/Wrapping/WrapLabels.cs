using System.Text.Json.Nodes;
using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Images.Wrapping;

/// <summary>The labels of a wrapped image (docs/spec/wrapped-image.md). They stand in its configuration, which every engine and archive keeps byte for
/// byte; annotations of manifests do not survive an engine.</summary>
public static class WrapLabels
{
    /// <summary>What all of them begin with.</summary>
    public const string Prefix = "io.yunpipe.";

    /// <summary>The descriptor as JSON, and its version for people who list images.</summary>
    public const string Algorithm = Prefix + "algorithm", Version = Prefix + "algorithm.version";

    /// <summary>What was wrapped: its manifest's digest and its name, where these mean something elsewhere.</summary>
    public const string BaseDigest = Prefix + "base.digest", BaseName = Prefix + "base.name";

    /// <summary>Configuration and manifest of what was wrapped, packed, so that unwrapping gives them back byte for byte.</summary>
    public const string BaseConfig = Prefix + "base.config", BaseManifest = Prefix + "base.manifest";

    /// <summary>On an index of wrapped images: the index that was wrapped, packed.</summary>
    public const string BaseIndex = Prefix + "base.index";

    /// <summary>Annotations that others read (OCI image specification, "Pre-Defined Annotation Keys").</summary>
    public const string OciBaseDigest = "org.opencontainers.image.base.digest", OciBaseName = "org.opencontainers.image.base.name";

    /// <summary>Bytes of one label. Registries bound the whole configuration at a few megabytes.</summary>
    public const int MostText = 256 << 10;

    internal static string List(IEnumerable<string> words) => System.Text.Encoding.UTF8.GetString(ImageJson.Write(new JsonArray([.. words.Select(word => (JsonNode)word)])));

    /// <summary>The first label that is too large.</summary>
    internal static Problem? TooLarge(IReadOnlyDictionary<string, string> labels, Algorithm algorithm)
    {
        foreach (var (name, value) in labels)
            if (System.Text.Encoding.UTF8.GetByteCount(value) is var size && size > MostText)
                return name == Algorithm
                    ? new Problem(WrapCodes.LabelTooLarge, $"The descriptor of {Wording.Quote(algorithm.Name)} is too large for a label: {new ByteSize(size)} of {new ByteSize(MostText)}.",
                        algorithm.Source.File is null ? null : algorithm.Source, "Shorten its prose and its lists of values.")
                    : new Problem(WrapCodes.LabelTooLarge, $"The image's own configuration is too large to be kept in the label {name}: {new ByteSize(size)}, compressed, of {new ByteSize(MostText)}.",
                        null, "Build the image with fewer labels and a shorter history.");
        return null;
    }
}
