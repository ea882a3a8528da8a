using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Items;

namespace Yunpipe.Workflows;

/// <summary>Reads one step: its algorithm with what the step overrides, its values, and where its inputs come from.</summary>
internal sealed class StepReader(string directory, FindAlgorithm find, ProblemList problems)
{
    private readonly Dictionary<string, Algorithm?> _found = new(StringComparer.Ordinal);

    /// <summary>Null, reported, where there is no algorithm to check the rest against.</summary>
    public Step? Read(DocumentNode node)
    {
        // “- blur” is a step with nothing to say.
        var fields = Fields.Of(node is ScalarNode { IsNull: false } ? new MapNode([new MapEntry("algorithm", node.Where, node)], node.Where) : node, "a step", problems);
        var reference = fields.RequiredText("algorithm", "Name a tool of the toolbox, a file, or an image.");
        var algorithm = reference.Length == 0 ? null : Find(reference, fields.Place("algorithm"));
        var name = fields.Text("name") ?? NameOf(reference);
        if (fields.Text("name") is null && reference.Length > 0 && NameRule.Flaw(name) is not null)
            problems.Add(DocumentCodes.MissingKey, fields.Where, "The key “name” of a step is missing.");
        var variables = fields.Entries("variables");
        var matrix = fields.Entries("matrix");
        if (algorithm is null)
        {
            fields.Ignore("inputs", "from", "gather", "when", "batch", "resources", "timeout", "isolation", "retry", "image");
            fields.Done();
            return null;
        }
        var (values, templates) = Variables(algorithm, variables);
        var step = new Step
        {
            Name = name,
            AlgorithmReference = reference,
            Algorithm = Overridden(algorithm, fields),
            Inputs = Inputs(fields, algorithm),
            Variables = values,
            VariableTemplates = templates,
            Gather = GatherReader.Read(fields),
            Matrix = Matrix(algorithm, matrix),
            When = GatherReader.When(fields),
            Batch = fields.Integer("batch", 1, 1, 10_000),
            Source = fields.Where,
        };
        fields.Done();
        return step;
    }

    /// <summary>The last name of a file or image, without extension or tag, where the step says none.</summary>
    private static string NameOf(string reference)
    {
        var name = reference[(reference.LastIndexOf('/') + 1)..];
        var end = name.IndexOfAny([':', '@', '.']);
        return end < 0 ? name : name[..end];
    }

    private Algorithm? Find(string reference, Location where)
    {
        if (_found.TryGetValue(reference, out var known)) return known;
        var reading = find(reference, directory);
        // What is wrong inside the algorithm's own file has its own place there.
        foreach (var problem in reading.Problems) problems.Add(problem.Where is null ? problem with { Where = where } : problem);
        if (reading is { Value: null, Problems.Count: 0 }) problems.Add(WorkflowCodes.Algorithm, where, $"There is no algorithm {Wording.Quote(reference)}.");
        return _found[reference] = reading.Ok ? reading.Value : null;
    }

    private Algorithm Overridden(Algorithm algorithm, Fields fields)
    {
        var resources = ResourcesReader.Read(fields.Node("resources"), algorithm.Resources, problems);
        return algorithm with
        {
            Resources = resources with { Timeout = fields.Duration("timeout", resources.Timeout) },
            Isolation = fields.Word("isolation", algorithm.Isolation, AlgorithmWords.Isolations),
            Retry = RetryReader.Read(fields.Node("retry"), algorithm.Retry, problems),
            Image = fields.Text("image") ?? algorithm.Image,
        };
    }

