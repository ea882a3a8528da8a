using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Workflows;

/// <summary>The values of a step that are the same for all its jobs.</summary>
internal static class StepValues
{
    public static IReadOnlyDictionary<string, VariableValue> Resolve(Step step, ProblemList problems)
    {
        // What differs from job to job counts as given, so that rules and required variables are checked; its text is checked elsewhere, or when it is known.
        var given = new Dictionary<string, VariableValue>(step.Variables);
        foreach (var (name, values) in step.Matrix)
            if (values.Count > 0 && Known(name)) given.TryAdd(name, values[0]);
        foreach (var name in step.VariableTemplates.Keys)
            given[name] = VariableValue.Of("x");
        var checkedFor = step.VariableTemplates.Count == 0 ? step.Algorithm : step.Algorithm with
        {
            Variables = [.. step.Algorithm.Variables.Select(variable => step.VariableTemplates.ContainsKey(variable.Name) ? new Variable { Name = variable.Name } : variable)],
        };
        var resolved = VariableValues.Resolve(checkedFor, given, step.Source);
        problems.AddRange(resolved.Problems);
        var differing = step.Matrix.Select(entry => entry.Key).Concat(step.VariableTemplates.Keys).ToHashSet();
        return resolved.Value?.Where(entry => !differing.Contains(entry.Key)).ToDictionary(entry => entry.Key, entry => entry.Value) ?? [];

        bool Known(string name) => step.Algorithm.Variables.Any(variable => variable.Name == name);
    }
}
