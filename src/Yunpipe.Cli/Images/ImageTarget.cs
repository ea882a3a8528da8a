using Yunpipe.Images;

namespace Yunpipe.Cli.Images;

/// <summary>Where an image goes that a command makes of another: where the person says, or beside the other.
/// <code>
/// the other lies in     without --to
/// a registry            the same repository; tag and suffix
/// a local engine        that engine; tag and suffix
/// a layout folder       that folder; name and suffix
/// an archive            a file beside it; name and suffix
/// </code></summary>
/// <param name="Text">As a person types it, to go on with.</param>
/// <param name="Tag">Null where it is to be found by digest only.</param>
internal sealed record ImageTarget(string Text, ImagePlace Place, string? Tag, string? Repository) : IAsyncDisposable
{
    /// <param name="suffix">Null leaves registries without a tag, so that none is moved.</param>
    public static async Task<ImageTarget> Open(string? to, string from, ImagePlace source, string suffix, bool tagged, ImagePlaceSettings settings, CancellationToken cancel)
    {
        var text = to ?? Beside(from, source, suffix, tagged);
        var placed = await ImagePlaces.Open(text, PlaceUse.Write, settings, cancel);
        var isRegistry = placed.Place.WantsPackedLayers;
        var reference = isRegistry && ImageReference.TryParse(Bare(text), out var read, out _) ? read : null;
        var tag = to is null && isRegistry && reference?.Tag is null ? null : placed.Tag;
        return new ImageTarget(isRegistry && tag is not null ? $"{reference!.Name}:{tag}" : Bare(text), placed.Place, tag, reference?.Name);
    }

    /// <summary>The image there by its digest, where that is what it is found by.</summary>
    public string Named(Digest digest) => Repository is null ? Text : $"{Repository}@{digest}";

    public ValueTask DisposeAsync() => Place.DisposeAsync();

    private static string Beside(string from, ImagePlace source, string suffix, bool tagged)
    {
        _ = PlaceName.TryParse(from, out var place, out _);
        string Renamed(string? name) => name is null or "" || Digest.TryParse(name, out _) ? suffix : $"{name}-{suffix}";
        switch (place.Kind)
        {
            case PlaceKind.Layout: return $"oci:{place.Path}:{Renamed(place.Name)}";
            case PlaceKind.Archive or PlaceKind.OciArchive or PlaceKind.DockerArchive:
                var kind = place.Kind switch { PlaceKind.OciArchive => "oci-archive:", PlaceKind.DockerArchive => "docker-archive:", _ => "" };
                return $"{kind}{Stem(place.Path)}-{suffix}.tar{(place.Name is null || Digest.TryParse(place.Name, out _) ? "" : ":" + place.Name)}";
        }
        if (!ImageReference.TryParse(place.Name!, out var reference, out _))
            throw new ImageException(ImageCodes.BadPlace, $"“{place.Name}” is an id, which says no name for what is made of it.", "Say one: --to NAME:TAG.");
        // A digest alone stands for no tag that could be extended.
        var tag = reference.Tag is null && reference.Digest is not null ? null : $"{reference.Tag ?? "latest"}-{suffix}";
        if (source.WantsPackedLayers) return $"docker://{reference.Name}{(tagged && tag is not null ? ":" + tag : "")}";
        return $"{(source.Engine == "podman" ? "podman" : "docker-daemon")}:{reference.Name}:{tag ?? suffix}";
    }

    private static string Stem(string path)
    {
        foreach (var ending in (ReadOnlySpan<string>)[".tar.gz", ".tgz", ".tar"])
            if (path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) return path[..^ending.Length];
        return path;
    }

    private static string Bare(string text) => text.StartsWith("docker://", StringComparison.Ordinal) ? text["docker://".Length..] : text;
}
