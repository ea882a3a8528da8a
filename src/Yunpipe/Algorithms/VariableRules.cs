using Yunpipe.Documents;

namespace Yunpipe.Algorithms;

/// <summary>Rules between variables. A variable counts as given when it has a value and is not a flag that is off.</summary>
internal static class VariableRules
{
    public static void Check(Algorithm algorithm, VariableRule rule, IReadOnlyDictionary<string, VariableValue> values, Location where, ProblemList problems)
    {
        var given = rule.Variables.Where(name => IsGiven(algorithm, name, values)).ToList();
        switch (rule.Kind)
        {
            case RuleKind.OneOf when given.Count == 0:
                problems.Add(AlgorithmCodes.RuleBroken, where, $"{Wording.Quote(algorithm.Name)} needs one of {Wording.AnyOf(rule.Variables)}.");
                break;
            case RuleKind.OneOf or RuleKind.AtMostOne when given.Count > 1:
                problems.Add(AlgorithmCodes.RuleBroken, where, $"{Wording.Quote(algorithm.Name)} takes only one of {Wording.AnyOf(rule.Variables)}, and {given.Count} are given.");
                break;
            case RuleKind.AtLeastOne when given.Count == 0:
                problems.Add(AlgorithmCodes.RuleBroken, where, $"{Wording.Quote(algorithm.Name)} needs at least one of {Wording.AnyOf(rule.Variables)}.");
                break;
            case RuleKind.AllOrNone when given.Count > 0:
                foreach (var missing in rule.Variables.Except(given))
                    problems.Add(AlgorithmCodes.RuleBroken, where, $"{Wording.Quote(algorithm.Name)} takes all of {Wording.AllOf(rule.Variables)} or none, and {Wording.Quote(missing)} is not given.");
                break;
            case RuleKind.Requires when given.Contains(rule.Variables[0]):
                foreach (var missing in rule.Variables.Skip(1).Except(given))
                    problems.Add(AlgorithmCodes.RuleBroken, where, $"{Wording.Quote(rule.Variables[0])} of {Wording.Quote(algorithm.Name)} needs {Wording.Quote(missing)} too.");
                break;
        }
    }

    /// <summary>Members of which a rule wants one or more that are not given.</summary>
    public static IEnumerable<string> Missing(Algorithm algorithm, VariableRule rule, IReadOnlyDictionary<string, VariableValue> values)
    {
        var given = rule.Variables.Where(name => IsGiven(algorithm, name, values)).ToList();
        return rule.Kind switch
        {
            RuleKind.OneOf or RuleKind.AtLeastOne when given.Count == 0 => rule.Variables,
            RuleKind.AllOrNone when given.Count > 0 => rule.Variables.Except(given),
            RuleKind.Requires when given.Contains(rule.Variables[0]) => rule.Variables.Skip(1).Except(given),
            _ => [],
        };
    }

    private static bool IsGiven(Algorithm algorithm, string member, IReadOnlyDictionary<string, VariableValue> values)
    {
        var (name, wanted) = VariableRule.Member(member);
        if (!values.TryGetValue(name, out var value)) return false;
        if (wanted is not null) return value.Items.Contains(wanted);
        return !(value.Text == "false" && algorithm.Variables.Any(variable => variable.Name == name && variable.Type == VariableType.Flag));
    }
}
