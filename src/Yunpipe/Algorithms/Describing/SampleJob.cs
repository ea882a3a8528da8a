namespace Yunpipe.Algorithms.Describing;

/// <summary>What a command is shown with: what a person gave, and made-up values for the rest that it cannot do without.</summary>
/// <param name="MadeUp">What nobody gave, by the name that stands in the descriptor: variables, inputs, and metadata as <c>meta.x</c>.</param>
/// <param name="Unmade">Required variables for which no value could be made up.</param>
public sealed record SampleJob(
    IReadOnlyDictionary<string, VariableValue> Values, IReadOnlyDictionary<string, IReadOnlyList<string>> Inputs, IReadOnlyDictionary<string, string> Meta,
    IReadOnlyList<KeyValuePair<string, string>> MadeUp, IReadOnlyList<Variable> Unmade)
{
    /// <summary>Completes what is given, so that all rules of the algorithm hold as far as they can.</summary>
    /// <param name="optionalInputs">Whether inputs that may be missing get a file too.</param>
    public static SampleJob For(
        Algorithm algorithm, IReadOnlyDictionary<string, VariableValue>? values = null, IReadOnlyDictionary<string, IReadOnlyList<string>>? inputs = null, IReadOnlyDictionary<string, string>? meta = null, bool optionalInputs = false)
    {
        var making = new Making(algorithm, values, inputs, meta);
        making.Inputs(optionalInputs);
        making.Variables();
        making.Metadata();
        return making.Done();
    }

    private sealed class Making(Algorithm algorithm, IReadOnlyDictionary<string, VariableValue>? values, IReadOnlyDictionary<string, IReadOnlyList<string>>? inputs, IReadOnlyDictionary<string, string>? meta)
    {
        private readonly Dictionary<string, VariableValue> _values = new(values ?? new Dictionary<string, VariableValue>(), StringComparer.Ordinal);
        private readonly Dictionary<string, IReadOnlyList<string>> _inputs = new(inputs ?? new Dictionary<string, IReadOnlyList<string>>(), StringComparer.Ordinal);
        private readonly Dictionary<string, string> _meta = new(meta ?? new Dictionary<string, string>(), StringComparer.Ordinal);
        private readonly List<KeyValuePair<string, string>> _madeUp = [];
        private readonly List<Variable> _unmade = [];

        public SampleJob Done() => new(_values, _inputs, _meta, _madeUp, _unmade);

        public void Inputs(bool optional)
        {
            foreach (var port in algorithm.Inputs.Where(port => (optional || port.Required) && !_inputs.ContainsKey(port.Name)))
            {
                _inputs[port.Name] = port.List ? [Samples.File(port, "1"), Samples.File(port, "2")] : [Samples.File(port, "")];
                _madeUp.Add(new(port.Name, string.Join(',', _inputs[port.Name])));
            }
        }

        public void Variables()
        {
            foreach (var variable in algorithm.Variables.Where(variable => variable is { Required: true, Default: null } && !_values.ContainsKey(variable.Name))) MakeUp(variable, null);
            // What one rule wants may wake another; each round gives one more variable a value.
            while (Wanted() is var (name, value) && algorithm.Variables.FirstOrDefault(variable => variable.Name == name) is { } wanted && MakeUp(wanted, value)) { }
        }

        public void Metadata()
        {
            foreach (var name in Templates().SelectMany(template => template.Names).Where(ReservedNames.IsMeta).Select(name => name[ReservedNames.MetaPrefix.Length..]).Where(name => !_meta.ContainsKey(name)).Distinct().ToList())
            {
                _meta[name] = name;
                _madeUp.Add(new(ReservedNames.MetaPrefix + name, name));
            }
        }

        private bool MakeUp(Variable variable, string? text)
        {
            var value = text is null ? Samples.Of(variable) : new VariableValue([text], variable.Type == VariableType.List);
            if (value is null)
            {
                _unmade.Add(variable);
                return false;
            }
            _values[variable.Name] = value;
            _madeUp.Add(new(variable.Name, value.Text));
            return true;
        }

        /// <summary>A variable that a broken rule wants, and with which value; null where no rule wants one that could be given.</summary>
        private (string Name, string? Value)? Wanted()
        {
            var all = algorithm.Variables.Where(variable => variable.Default is not null && !_values.ContainsKey(variable.Name)).ToDictionary(variable => variable.Name, variable => variable.Default!, StringComparer.Ordinal);
            foreach (var (name, value) in _values) all[name] = value;
            return algorithm.Rules.SelectMany(rule => VariableRules.Missing(algorithm, rule, all)).Select(VariableRule.Member).Where(member => !_values.ContainsKey(member.Name)).Cast<(string, string?)?>().FirstOrDefault();
        }

        private IEnumerable<Template> Templates() =>
        [
            .. algorithm.Command.Tokens, .. algorithm.Environment.Values, .. algorithm.Outputs.Select(port => port.Path), .. algorithm.Configs.SelectMany(config => config.Lines.Prepend(config.Path)),
            .. new[] { algorithm.Stdin, algorithm.Stdout, algorithm.Stderr }.OfType<Template>(),
        ];
    }
}
