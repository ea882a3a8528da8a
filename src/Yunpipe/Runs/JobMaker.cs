using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Items;
using Yunpipe.Stores;
using Yunpipe.Work;
using Yunpipe.Workflows;

namespace Yunpipe.Runs;

/// <summary>Makes jobs out of joined inputs, one for each variant of the step's matrix; and items out of manifests.</summary>
internal static class JobMaker
{
    private const string PartName = "part";

    /// <summary>A job of a step, or why there can be none.</summary>
    public static (Job? Job, string? Flaw) Make(StepProgram step, Variant variant, string key, string origin,
        IReadOnlyDictionary<string, string> meta, IReadOnlyList<JobInput> inputs, IReadOnlyList<string> missing)
    {
        if (variant.Meta.Count > 0)
        {
            var with = new Dictionary<string, string>(meta, StringComparer.Ordinal);
            foreach (var (name, value) in variant.Meta) with[name] = value;
            meta = with;
            key = DerivedKey.OfVariant(key, variant.Meta);
        }
        if (ItemKey.Flaw(key) is { } flaw) return (null, $"The key “{key}” {flaw}.");
        var (variables, problem) = Values(step, variant, meta);
        if (variables is null) return (null, problem);
        return (new Job
        {
            Id = JobIdentity.OfJob(step.Name, step.Identity, variables, inputs), Step = step.Name, Key = key, Origin = origin, Meta = meta,
            Variables = variables, Inputs = inputs, Missing = missing,
        }, null);
    }

    /// <summary>The item that a manifest stands for: its outputs as parts, under their immutable places.</summary>
    public static Item ToItem(Manifest manifest)
    {
        var parts = new Dictionary<string, Part>(StringComparer.Ordinal);
        foreach (var group in manifest.Outputs.GroupBy(output => output.Port))
        {
            var files = group.Select(output => FileOf(manifest, output)).ToList();
            parts[group.Key] = new Part(files[0], files.Count > 1 ? files[1..] : []);
        }
        return new Item(manifest.Key, manifest.Origin, parts, manifest.Meta);
    }

    /// <summary>One item for each file of a scattering output.</summary>
    public static IEnumerable<(string Path, Item Item)> Scattered(Manifest manifest, string port)
    {
        foreach (var output in manifest.Outputs)
            if (output.Port == port)
                yield return (output.Path, new Item(DerivedKey.OfScattered(manifest.Key, output.Path), manifest.Origin,
                    new Dictionary<string, Part> { [port] = Part.Of(FileOf(manifest, output)) }, manifest.Meta));
    }

    /// <summary>What an input takes from an item; null where the item has no such part.</summary>
    public static Part? PartOf(Item item, BoundInput input)
    {
        if (input.Output is { } output) return item.Parts.GetValueOrDefault(output.Name);
        if (input.Part is { } part) return item.Parts.GetValueOrDefault(part);
        return item.Parts.Count == 1 ? item.Parts.Values.First() : item.Parts.GetValueOrDefault(input.Port.Name);
    }

    /// <summary>What an input that takes a list takes from an item: its part, or where no part is named all of them, each as a member of its own
    /// whose metadata <c>part</c> says which it is. Empty where the item has no such part.</summary>
    public static IReadOnlyList<InputMember> MembersOf(Item item, BoundInput input)
    {
        if (input is { From: null, Part: null, Port.List: true })
            return [.. item.Parts.Select(part => new InputMember($"{item.Key}/{part.Key}", part.Value, new Dictionary<string, string>(item.Meta, StringComparer.Ordinal) { [PartName] = part.Key }))];
        return PartOf(item, input) is { } found ? [new InputMember(item.Key, found, item.Meta)] : [];
    }

    private static ItemFile FileOf(Manifest manifest, ManifestOutput output) =>
        new(Place.Job, $"{manifest.Step}/{manifest.HeldBy}/{output.Path}", output.Digest, output.Size, output.IsDirectory) { Attempt = manifest.Last.Id };

    private static (IReadOnlyDictionary<string, VariableValue>? Values, string? Flaw) Values(StepProgram step, Variant variant, IReadOnlyDictionary<string, string> meta)
    {
        var templates = step.Plan.Step.VariableTemplates;
        if (variant.Values.Count == 0 && templates.Count == 0) return (step.Variables, null);
        var values = new Dictionary<string, VariableValue>(step.Variables, StringComparer.Ordinal);
        foreach (var (name, value) in variant.Values) values[name] = value;
        foreach (var (name, template) in templates)
        {
            if (MetaValue.Expand(template, meta) is not { } text) return (null, $"The variable “{name}” of step “{step.Name}” needs metadata that the item does not have: {template}.");
            var problems = new ProblemList();
            var variable = step.Algorithm.Variables.First(candidate => candidate.Name == name);
            if (VariableValues.Parse(variable, text, step.Plan.Step.Source, problems) is not { } value || problems.Count > 0)
                return (null, problems.Count > 0 ? problems.Sorted()[0].Message : $"The variable “{name}” of step “{step.Name}” cannot be “{text}”.");
            values[name] = value;
        }
        return (values, null);
    }
}