    private Dictionary<string, InputSource> Inputs(Fields fields, Algorithm algorithm)
    {
        var inputs = new Dictionary<string, InputSource>();
        foreach (var entry in fields.Entries("inputs"))
        {
            if (entry.Value is ScalarNode { IsNull: false } source) inputs[entry.Key] = InputSource.Parse(source.Text, source.Where);
            else
                problems.Add(DocumentCodes.WrongKind, entry.Value.Where,
                    $"The input {Wording.Quote(entry.Key)} wants the name of its source, and this is {entry.Value.Kind}.",
                    "It is input, input.part, step or step.output.");
        }
        if (fields.Node("from") is not { } from) return inputs;
        if (from is not ScalarNode only) problems.Add(DocumentCodes.WrongKind, from.Where, $"“from” wants the name of one source, and this is {from.Kind}.", "For several sources write inputs.");
        else if (fields.Has("inputs")) problems.Add(WorkflowCodes.BadSource, from.Where, "“from” is the short form of “inputs”; one of them is enough.");
        else if (Single(algorithm) is { } port) inputs[port] = InputSource.Parse(only.Text, only.Where);
        else if (algorithm.Inputs.Count > 0)
            problems.Add(WorkflowCodes.BadSource, from.Where,
                $"The algorithm has several inputs, {Naming.And(algorithm.Inputs.Select(input => input.Name))}.", "Say inputs: {name: source} for each.");
        return inputs;
    }

    private static string? Single(Algorithm algorithm)
    {
        var required = algorithm.Inputs.Where(port => port.Required).ToList();
        return required.Count == 1 ? required[0].Name : required.Count == 0 && algorithm.Inputs.Count == 1 ? algorithm.Inputs[0].Name : null;
    }

    private (Dictionary<string, VariableValue>, Dictionary<string, Template>) Variables(Algorithm algorithm, IReadOnlyList<MapEntry> entries)
    {
        var values = new Dictionary<string, VariableValue>();
        var templates = new Dictionary<string, Template>();
        foreach (var entry in entries)
        {
            if (Variable(algorithm, entry) is not { } variable) continue;
            if (entry.Value is ScalarNode scalar && scalar.Text.Contains("${", StringComparison.Ordinal))
            {
                if (ReferencePath.IsReference(variable) || variable.Type == VariableType.List)
                    problems.Add(AlgorithmCodes.WrongType, scalar.Where,
                        $"{Wording.Quote(variable.Name)} is {(variable.Type == VariableType.List ? "a list" : "reference data")}, which is the same for all items.");
                else if (TemplateReader.Parse(scalar.Text, scalar.Where, problems) is { } template) templates[variable.Name] = template;
            }
            else if (Value(variable, entry.Value) is { } value) values[variable.Name] = value;
        }
        return (values, templates);
    }

    private List<KeyValuePair<string, IReadOnlyList<VariableValue>>> Matrix(Algorithm algorithm, IReadOnlyList<MapEntry> entries)
    {
        var matrix = new List<KeyValuePair<string, IReadOnlyList<VariableValue>>>();
        foreach (var entry in entries)
        {
            if (Variable(algorithm, entry) is not { } variable) continue;
            if (entry.Value is not ListNode list)
                problems.Add(DocumentCodes.WrongKind, entry.Value.Where,
                    $"The matrix wants a list of values for {Wording.Quote(entry.Key)}, and this is {entry.Value.Kind}.", $"Write {entry.Key}: [1, 2, 3].");
            else matrix.Add(new(entry.Key, [.. list.Items.Select(node => Value(variable, node)).OfType<VariableValue>()]));
        }
        return matrix;
    }

    private Variable? Variable(Algorithm algorithm, MapEntry entry)
    {
        var variable = algorithm.Variables.FirstOrDefault(known => known.Name == entry.Key);
        if (variable is null) VariableValues.Unknown(algorithm, entry.Key, entry.Where, problems);
        return variable;
    }

    /// <summary>Paths of reference data are relative to the workflow here, and to its descriptor in an algorithm.</summary>
    private VariableValue? Value(Variable variable, DocumentNode node) =>
        VariableValues.Read(variable, node, problems) is { } value ? ReferencePath.IsReference(variable) ? ReferencePath.Anchor(value, directory) : value : null;
}
