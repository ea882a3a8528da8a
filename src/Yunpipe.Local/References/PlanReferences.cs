using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Workflows;

namespace Yunpipe.Local.References;

/// <summary>Where reference data of a place elsewhere lies on this machine.</summary>
/// <param name="Path">Of the copy; the place itself where it was not brought here.</param>
/// <param name="Digest">Of the content; where it was not brought, something that no content has.</param>
/// <param name="Missing">Bytes that were not brought here; null where it is here.</param>
public sealed record LocalReference(string Path, string Digest, long? Missing = null);

/// <summary>A plan whose reference data is on this machine.</summary>
/// <param name="Digests">Of what was brought here, by path.</param>
/// <param name="Missing">Places that were not brought here, with their bytes.</param>
public sealed record BroughtPlan(Plan Plan, IReadOnlyDictionary<string, string> Digests, IReadOnlyList<KeyValuePair<string, long>> Missing)
{
    public static BroughtPlan AsIs(Plan plan) => new(plan, new Dictionary<string, string>(), []);
}

/// <summary>Brings reference data that lies elsewhere here, once for the plan; everybody behind this sees files and folders of this machine.</summary>
public static class PlanReferences
{
    /// <summary>Brings what was looked at. A problem is the end of a sentence that begins with place, variable and step.</summary>
    public delegate Task<Reading<LocalReference>> Bringing(CancellationToken cancel);

    /// <summary>Looks at what a place names, a file or (true) a directory.</summary>
    public delegate Task<Reading<Bringing>> Looking(string place, bool directory, CancellationToken cancel);

    /// <param name="unreachable">The code of a problem after which nobody is asked any further.</param>
    public static async Task<Reading<BroughtPlan>> Bring(Plan plan, Looking look, string unreachable, CancellationToken cancel)
    {
        var named = new Dictionary<(string Place, bool Directory), (PlanStep Step, Variable Variable)>();
        foreach (var step in plan.Steps)
            foreach (var (variable, place) in Remote(step)) named.TryAdd((place, IsDirectory(variable)), (step, variable));
        if (named.Count == 0) return new(BroughtPlan.AsIs(plan), []);
        var (problems, looked, here) = (new List<Problem>(), new Dictionary<(string Place, bool Directory), Bringing>(), new Dictionary<(string Place, bool Directory), LocalReference>());
        // All are looked at before the first is brought: what is absent is told at once, and not after an hour.
        foreach (var each in named.Keys)
            if (Told(await look(each.Place, each.Directory, cancel), each) is { } found) looked[each] = found;
            else if (problems[^1].Code == unreachable) break;
        if (problems.Count > 0) return new(null, problems);
        foreach (var (each, bring) in looked)
            if (Told(await bring(cancel), each) is { } found) here[each] = found;
            else return new(null, problems);
        var missing = here.Where(entry => entry.Value.Missing is not null).Select(entry => new KeyValuePair<string, long>(entry.Key.Place, entry.Value.Missing!.Value)).ToList();
        var steps = plan.Steps.Select(step => step with
        {
            Values = Placed(step, step.Values, here), Variants = [.. step.Variants.Select(variant => variant with { Values = Placed(step, variant.Values, here) })],
        });
        return new(new BroughtPlan(plan with { Steps = [.. steps] }, here.Values.DistinctBy(copy => copy.Path).ToDictionary(copy => copy.Path, copy => copy.Digest), missing), []);

        T? Told<T>(Reading<T> reading, (string Place, bool Directory) each) where T : class
        {
            var (step, variable) = named[each];
            problems.AddRange(reading.Problems.Select(problem => problem with
            {
                Message = $"{Wording.Quote(each.Place)}, the value of {Wording.Quote(variable.Name)} of step {Wording.Quote(step.Name)}, {problem.Message}", Where = step.Step.Source,
            }));
            return reading.Value;
        }
    }

    private static IEnumerable<(Variable Variable, string Place)> Remote(PlanStep step) =>
        from variable in step.Algorithm.Variables
        where ReferencePath.IsReference(variable)
        from values in step.Variants.Select(variant => variant.Values).Prepend(step.Values)
        where values.ContainsKey(variable.Name)
        from place in values[variable.Name].Items
        where ReferencePath.IsRemote(place)
        select (variable, place);

    private static Dictionary<string, VariableValue> Placed(PlanStep step, IReadOnlyDictionary<string, VariableValue> given, Dictionary<(string Place, bool Directory), LocalReference> here)
    {
        var values = new Dictionary<string, VariableValue>(given, StringComparer.Ordinal);
        foreach (var variable in step.Algorithm.Variables.Where(ReferencePath.IsReference))
            if (values.TryGetValue(variable.Name, out var value))
                values[variable.Name] = value with { Items = [.. value.Items.Select(item => here.GetValueOrDefault((item, IsDirectory(variable)))?.Path ?? item)] };
        return values;
    }

    private static bool IsDirectory(Variable variable) => (variable.Type == VariableType.List ? variable.Of : variable.Type) == VariableType.Directory;
}
