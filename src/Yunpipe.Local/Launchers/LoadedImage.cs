using Yunpipe.Documents;
using Yunpipe.Images;
using Yunpipe.Local.Images;

namespace Yunpipe.Local.Launchers;

/// <summary>Brings an image out of a folder or an archive into an engine, under a name made of its content, so that it is loaded once.</summary>
internal static class LoadedImage
{
    private static readonly TimeSpan AskPatience = TimeSpan.FromSeconds(30);

    /// <summary>The name that the image has in the engine.</summary>
    /// <param name="place">As <see cref="PlaceName"/> has it.</param>
    public static Reading<string> Load(ContainerEngine engine, string place, Action<string>? says, CancellationToken cancel)
    {
        try
        {
            return new(Task.Run(() => LoadNow(engine, place, says, cancel), cancel).GetAwaiter().GetResult(), []);
        }
        catch (ImageException error)
        {
            return new(null, [error.Problem]);
        }
    }

    private static async Task<string> LoadNow(ContainerEngine engine, string place, Action<string>? says, CancellationToken cancel)
    {
        var environment = engine.Environment.Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        await using var from = await ImagePlaces.Open(place, PlaceUse.Read, new ImagePlaceSettings { Environment = environment }, cancel);
        var document = await from.Place.ReadManifest(from.Tag, cancel);
        if (document.IsIndex)
            document = await from.Place.ReadDocument(ImageCopy.Find(ImageIndex.Read(document, from.Place.Name), ImagePlatform.Here)
                ?? throw new ImageException(ImageCodes.NoPlatform, $"{from.Place.Name} has no image for {ImagePlatform.Here}.", "Ask its author for a build."), cancel);
        var name = new ImageReference("localhost", "yunpipe-loaded", ImageManifest.Read(document, from.Place.Name).Config.Digest.Hex[..16], null);
        if (engine.Ask(["image", "inspect", "--format", "{{.Id}}", name.ToString()], AskPatience, cancel).Ok) return name.ToString();
        says?.Invoke($"loading {place} into {engine.Name}");
        await using var to = await new EngineImages(environment).Open(engine.Name, name, PlaceUse.Write, true, cancel)
            ?? throw new ImageException(ImageCodes.EngineFailed, $"{engine.Name} does not answer.", null);
        await ImageCopy.Run(from.Place, from.Tag, to, name.Tag, [], null, cancel);
        return name.ToString();
    }
}
