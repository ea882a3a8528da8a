using Yunpipe.Documents;

namespace Yunpipe.Algorithms;

/// <summary>Variables and the rules between them.</summary>
internal static class VariableReader
{
    public static IReadOnlyList<Variable> Read(Fields algorithm)
    {
        var variables = new List<Variable>();
        foreach (var entry in algorithm.Entries("variables"))
        {
            NameRule.Check(entry, "a variable", algorithm.Problems);
            variables.Add(Read(entry, algorithm.Problems));
        }
        return variables;
    }

    private static Variable Read(MapEntry entry, ProblemList problems)
    {
        if (entry.Value is not MapNode && !entry.Value.IsNull)
        {
            problems.Add(DocumentCodes.WrongKind, entry.Value.Where, $"The variable {Wording.Quote(entry.Key)} wants a map, and this is {entry.Value.Kind}.",
                $"Write {entry.Key}: {{type: number, default: 1.5}}.");
            return new Variable { Name = entry.Key };
        }
        var fields = Fields.Of(entry.Value, "a variable", problems);
        var before = problems.Count;
        var values = fields.Texts("values");
        var type = fields.Word("type", values.Count > 0 ? VariableType.Enum : VariableType.String, AlgorithmWords.Types);
        var variable = new Variable
        {
            Name = entry.Key,
            Type = type,
            Of = fields.Word("of", type == VariableType.List && values.Count > 0 ? VariableType.Enum : VariableType.String, AlgorithmWords.MemberTypes),
            Required = fields.Flag("required", false),
            Minimum = fields.Number("minimum"),
            Maximum = fields.Number("maximum"),
            Above = fields.Number("above"),
            Below = fields.Number("below"),
            MinItems = fields.Has("minItems") ? fields.Integer("minItems", 0, 0, 10_000) : null,
            MaxItems = fields.Has("maxItems") ? fields.Integer("maxItems", 1, 1, 10_000) : null,
            Pattern = fields.Text("pattern"),
            Values = values,
            Help = fields.Text("help") ?? "",
            Flag = fields.Text("flag"),
            // “--sigma” and “1.5” in one argument with a space between them is never what a program reads.
            Separator = fields.Text("separator") is { } separator && separator != " " ? separator : null,
            ListSeparator = fields.Text("listSeparator"),
            Repeat = fields.Flag("repeat", false),
        };
        var fallback = fields.Node("default");
        fields.Done();
        Contradictions(variable, fields, problems);
        if (problems.Count > before || fallback is null) return variable;
        if (variable.Required) problems.Add(AlgorithmCodes.BadDefault, fallback.Where, $"{Wording.Quote(variable.Name)} is required and has a default.", "Leave one out.");

        var found = new ProblemList();
        var value = VariableValues.Read(variable, fallback, found);
        foreach (var problem in found.Sorted()) problems.Add(problem with { Code = AlgorithmCodes.BadDefault, Message = "The default is against the variable's own rules: " + problem.Message });
        return variable with { Default = value };
    }

    private static void Contradictions(Variable variable, Fields fields, ProblemList problems)
    {
        var type = VariableValues.MemberType(variable);
        void Only(string key, bool fits, string what)
        {
            if (!fits && fields.Has(key))
                problems.Add(AlgorithmCodes.Contradiction, fields.Place(key), $"{Wording.Quote(key)} belongs to {what}, and {Wording.Quote(variable.Name)} is {Described(variable)}.");
        }
        Only("of", variable.Type == VariableType.List, "a list");
        foreach (var key in (ReadOnlySpan<string>)["listSeparator", "repeat", "minItems", "maxItems"]) Only(key, variable.Type == VariableType.List, "a list");
        foreach (var key in (ReadOnlySpan<string>)["minimum", "maximum", "above", "below"]) Only(key, type is VariableType.Integer or VariableType.Number, "a number");
        Only("values", type == VariableType.Enum, "an enum");
        Only("pattern", type is VariableType.String or VariableType.File or VariableType.Directory, "a string");
        if (variable.Separator is not null && (variable.Flag is null || type == VariableType.Flag))
            problems.Add(AlgorithmCodes.Contradiction, fields.Place("separator"), $"“separator” stands between a flag and its value, and {Wording.Quote(variable.Name)} has not both.");
        if (type == VariableType.Enum && variable.Values.Count == 0)
            problems.Add(AlgorithmCodes.Contradiction, fields.Place("type"), $"The enum {Wording.Quote(variable.Name)} has no values.", "List them: values: [low, high].");
        foreach (var twice in variable.Values.GroupBy(value => value).Where(group => group.Count() > 1))
            problems.Add(AlgorithmCodes.DuplicateName, fields.Place("values"), $"The value {Wording.Quote(twice.Key)} stands here twice.");
        if (variable.Minimum > variable.Maximum)
            problems.Add(AlgorithmCodes.Contradiction, fields.Place("minimum"),
                $"The minimum {ValueFlaw.Show(variable.Minimum.Value)} is above the maximum {ValueFlaw.Show(variable.Maximum.Value)}.");
        if (variable.Above >= (variable.Below ?? variable.Maximum) || variable.Minimum >= variable.Below)
            problems.Add(AlgorithmCodes.Contradiction, fields.Place(variable.Above is null ? "below" : "above"), $"No number lies between the bounds of {Wording.Quote(variable.Name)}.");
        if (variable.MinItems > variable.MaxItems)
            problems.Add(AlgorithmCodes.Contradiction, fields.Place("minItems"), $"{Wording.Quote(variable.Name)} wants at least {variable.MinItems} members and at most {variable.MaxItems}.");
        if (variable.Repeat) RepeatFlaw(variable.Flag, variable.Separator, variable.ListSeparator, variable.Name, fields);
        if (variable.Flag is { Length: 0 }) problems.Add(DocumentCodes.BadValue, fields.Place("flag"), "The flag is empty.", "It is what the program calls it: --sigma.");
        if (variable.Pattern is { } pattern && LinearPattern.TryParse(pattern, whole: true, out var flaw) is null)
            problems.Add(AlgorithmCodes.BadPattern, fields.Place("pattern"), $"The pattern {Wording.Quote(pattern)} {flaw}.");
    }

