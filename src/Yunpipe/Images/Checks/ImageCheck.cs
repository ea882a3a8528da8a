using System.Globalization;
using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Images.Checks;

/// <summary>Says before any job whether an algorithm will run in an image: from manifest and configuration alone, and from the files of the layers where
/// these are at hand (docs/guide/wrapping.md).</summary>
public static class ImageCheck
{
    /// <summary>An image beyond this takes minutes to fetch on an ordinary line, and a layer beyond this cannot be fetched in parallel. Bytes.</summary>
    private const long LargeImage = 8L << 30, LargeLayer = 2L << 30;

    /// <summary>What manifest and configuration tell.</summary>
    public static IReadOnlyList<ImageFinding> Quick(Algorithm algorithm, ImageManifest manifest, ImageConfig config) =>
        [.. About(manifest, config), Executable(algorithm), Unknown("interpreter", "The program's interpreter or loader was not looked for."), User(config), Size(manifest), Largest(manifest, config)];

    /// <summary>What the layers tell too. They are read as streams, from a registry that means all of them.</summary>
    public static async Task<IReadOnlyList<ImageFinding>> Deep(ImagePlace place, Algorithm algorithm, ImageManifest manifest, ImageConfig config, IProgress<CopyProgress>? progress, CancellationToken cancel)
    {
        if (await LayerReader.Read(place, manifest, progress, cancel) is not { } files)
        {
            var why = manifest.Layers.Any(layer => MediaTypes.IsForeign(layer.MediaType)) ? "A layer is given away by its author only, and not looked into: " : "A layer is packed with zstd, which is not looked into: ";
            return [.. About(manifest, config), Unknown("executable", why + "whether the program is there is seen when a job starts."),
                Unknown("interpreter", why + "whether its interpreter is there is seen when a job starts."), User(config), Size(manifest), Largest(manifest, config)];
        }
        return [.. About(manifest, config), .. new FileCheck(files, config).Findings(algorithm), Size(manifest), Largest(manifest, config)];
    }

    private static IEnumerable<ImageFinding> About(ImageManifest manifest, ImageConfig config)
    {
        yield return new ImageFinding("platform", FindingKind.Good, $"The image is made for {config.Platform}, and so is the agent.");
        yield return Entrypoint(config);
    }

    private static ImageFinding Entrypoint(ImageConfig config)
    {
        var identity = config.Identity;
        if (identity.OwnEntrypoint.Count > 0)
            return new ImageFinding("entrypoint", FindingKind.Advice, $"The image's entrypoint, {Line(identity.OwnEntrypoint)}, is not run for jobs: the descriptor's command is.",
                "If it sets something up, put it in front of that command.");
        return identity.OwnCommand.Count > 0
            ? new ImageFinding("entrypoint", FindingKind.Good, $"The image has no entrypoint; the descriptor's command takes the place of its own, {Line(identity.OwnCommand)}.")
            : new ImageFinding("entrypoint", FindingKind.Good, "The image has neither entrypoint nor command of its own: the descriptor's command is all that runs in it.", null, WrapCodes.NoCommand);
    }

    private static ImageFinding Executable(Algorithm algorithm) => Unknown("executable", FixedProgram(algorithm) is { } program
        ? $"Whether {Wording.Quote(program)} is in the image was not looked for." : "The program is named by a variable, and known when a job starts.");

    /// <summary>The program, where no variable decides which it is.</summary>
    internal static string? FixedProgram(Algorithm algorithm) => algorithm.Command.Tokens[0].Source is var word && word.Contains('$') ? null : word;

    private static ImageFinding User(ImageConfig config) => config.User.Length == 0
        ? new ImageFinding("user", FindingKind.Good, "By hand and in the cloud it runs as root; here as whoever starts the run.")
        : new ImageFinding("user", FindingKind.Unknown, $"By hand and in the cloud it runs as {Wording.Quote(config.User)}; here as whoever starts the run.");

    private static ImageFinding Size(ImageManifest manifest)
    {
        var size = manifest.Layers.Sum(layer => layer.Size);
        var says = string.Create(CultureInfo.InvariantCulture, $"The image has {new ByteSize(size)} in {manifest.Layers.Count} {(manifest.Layers.Count == 1 ? "layer" : "layers")}.");
        return size > LargeImage ? new ImageFinding("size", FindingKind.Advice, says, "Every machine fetches that once: leave out compilers and caches, and keep models in variables.") : new ImageFinding("size", FindingKind.Good, says);
    }

    private static ImageFinding Largest(ImageManifest manifest, ImageConfig config)
    {
        if (manifest.Layers.Count == 0) return new ImageFinding("largest layer", FindingKind.Good, "The image has no layers.");
        var (layer, at) = manifest.Layers.Select((layer, at) => (layer, at)).MaxBy(each => each.layer.Size);
        var made = config.MadeBy(at) is { } by ? $", made by {Wording.Quote(by)}" : "";
        var says = string.Create(CultureInfo.InvariantCulture, $"The largest layer is number {at + 1}, with {new ByteSize(layer.Size)}{made}.");
        return layer.Size > LargeLayer ? new ImageFinding("largest layer", FindingKind.Advice, says, "A layer is fetched in one piece: split what makes it.") : new ImageFinding("largest layer", FindingKind.Good, says);
    }

    private static ImageFinding Unknown(string topic, string says) => new(topic, FindingKind.Unknown, says);

    private static string Line(IReadOnlyList<string> words) => Wording.Quote(CommandPreview.ToLine(words));
}
