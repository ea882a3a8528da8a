using Yunpipe.Algorithms;
using Yunpipe.Items;
using Yunpipe.Stores;
using Yunpipe.Workflows;

namespace Yunpipe.Work;

/// <summary>Where an output stands in the readable tree (docs/decisions/0002-view-paths.md).</summary>
public static class ViewPath
{
    private const string Own = "_yunpipe/";

    /// <summary>The entries of a manifest's view under a layout.</summary>
    public static IReadOnlyList<ViewEntry> Of(Manifest manifest, PlanStep step, Template layout)
    {
        if (manifest.Outputs.Count == 0) return [];
        var entries = new List<ViewEntry>(manifest.Outputs.Count);
        foreach (var output in manifest.Outputs)
        {
            var path = Prefix(manifest, step, output.Port) + output.Path;
            var entry = layout.Expand(name => name switch
            {
                "step" => manifest.Step,
                "path" => path,
                "key" => manifest.Key,
                "stem" => ItemStem.Of(step, manifest.Key, manifest.Origin),
                "name" => output.Path[(output.Path.LastIndexOf('/') + 1)..],
                "output" => output.Port,
                _ when name.StartsWith("meta.", StringComparison.Ordinal) => manifest.Meta.GetValueOrDefault(name[5..]),
                _ => manifest.Meta.GetValueOrDefault(name),
            });
            entries.Add(new ViewEntry(entry ?? $"{manifest.Step}/{path}", output));
        }
        return entries;
    }

    /// <summary>Null where every entry stays inside the output folder and out of the store's own; metadata in a layout may hold anything.</summary>
    public static Failure? Flaw(IReadOnlyList<ViewEntry> entries)
    {
        foreach (var entry in entries)
            if (ItemKey.Flaw(entry.Path) is { } flaw) return new Failure(Cause.OutputName, $"The result would stand at “{entry.Path}”, which {flaw}.");
            else if (entry.Path.StartsWith(Own, StringComparison.Ordinal)) return new Failure(Cause.OutputName, $"The result would stand at “{entry.Path}”, among Yunpipe's own records.");
        return null;
    }

    private static string Prefix(Manifest manifest, PlanStep step, string port)
    {
        var key = manifest.Key;
        if (step.Step.Gather is { } gather) return gather.By is null ? "" : key + "/";
        return Folder(key, ItemStem.Of(step, key, manifest.Origin), step.Algorithm.Outputs.FirstOrDefault(output => output.Name == port));
    }

    /// <summary>An output whose name says which item it is of stands beside the others of its folder; one whose name does not gets a folder of its own.
    /// Empty, or with a slash at its end.</summary>
    public static string Folder(string key, string stem, OutputPort? port)
    {
        var folder = key[..(key.LastIndexOf('/') + 1)];
        var saysItem = port?.Path.Names.Any(name => name is "stem" or "key" or "path") == true;
        return saysItem ? folder : $"{folder}{stem}/";
    }
}