    /// <summary>A flag can be repeated where there is one, and members that would stand alone.</summary>
    internal static void RepeatFlaw(string? flag, string? separator, string? listSeparator, string name, Fields fields)
    {
        if (flag is null || listSeparator is not null)
            fields.Problems.Add(AlgorithmCodes.Contradiction, fields.Place("repeat"), $"“repeat” puts the flag before every member, and {Wording.Quote(name)} has {(flag is null ? "no flag" : "all members in one argument")}.");
        else if (separator is not null)
            fields.Problems.Add(AlgorithmCodes.Contradiction, fields.Place("repeat"), "With a separator every member has the flag anyway.", "Leave “repeat” out.");
    }

    private static string Described(Variable variable) => variable.Type switch
    {
        VariableType.List => $"a list of {AlgorithmWords.Of(AlgorithmWords.Types, variable.Of)}",
        VariableType.Integer or VariableType.Enum => $"an {AlgorithmWords.Of(AlgorithmWords.Types, variable.Type)}",
        _ => $"a {AlgorithmWords.Of(AlgorithmWords.Types, variable.Type)}",
    };

    /// <summary>Each rule is a map of one kind and its variables: <c>oneOf: [a, b]</c>.</summary>
    public static IReadOnlyList<VariableRule> Rules(Fields algorithm, IReadOnlyList<Variable> variables)
    {
        var rules = new List<VariableRule>();
        var problems = algorithm.Problems;
        foreach (var node in algorithm.List("rules"))
        {
            var fields = Fields.Of(node, "a rule", problems);
            var kinds = AlgorithmWords.Rules.Where(rule => fields.Has(rule.Word)).ToList();
            var before = problems.Count;
            fields.Done();
            if (problems.Count > before || node is not MapNode) continue;
            if (kinds.Count != 1)
            {
                problems.Add(AlgorithmCodes.BadRule, node.Where, "A rule has exactly one kind.", $"It can be {Wording.AnyOf(AlgorithmWords.Rules.Select(rule => rule.Word))}.");
                continue;
            }
            var names = fields.Texts(kinds[0].Word);
            var where = fields.Place(kinds[0].Word);
            if (names.Distinct().Count() != names.Count || names.Count < 2) problems.Add(AlgorithmCodes.BadRule, where, "A rule wants at least two different variables.");
            for (var i = 0; i < names.Count; i++)
            {
                var (name, wanted) = VariableRule.Member(names[i]);
                if (variables.FirstOrDefault(variable => variable.Name == name) is not { } variable)
                    problems.Add(AlgorithmCodes.BadRule, where, $"{Wording.Quote(name)} is not a variable.",
                        Wording.DidYouMean(name, variables.Select(known => known.Name)) ?? (variables.Count > 0 ? $"There are {Wording.AllOf(variables.Select(known => known.Name))}." : null));
                else if (wanted is not null)
                {
                    if (ValueFlaw.Of(variable, wanted, out var canonical) is { } flaw) problems.Add(AlgorithmCodes.BadRule, where, flaw.Message, flaw.Advice);
                    else names = [.. names.Take(i), $"{name}={canonical}", .. names.Skip(i + 1)];
                }
                else if (kinds[0].Value != RuleKind.Requires && variable.Default is { } value && !(variable.Type == VariableType.Flag && value.Text == "false"))
                    problems.Add(AlgorithmCodes.BadRule, where, $"{Wording.Quote(name)} has a default and so is always given; the rule would mean nothing.", "Leave its default out.");
            }
            if (problems.Count == before) rules.Add(new VariableRule(kinds[0].Value, names));
        }
        return rules;
    }
}
