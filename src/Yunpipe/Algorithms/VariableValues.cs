using Yunpipe.Documents;

namespace Yunpipe.Algorithms;

/// <summary>Text and document nodes into canonical values, the checks of values, and values into arguments.</summary>
public static class VariableValues
{
    private static readonly IReadOnlyDictionary<string, VariableValue> None = new Dictionary<string, VariableValue>();

    /// <summary>A value from a document; null, reported, where it is none. A single value is a list of one for a list variable.</summary>
    public static VariableValue? Read(Variable variable, DocumentNode node, ProblemList problems)
    {
        if (node is ListNode && variable.Type != VariableType.List || node is MapNode)
        {
            problems.Add(AlgorithmCodes.WrongType, node.Where, $"{Wording.Quote(variable.Name)} wants {Describe(variable.Type)}, and this is {node.Kind}.");
            return null;
        }
        var nodes = node is ListNode list ? list.Items : [node];
        var items = new List<string>(nodes.Count);
        var before = problems.Count;
        foreach (var item in nodes)
        {
            if (item is not ScalarNode { IsNull: false } scalar)
                problems.Add(AlgorithmCodes.WrongType, item.Where, $"{Wording.Quote(variable.Name)} wants {Describe(MemberType(variable))}, and this is {item.Kind}.");
            else if (Canonical(variable, scalar.Text, scalar.Where, problems) is { } text) items.Add(text);
        }
        if (problems.Count == before) Count(variable, items.Count, node.Where, problems);
        return problems.Count == before ? new VariableValue(items, variable.Type == VariableType.List) : null;
    }

    /// <summary>A value from the command line; members of a list are separated by commas.</summary>
    public static VariableValue? Parse(Variable variable, string text, Location where, ProblemList problems)
    {
        var isList = variable.Type == VariableType.List;
        var before = problems.Count;
        var items = new List<string>();
        foreach (var part in isList ? text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [text])
            if (Canonical(variable, part, where, problems) is { } item) items.Add(item);
        if (problems.Count == before) Count(variable, items.Count, where, problems);
        return problems.Count == before ? new VariableValue(items, isList) : null;
    }

    /// <summary>All values of a job, in the order declared: what is given, else the default; a missing optional value is left out.
    /// Unknown names, missing required ones, values against their own rules and rules between variables are problems.</summary>
    /// <param name="where">Where the values are given: the step in its workflow, or the command line.</param>
    public static Reading<IReadOnlyDictionary<string, VariableValue>> Resolve(Algorithm algorithm, IReadOnlyDictionary<string, VariableValue>? given, Location where)
    {
        given ??= None;
        var problems = new ProblemList();
        foreach (var name in given.Keys)
            if (algorithm.Variables.All(variable => variable.Name != name)) Unknown(algorithm, name, where, problems);

        var values = new Dictionary<string, VariableValue>(StringComparer.Ordinal);
        foreach (var variable in algorithm.Variables)
        {
            if (given.TryGetValue(variable.Name, out var value))
            {
                Check(variable, value, where, problems);
                values[variable.Name] = value;
            }
            else if (variable.Default is { } fallback) values[variable.Name] = fallback;
            else if (variable.Required)
                problems.Add(AlgorithmCodes.MissingVariable, where, $"The variable {Wording.Quote(variable.Name)} of {Wording.Quote(algorithm.Name)} needs a value.",
                    variable.Help.Length > 0 ? $"It is: {variable.Help}." : null);
        }
        foreach (var rule in algorithm.Rules) VariableRules.Check(algorithm, rule, values, where, problems);
        return problems.ToReading<IReadOnlyDictionary<string, VariableValue>>(values);
    }

    /// <summary>Reports a name that is no variable of the algorithm, with the nearest one.</summary>
    public static void Unknown(Algorithm algorithm, string name, Location where, ProblemList problems)
    {
        var known = algorithm.Variables.Select(variable => variable.Name).ToList();
        problems.Add(AlgorithmCodes.UnknownVariable, where, $"{Wording.Quote(name)} is not a variable of {Wording.Quote(algorithm.Name)}.",
            Wording.DidYouMean(name, known) ?? (known.Count == 0 ? "It has no variables." : $"It has {Wording.AnyOf(known)}."));
    }

    /// <summary>What the variable puts into the command: nothing for a missing value, for an empty list, and for a flag that is off and owns a switch.</summary>
    public static CommandValue? ToArguments(Variable variable, VariableValue? value)
    {
        if (value is null) return null;
        if (variable is { Type: VariableType.Flag, Flag: { } option }) return value.Text == "true" ? CommandValue.Of(option) : null;
        if (value.IsList && value.Items.Count == 0) return null;
        return FlaggedValue.Of(value.Items, value.IsList, variable.Flag, variable.Separator, variable.ListSeparator, variable.Repeat);
    }

    /// <summary>The value as text for names, environment and inside a token; null for a missing one.</summary>
    public static string? ToText(Variable variable, VariableValue? value) =>
        value is null || value.IsList && value.Items.Count == 0 ? null : value.IsList ? string.Join(variable.ListSeparator ?? ",", value.Items) : value.Text;

    private static void Check(Variable variable, VariableValue value, Location where, ProblemList problems)
    {
        if (value.IsList != (variable.Type == VariableType.List))
        {
            problems.Add(AlgorithmCodes.WrongType, where, $"{Wording.Quote(variable.Name)} wants {Describe(variable.Type)}.");
            return;
        }
        foreach (var item in value.Items) Canonical(variable, item, where, problems);
        Count(variable, value.Items.Count, where, problems);
    }

    private static void Count(Variable variable, int count, Location where, ProblemList problems)
    {
        if (variable.Type != VariableType.List || count >= (variable.MinItems ?? 0) && count <= (variable.MaxItems ?? int.MaxValue)) return;
        var wanted = variable.MinItems == variable.MaxItems ? $"{variable.MinItems}" : count < (variable.MinItems ?? 0) ? $"at least {variable.MinItems}" : $"at most {variable.MaxItems}";
        problems.Add(AlgorithmCodes.OutOfRange, where, $"{Wording.Quote(variable.Name)} wants {wanted} members, and has {count}.");
    }

    private static string? Canonical(Variable variable, string text, Location where, ProblemList problems)
    {
        if (ValueFlaw.Of(variable, text, out var canonical) is not { } flaw) return canonical;
        problems.Add(flaw.Code, where, flaw.Message, flaw.Advice);
        return null;
    }

    internal static VariableType MemberType(Variable variable) => variable.Type == VariableType.List ? variable.Of : variable.Type;

    internal static string Describe(VariableType type) => type switch
    {
        VariableType.Integer => "a whole number",
        VariableType.Number => "a number",
        VariableType.Flag => "true or false",
        VariableType.Enum => "one of its values",
        VariableType.File => "the path of a file",
        VariableType.Directory => "the path of a directory",
        VariableType.List => "a list",
        _ => "a text",
    };
}
