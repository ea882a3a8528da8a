using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Workflows;

/// <summary>Multiplies a step by its matrix. An axis, and the metadata that it becomes, is called as the variable is; where items have that name already, <c>step_variable</c>.</summary>
internal static class MatrixAxes
{
    private const int MostVariants = 10_000;

    public static (IReadOnlyList<Axis> Axes, IReadOnlyList<Variant> Variants) Of(Step step, MetaNames meta, ProblemList problems)
    {
        var axes = new List<Axis>();
        var variants = new List<Variant> { Variant.Plain };
        var before = problems.Count;
        foreach (var (name, values) in step.Matrix)
        {
            Check(step, name, values, problems);
            if (variants.Count * (long)values.Count > MostVariants)
            {
                problems.Add(WorkflowCodes.BadMatrix, step.Source,
                    $"The matrix of {Wording.Quote(step.Name)} makes more than {MostVariants} variants of each item.");
                break;
            }
            var axis = new Axis(meta.Known.Contains(name) ? $"{step.Name}_{name}" : name, [.. values.Select(value => value.Text)]);
            axes.Add(axis);
            variants = [.. variants.SelectMany(variant => values.Select(value => new Variant(
                new Dictionary<string, VariableValue>(variant.Values) { [name] = value }, [.. variant.Meta, new(axis.Name, value.Text)])))];
        }
        return (axes, problems.Count == before ? variants : [Variant.Plain]);
    }

    private static void Check(Step step, string name, IReadOnlyList<VariableValue> values, ProblemList problems)
    {
        if (step.Algorithm.Variables.FirstOrDefault(known => known.Name == name) is not { } variable)
        {
            VariableValues.Unknown(step.Algorithm, name, step.Source, problems);
            return;
        }
        var wrong = values.Count == 0 ? "has no values"
            : values.Distinct().Count() != values.Count ? $"has the value {Wording.Quote(values.GroupBy(value => value).First(group => group.Count() > 1).Key.Text)} twice"
            : step.Matrix.Count(entry => entry.Key == name) > 1 ? "stands there twice"
            : step.Variables.ContainsKey(name) || step.VariableTemplates.ContainsKey(name) ? "is given in the variables of the step too" : null;
        if (wrong is not null) problems.Add(WorkflowCodes.BadMatrix, step.Source, $"{Wording.Quote(name)} in the matrix of {Wording.Quote(step.Name)} {wrong}.");
        foreach (var value in values.Where(value => !value.IsList)) VariableValues.Parse(variable, value.Text, step.Source, problems);
    }
}
