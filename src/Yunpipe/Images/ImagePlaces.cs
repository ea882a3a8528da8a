using Yunpipe.Documents;
using Yunpipe.Images.Files;
using Yunpipe.Images.Registries;

namespace Yunpipe.Images;

/// <summary>An open place, and what the image is called there.</summary>
/// <param name="Tag">A tag, a digest, or a name within a folder; null where nothing was said.</param>
public sealed record PlacedImage(ImagePlace Place, string? Tag) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Place.DisposeAsync();
}

/// <summary>Opens places by the names that people write (<see cref="PlaceName"/>). A bare reference is read from where it is:
/// <code>
/// said with --from      registry, docker, podman          from there
/// registry.org/lab/x    the registry has it               the registry: nothing of it need be moved
///                       it has not, or is not reached     an engine that has it, otherwise what the registry said
/// x:1.2, localhost/x    an engine has it                  that engine
///                       none has                          docker.io; for localhost: there is no such image
/// </code>
/// and written to its registry, always.</summary>
public static class ImagePlaces
{
    /// <summary>Opens; an <see cref="ImageException"/> says why not. For reading, only a bare reference is looked up already.</summary>
    public static async Task<PlacedImage> Open(string text, PlaceUse use, ImagePlaceSettings settings, CancellationToken cancel)
    {
        if (!PlaceName.TryParse(text, out var place, out var flaw))
            throw new ImageException(ImageCodes.BadPlace, $"{Wording.Quote(text)} is no place of an image: {flaw}.", "Write registry/name:tag, oci:FOLDER, FILE.tar, docker-daemon:NAME or podman:NAME.");
        switch (place.Kind)
        {
            case PlaceKind.Layout: return new PlacedImage(new LayoutPlace(place.Path, settings.Time), place.Name);
            case PlaceKind.Archive or PlaceKind.OciArchive or PlaceKind.DockerArchive: return new PlacedImage(Archive(place, use, settings.Progress), place.Name);
            case PlaceKind.Docker: return await Engine("docker", place.Name!, use, settings, cancel);
            case PlaceKind.Podman: return await Engine("podman", place.Name!, use, settings, cancel);
        }
        _ = ImageReference.TryParse(place.Name!, out var reference, out _);
        if (place.Kind == PlaceKind.Registry || use == PlaceUse.Write) return Registry(reference, use, settings);
        return settings.From switch
        {
            "registry" => Registry(reference, use, settings),
            "docker" or "podman" => await Engine(settings.From, place.Name!, use, settings, cancel),
            null => await WhereItIs(reference, settings, cancel),
            _ => throw new ImageException(ImageCodes.BadPlace, $"Images are not read from {Wording.Quote(settings.From)}.", "Use --from registry, docker or podman."),
        };
    }

    /// <summary>A repository of a registry; the tag is its digest where one is named.</summary>
    public static PlacedImage Registry(ImageReference reference, PlaceUse use, ImagePlaceSettings settings) =>
        new(new RegistryPlace(new RegistryAddress(ImageNames.RegistryOf(reference)), ImageNames.RepositoryOf(reference), use, settings), reference.Digest?.ToString() ?? reference.Tag ?? ImageNames.Latest);

    private static ImagePlace Archive(PlaceName place, PlaceUse use, IProgress<CopyProgress>? progress)
    {
        if (use == PlaceUse.Read) return new ArchivePlace(place.Path, progress: progress);
        var form = place.Kind switch { PlaceKind.OciArchive => ArchiveForm.Oci, PlaceKind.DockerArchive => ArchiveForm.Docker, _ => ArchiveForm.Any };
        return new NewArchivePlace($"“{place.Path}”", form, () => new ArchiveFile(place.Path));
    }

    private static async Task<PlacedImage> Engine(string engine, string name, PlaceUse use, ImagePlaceSettings settings, CancellationToken cancel)
    {
        // An id is a digest too, and not a reference.
        if (!ImageReference.TryParse(name, out var reference, out _)) reference = new ImageReference(null, name, null, null);
        return settings.Engine is { } open && await open(engine, reference, use, true, cancel) is { } place ? new PlacedImage(place, null)
            : throw new ImageException(ImageCodes.BadPlace, $"There is no {engine} here.", "Name a registry, a folder or an archive.");
    }

    private static async Task<PlacedImage> WhereItIs(ImageReference reference, ImagePlaceSettings settings, CancellationToken cancel)
    {
        async Task<PlacedImage?> Local() => settings.Engine is { } open && await open(null, reference, PlaceUse.Read, false, cancel) is { } place ? new PlacedImage(place, null) : null;

        var isLocal = reference.Registry is null or "localhost";
        if (isLocal && await Local() is { } here) return here;
        if (reference.Registry == "localhost")
            throw new ImageException(ImageCodes.NoImage, $"There is no image “{reference}” in an engine of this machine.", "Check the name and the tag; a registry here is named with its port: localhost:5000.");
        var registry = Registry(reference, PlaceUse.Read, settings);
        if (isLocal) return registry;
        try
        {
            if (await registry.Place.FindManifest(registry.Tag, cancel) is not null) return registry;
            if (await Local() is not { } local) return registry;
            await registry.DisposeAsync();
            return local;
        }
        catch (ImageException error) when (error.Problem.Code is ImageCodes.NeedsLogin or ImageCodes.LoginRefused or ImageCodes.Denied or ImageCodes.Unreachable or ImageCodes.NotTrusted or ImageCodes.PlainHttp)
        {
            await registry.DisposeAsync();
            if (await Local() is { } local) return local;
            throw;
        }
        catch
        {
            await registry.DisposeAsync();
            throw;
        }
    }
}
