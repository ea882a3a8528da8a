using Yunpipe.Documents;
using Yunpipe.Workflows;

namespace Yunpipe.Items;

/// <summary>Finds the companions of a file: a template relative to its folder, or from the input's root where it starts with a slash.</summary>
internal sealed class Sidecars(InputSpec spec, Func<string, SourceFile?> stat)
{
    public Part? Of(ItemFile file, IReadOnlyDictionary<string, string> meta, out ItemProblem? problem)
    {
        problem = null;
        if (spec.Sidecars.Count == 0) return Part.Of(file);
        var folder = file.Path[..(file.Path.LastIndexOf('/') + 1)];
        var found = new List<ItemFile>();
        foreach (var sidecar in spec.Sidecars)
        {
            var name = sidecar.Path.Expand(inserted => inserted switch
            {
                "stem" => Stem.Of(file.Name, spec.Extensions),
                "name" => file.Name,
                _ => meta.GetValueOrDefault(MetaValue.NameOf(inserted)),
            });
            var path = name is null ? null : name.StartsWith('/') ? name[1..] : folder + name;
            if (path is not null && ItemKey.Flaw(path) is null && stat(path) is { } companion)
            {
                found.Add(new ItemFile(Place.Input, companion.Path, companion.Version, companion.Size, companion.IsDirectory));
                continue;
            }
            if (!sidecar.Required) continue;
            var shown = path ?? sidecar.Path.Source;
            problem = new ItemProblem(ItemCodes.NoSidecar, file.Path, $"{Wording.Quote(file.Path)} has no {Wording.Quote(shown)} beside it.") { Lacks = [shown] };
            return null;
        }
        return new Part(file, found);
    }
}
