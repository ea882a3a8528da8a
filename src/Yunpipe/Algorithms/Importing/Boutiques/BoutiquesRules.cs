using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Importing.Boutiques;

/// <summary>Groups, and what inputs and their values require and disable, as rules between variables.</summary>
internal sealed class BoutiquesRules(ForeignMap tool, BoutiquesInputs inputs, IReadOnlyList<Variable> variables, ImportNotes notes)
{
    private readonly Dictionary<string, Variable> _variables = variables.ToDictionary(variable => variable.Name, StringComparer.Ordinal);
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly List<VariableRule> _rules = [];
    private int _members;

    public static IReadOnlyList<VariableRule> Read(ForeignMap tool, BoutiquesInputs inputs, IReadOnlyList<Variable> variables, ImportNotes notes)
    {
        var rules = new BoutiquesRules(tool, inputs, variables, notes);
        var groups = rules.Groups();
        foreach (var input in inputs.All) rules.Of(input, groups);
        return rules._rules;
    }

    private Dictionary<string, IReadOnlyList<string>> Groups()
    {
        var groups = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var node in tool.List("groups"))
        {
            var group = ForeignMap.Of(node, "a group", notes);
            var (id, members) = (group.RequiredText("id"), group.Texts("members"));
            group.Prose("name", "description");
            var (exclusive, required, together) = (group.Flag("mutually-exclusive"), group.Flag("one-is-required"), group.Flag("all-or-none"));
            group.Rest();
            groups.TryAdd(id, members);
            foreach (var member in members.Where(member => inputs.Find(member) is null)) notes.Wrong(group.Place("members"), $"{Wording.Quote(member)} of the group {Wording.Quote(id)} is not an input.");
            if (exclusive || required) Add(exclusive && required ? RuleKind.OneOf : exclusive ? RuleKind.AtMostOne : RuleKind.AtLeastOne, members, group.Where);
            if (together) Add(RuleKind.AllOrNone, members, group.Where);
        }
        return groups;
    }

    private void Of(BoutiquesInput input, Dictionary<string, IReadOnlyList<string>> groups)
    {
        var source = input.Source;
        var required = source.Texts("requires-inputs").SelectMany(id => groups.GetValueOrDefault(id) ?? [id]).Distinct().ToList();
        if (required.Count > 0) Add(RuleKind.Requires, [input.Id, .. required], source.Place("requires-inputs"));
        foreach (var other in source.Texts("disables-inputs")) Add(RuleKind.AtMostOne, [input.Id, other], source.Place("disables-inputs"));
        foreach (var (key, kind) in ((string, RuleKind)[])[("value-requires", RuleKind.Requires), ("value-disables", RuleKind.AtMostOne)])
            foreach (var choice in source.Entries(key))
            {
                var others = (choice.Value as ListNode)?.Items.OfType<ScalarNode>().Select(item => item.Text).ToList() ?? [];
                if (choice.Value is not ListNode) source.Wrong(key, choice.Value, "lists of inputs");
                if (kind == RuleKind.Requires && others.Count > 0) Add(kind, [$"{input.Id}={choice.Key}", .. others], choice.Where);
                if (kind == RuleKind.AtMostOne)
                    foreach (var other in others) Add(kind, [$"{input.Id}={choice.Key}", other], choice.Where);
            }
    }

    private void Add(RuleKind kind, IReadOnlyList<string> members, Location where)
    {
        // Groups of groups multiply; an algorithm with as many rules is refused in any case.
        if ((_members += members.Count) > AlgorithmReader.MaxEntries)
        {
            if (_members - members.Count <= AlgorithmReader.MaxEntries) notes.Wrong(where, $"Rules between inputs have more than {AlgorithmReader.MaxEntries:N0} members in all.", "Is it the right file?");
            return;
        }
        var names = new List<string>();
        foreach (var member in members.Distinct())
        {
            var (id, value) = inputs.Find(member) is null ? VariableRule.Member(member) : (member, null);
            if (inputs.Find(id) is not { } input) { notes.Wrong(where, $"{Wording.Quote(id)} is not an input."); return; }
            if (_variables.GetValueOrDefault(input.Name) is not { } variable)
            {
                notes.NotCarried(where, $"a rule with {Wording.Quote(id)}, which {(input.IsPort ? "comes with each item" : "stands nowhere in the command")}; rules are between variables.",
                    input.IsPort ? $"Say --reference {id} if it is the same for all items." : null);
                return;
            }
            if (kind != RuleKind.Requires && value is null && variable.Default is { } fallback && !(variable.Type == VariableType.Flag && fallback.Text == "false"))
            {
                notes.NotCarried(where, $"a rule with {Wording.Quote(id)}, which has a default and so is always given.");
                return;
            }
            if (value is not null && ValueFlaw.Of(variable, value, out _) is { } flaw) { notes.Wrong(where, flaw.Message, flaw.Advice); return; }
            names.Add(value is null ? input.Name : $"{input.Name}={value}");
        }
        if (names.Count > 1 && _seen.Add($"{kind} {string.Join('\n', names)}")) _rules.Add(new VariableRule(kind, names));
    }
}
