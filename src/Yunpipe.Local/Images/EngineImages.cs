using Yunpipe.Documents;
using Yunpipe.Images;
using Yunpipe.Images.Files;
using Yunpipe.Local.Launchers;

namespace Yunpipe.Local.Images;

/// <summary>Images of the docker and podman of this machine, as places. They are read through <c>save</c> and written through <c>load</c>: what both engines
/// have, whichever way they keep their layers.</summary>
/// <param name="Progress">Hears how far saving and loading are; null for nobody.</param>
public sealed record EngineImages(IReadOnlyDictionary<string, string> Environment, IProgress<CopyProgress>? Progress = null)
{
    /// <summary>An engine that nobody named is not worth a long wait.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), Glance = TimeSpan.FromSeconds(10), AskPatience = TimeSpan.FromSeconds(60);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>As <see cref="OpenInEngine"/> wants it.</summary>
    public async Task<ImagePlace?> Open(string? engine, ImageReference name, PlaceUse use, bool required, CancellationToken cancel)
    {
        foreach (var candidate in engine is null ? ContainerEngine.Names : [engine])
        {
            var probe = await Task.Run(() => ContainerEngine.Probe(candidate, Environment, required ? Patience : Glance, cancel), cancel);
            cancel.ThrowIfCancellationRequested();
            if (probe.Value is not { } found)
            {
                if (required) throw new ImageException(probe.Problems[0]);
                continue;
            }
            if (use == PlaceUse.Write) return Target(found, name);
            if (await Has(found, name, cancel)) return new SavedImage(found, name.ToString(), Progress, Time);
            if (required) throw new ImageException(ImageCodes.NotInEngine, $"{candidate} has no image “{name}”.", $"“{candidate} images” lists what it has.");
        }
        return null;
    }

    private static async Task<bool> Has(ContainerEngine engine, ImageReference name, CancellationToken cancel)
    {
        var answer = await Task.Run(() => engine.Ask(["image", "inspect", "--format", "{{.Id}}", name.ToString()], AskPatience, cancel), cancel);
        cancel.ThrowIfCancellationRequested();
        return answer.Ok;
    }

    private NewArchivePlace Target(ContainerEngine engine, ImageReference name)
    {
        if (name.Digest is not null) throw new ImageException(ImageCodes.BadPlace, $"{engine.Name} gives an image its digest itself: “{name}” cannot be written.", "Name a tag.");
        // A bare name is an image of this machine: podman calls that localhost, docker nothing at all.
        var full = engine.IsPodman && name.Registry is null ? name with { Registry = "localhost" } : name;
        if (full.Tag is null) full = full with { Tag = "latest" };
        return new NewArchivePlace($"{engine.Name} ({full})", ArchiveForm.Docker, () => new EngineLoad(engine, full.ToString(), Progress, Time)) { FullName = full.ToString() };
    }

    internal static ImageException Failed(ContainerEngine engine, string doing, string words) => EngineWords.Down(engine.Name, words) is { } down ? new ImageException(down)
        : words.Contains("no space left", StringComparison.OrdinalIgnoreCase)
            ? new ImageException(ImageCodes.DiskFull, $"The disk is full: {engine.Name} could not {doing}.", $"Make room (“{engine.Name} system prune”), then try again.")
            : new ImageException(ImageCodes.EngineFailed, $"{engine.Name} could not {doing}: {EngineWords.Condense(words)}.", null);
}
