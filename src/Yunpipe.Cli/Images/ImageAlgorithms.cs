using System.Collections.Concurrent;
using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Images;
using Yunpipe.Images.Wrapping;
using Yunpipe.Local.Images;

namespace Yunpipe.Cli.Images;

/// <summary>Reads algorithms out of images, each once: a tag that moves meanwhile moves nothing of a run.
/// <code>
/// the reference                      is looked for in
/// registry.org/lab/x:1               the registry; where that does not give it, the local engines
/// x:1, localhost/x:1                 the local engines; then docker.io
/// docker-daemon:x, podman:x          that engine
/// oci:FOLDER, FILE.tar               the folder, the archive
/// </code>
/// What was found is named by digest, or by the engine's id.</summary>
internal sealed class ImageAlgorithms(CliContext context)
{
    private readonly ConcurrentDictionary<string, Reading<Algorithm>> _found = new(StringComparer.Ordinal);
    private readonly EngineLabels _engines = new(context.Environment);

    /// <summary>Whether a name can be an image's and nothing else: it has a tag, a digest or a folder, or says its place.</summary>
    public static bool LooksLikeImage(string name) => name.AsSpan().IndexOfAny(":/@") >= 0;

    public Reading<Algorithm> Find(string name, string directory) => _found.GetOrAdd(Anchored(name, directory), place => Task.Run(() => Read(name, place)).GetAwaiter().GetResult());

    /// <summary>The algorithm of an image; of a repository that is named without a tag, those of all its tags that carry one.</summary>
    public IReadOnlyList<(string Name, Reading<Algorithm> Algorithm)> FindAll(string name)
    {
        if (!PlaceName.TryParse(name, out var place, out _) || place.Kind is not (PlaceKind.Reference or PlaceKind.Registry) || !ImageReference.TryParse(place.Name!, out var reference, out _)
            || reference is not { Tag: null, Digest: null, Registry: not (null or "localhost") }) return [(name, Find(name, ""))];
        try
        {
            var found = Task.Run(() => Tags(reference)).GetAwaiter().GetResult().Order(StringComparer.Ordinal).Select(tag => (Name: $"{reference.Name}:{tag}", Algorithm: Find($"docker://{reference.Name}:{tag}", "")))
                .Where(each => each.Algorithm.Problems is not [{ Code: WrapCodes.NotWrapped }, ..]).ToList();
            return found.Count > 0 ? found : [(name, new(null, [new Problem(WrapCodes.NotWrapped, $"No tag of {Wording.Quote(name)} carries an algorithm.", null, "“yunpipe wrap” makes an image that does.")]))];
        }
        catch (ImageException error)
        {
            return [(name, new(null, [error.Problem]))];
        }
    }

    private async Task<IReadOnlyList<string>> Tags(ImageReference reference)
    {
        await using var repository = await ImagePlaces.Open($"docker://{reference.Name}", PlaceUse.Read, context.Places, CancellationToken.None);
        return await repository.Place.Tags(CancellationToken.None);
    }

    private async Task<Reading<Algorithm>> Read(string name, string place)
    {
        try
        {
            if (!PlaceName.TryParse(place, out var parsed, out var flaw))
                return new(null, [new Problem(ImageCodes.BadPlace, $"{Wording.Quote(name)} is not the name of an image: {flaw}.", null, "Write it as registry/name:tag.")]);
            return parsed.Kind switch
            {
                PlaceKind.Docker => InEngine("docker", parsed.Name!, name) ?? throw Absent("docker", name),
                PlaceKind.Podman => InEngine("podman", parsed.Name!, name) ?? throw Absent("podman", name),
                PlaceKind.Reference => await ByReference(name, parsed.Name!),
                _ => await InPlace(place, name, parsed),
            };
        }
        catch (ImageException error)
        {
            return new(null, [error.Problem]);
        }
    }

    private async Task<Reading<Algorithm>> ByReference(string name, string text)
    {
        _ = ImageReference.TryParse(text, out var reference, out _);
        var isLocal = reference.Registry is null or "localhost";
        if (isLocal && InEngine(null, text, name) is { } here) return here;
        if (reference.Registry == "localhost") throw Absent("an engine of this machine", name);
        try
        {
            return await InPlace($"docker://{text}", name, new PlaceName(PlaceKind.Registry, "", text));
        }
        catch (ImageException)
        {
            // A registry that is away, or wants a login, is no reason not to use what was pulled before.
            if (!isLocal && InEngine(null, text, name) is { } pulled) return pulled;
            throw;
        }
    }

    private async Task<Reading<Algorithm>> InPlace(string place, string name, PlaceName parsed)
    {
        await using var image = await ImagePlaces.Open(place, PlaceUse.Read, context.Places, CancellationToken.None);
        _ = ImageReference.TryParse(parsed.Name ?? "", out var reference, out _);
        return await AlgorithmImage.Read(image.Place, image.Tag, name, digest => parsed.Kind == PlaceKind.Registry ? $"{reference.Name}@{digest}" : place, CancellationToken.None);
    }

    private Reading<Algorithm>? InEngine(string? engine, string reference, string name) =>
        _engines.Find(engine, reference, CancellationToken.None) is { } found ? AlgorithmImage.FromLabels(found.Labels, name, found.Id) : null;

    private static ImageException Absent(string where, string name) => new(ImageCodes.NotInEngine, $"{Wording.Quote(name)} is not in {where}.", "Check the name and the tag.");

    /// <summary>Paths in a workflow start at its folder.</summary>
    private static string Anchored(string name, string directory)
    {
        if (directory.Length == 0 || !PlaceName.TryParse(name, out var place, out _) || place.Path.Length == 0) return name;
        var prefix = place.Kind switch { PlaceKind.OciArchive => "oci-archive:", PlaceKind.DockerArchive => "docker-archive:", PlaceKind.Layout => "oci:", _ => "" };
        return $"{prefix}{Path.GetFullPath(place.Path, Path.GetFullPath(directory))}{(place.Name is null ? "" : $":{place.Name}")}";
    }
}
