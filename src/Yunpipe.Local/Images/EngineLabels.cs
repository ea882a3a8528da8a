using System.Collections.Concurrent;
using System.Text.Json;
using Yunpipe.Images.Wrapping;
using Yunpipe.Local.Launchers;

namespace Yunpipe.Local.Images;

/// <summary>An image of an engine as its labels tell of it.</summary>
/// <param name="Name">What it is called there; its id where it has no name.</param>
public sealed record LabelledImage(string Engine, string Id, string Name, IReadOnlyDictionary<string, string> Labels);

/// <summary>Asks the engines of this machine for the labels of images, which costs one command and moves nothing.</summary>
public sealed class EngineLabels(IReadOnlyDictionary<string, string> environment)
{
    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(5), AskPatience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, ContainerEngine?> _engines = new(StringComparer.Ordinal);

    /// <summary>Null where no engine that answers has the image.</summary>
    /// <param name="engine">Null for any.</param>
    public LabelledImage? Find(string? engine, string reference, CancellationToken cancel)
    {
        foreach (var found in Engines(engine, cancel))
            if (Inspect(found, [reference], cancel) is [var image, ..]) return image;
        return null;
    }

    /// <summary>All images of all engines that carry an algorithm.</summary>
    public IReadOnlyList<LabelledImage> Wrapped(CancellationToken cancel)
    {
        var images = new List<LabelledImage>();
        foreach (var engine in Engines(null, cancel))
        {
            var listed = engine.Ask(["images", "--no-trunc", "--quiet", "--filter", $"label={WrapLabels.Algorithm}"], AskPatience, cancel);
            var ids = listed.Output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct().ToList();
            if (ids.Count > 0) images.AddRange(Inspect(engine, ids, cancel));
        }
        return images;
    }

    private IEnumerable<ContainerEngine> Engines(string? name, CancellationToken cancel) => (name is null ? ContainerEngine.Names : [name])
        .Select(each => _engines.GetOrAdd(each, asked => ContainerEngine.Probe(asked, environment, ProbePatience, cancel).Value)).OfType<ContainerEngine>();

    private static IReadOnlyList<LabelledImage> Inspect(ContainerEngine engine, IReadOnlyList<string> names, CancellationToken cancel)
    {
        var answer = engine.Ask(["image", "inspect", .. names], AskPatience, cancel);
        cancel.ThrowIfCancellationRequested();
        if (!answer.Ok) return [];
        using var document = JsonDocument.Parse(answer.Output);
        return [.. document.RootElement.EnumerateArray().Select(image =>
        {
            var id = image.GetProperty("Id").GetString()!;
            if (!id.Contains(':')) id = "sha256:" + id;
            var tags = image.TryGetProperty("RepoTags", out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Select(tag => tag.GetString()!).ToArray() : [];
            var labels = image.TryGetProperty("Config", out var config) && config.ValueKind == JsonValueKind.Object && config.TryGetProperty("Labels", out var map) && map.ValueKind == JsonValueKind.Object
                ? map.EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString() ?? "", StringComparer.Ordinal) : [];
            return new LabelledImage(engine.Name, id, tags.FirstOrDefault() ?? id, labels);
        })];
    }
}
