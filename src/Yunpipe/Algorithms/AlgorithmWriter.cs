using System.Globalization;
using Yunpipe.Documents;
using static Yunpipe.Documents.NodeBuilder;

namespace Yunpipe.Algorithms;

/// <summary>An algorithm back to a document: keys in a fixed order, nothing that is the default, numbers canonical, so that equal algorithms
/// are equal bytes. The JSON travels in the label of a wrapped image.</summary>
public static class AlgorithmWriter
{
    public static string ToJson(Algorithm algorithm, bool indented = false) => DocumentWriter.ToJson(ToNode(algorithm), indented);

    public static string ToYaml(Algorithm algorithm) => DocumentWriter.ToYaml(ToNode(algorithm));

    public static MapNode ToNode(Algorithm algorithm) => new NodeBuilder()
        .Text("name", algorithm.Name)
        .Text("version", algorithm.Version)
        .Text("description", algorithm.Description)
        .Text("image", algorithm.Image)
        .Texts("command", [.. algorithm.Command.Tokens.Select(token => token.Source)])
        .Add("inputs", algorithm.Inputs.Count == 0 ? null : Map(algorithm.Inputs, port => port.Name, Input))
        .Add("outputs", algorithm.Outputs.Count == 0 ? null : Map(algorithm.Outputs, port => port.Name, Output))
        .Add("variables", algorithm.Variables.Count == 0 ? null : Map(algorithm.Variables, variable => variable.Name, Variable))
        .Add("rules", algorithm.Rules.Count == 0 ? null : List(algorithm.Rules.Select(Rule)))
        .Add("resources", Resources(algorithm.Resources))
        .Add("exitCodes", algorithm.ExitCodes.Count == 0 ? null
            : Map(algorithm.ExitCodes.OrderBy(exit => exit.Key), exit => exit.Key.ToString(CultureInfo.InvariantCulture), exit => Exit(exit.Value)))
        .Add("environment", algorithm.Environment.Count == 0 ? null
            : Map(algorithm.Environment.OrderBy(entry => entry.Key, StringComparer.Ordinal), entry => entry.Key, entry => Text(entry.Value.Source)))
        .Text("workdir", algorithm.Workdir?.Source)
        .Text("stdin", algorithm.Stdin?.Source)
        .Text("stdout", algorithm.Stdout?.Source)
        .Text("stderr", algorithm.Stderr?.Source)
        .Add("configs", algorithm.Configs.Count == 0 ? null : Map(algorithm.Configs, config => config.Name, config => new NodeBuilder()
            .Text("path", config.Path.Source).Add("lines", Texts(config.Lines.Select(line => line.Source))).Build()))
        .Add("isolation", algorithm.Isolation == Isolation.Worker ? null : Text(AlgorithmWords.Of(AlgorithmWords.Isolations, algorithm.Isolation)))
        .Flag("network", algorithm.Network, unless: false)
        .Texts("files", algorithm.Files)
        .Add("retry", Retry(algorithm.Retry))
        .Add("tests", algorithm.Tests.Count == 0 ? null : List(algorithm.Tests.Select(test => Test(algorithm, test))))
        .Build();

    private static MapNode Input(InputPort port) => new NodeBuilder()
        .Texts("accepts", port.Accepts)
        .Flag("list", port.List, unless: false)
        .Text("path", port.Path)
        .Flag("required", port.Required, unless: true)
        .Add("kind", Kind(port.Directory))
        .Text("flag", port.Flag)
        .Add("separator", port.Separator is { } separator ? Text(separator) : null)
        .Add("listSeparator", port.ListSeparator is { } between ? Text(between) : null)
        .Flag("repeat", port.Repeat, unless: false)
        .Texts("extensions", port.Extensions)
        .Build();

    private static DocumentNode Output(OutputPort port)
    {
        var rest = new NodeBuilder()
            .Flag("required", port.Required, unless: true)
            .Flag("each", port.Each, unless: false)
            .Add("minimum", Size(port.Minimum, default))
            .Add("kind", Kind(port.Directory))
            .Build().Entries;
        var path = Text(port.Path.Source);
        return rest.Count == 0 ? path : new MapNode([new MapEntry("path", default, path), .. rest], default);
    }

    private static ScalarNode? Kind(bool directory) => directory ? Text(AlgorithmWords.Of(AlgorithmWords.Kinds, directory)) : null;

    private static MapNode Variable(Variable variable) => new NodeBuilder()
        .Text("type", AlgorithmWords.Of(AlgorithmWords.Types, variable.Type))
        .Add("of", variable.Type == VariableType.List ? Text(AlgorithmWords.Of(AlgorithmWords.Types, variable.Of)) : null)
        .Add("default", variable.Default is { } value ? Value(variable, value) : null)
        .Flag("required", variable.Required, unless: false)
        .Add("minimum", variable.Minimum is { } minimum ? Plain(ValueFlaw.Show(minimum)) : null)
        .Add("maximum", variable.Maximum is { } maximum ? Plain(ValueFlaw.Show(maximum)) : null)
        .Add("above", variable.Above is { } above ? Plain(ValueFlaw.Show(above)) : null)
        .Add("below", variable.Below is { } below ? Plain(ValueFlaw.Show(below)) : null)
        .Add("minItems", variable.MinItems is { } least ? NodeBuilder.Number(least) : null)
        .Add("maxItems", variable.MaxItems is { } most ? NodeBuilder.Number(most) : null)
        .Add("pattern", variable.Pattern is { } pattern ? Text(pattern) : null)
        .Texts("values", variable.Values)
        .Text("help", variable.Help)
        .Text("flag", variable.Flag)
        .Add("separator", variable.Separator is { } separator ? Text(separator) : null)
        .Add("listSeparator", variable.ListSeparator is { } between ? Text(between) : null)
        .Flag("repeat", variable.Repeat, unless: false)
        .Build();

    /// <summary>A value as a document has it: numbers and flags unquoted, a list as a list.</summary>
    public static DocumentNode Value(Variable variable, VariableValue value)
    {
        var plain = VariableValues.MemberType(variable) is VariableType.Integer or VariableType.Number or VariableType.Flag;
        DocumentNode Item(string text) => plain ? Plain(text) : Text(text);
        return value.IsList ? List(value.Items.Select(Item)) : Item(value.Text);
    }

    private static MapNode Rule(VariableRule rule) => new NodeBuilder().Texts(AlgorithmWords.Of(AlgorithmWords.Rules, rule.Kind), rule.Variables).Build();

    private static MapNode? Resources(Resources resources)
    {
        var usual = new Resources();
        return new NodeBuilder()
            .Add("cpu", Number(resources.Cpu, usual.Cpu))
            .Add("memory", Memory(resources))
            .Add("gpu", resources.Gpu == usual.Gpu ? null : NodeBuilder.Number(resources.Gpu))
            .Add("disk", Size(resources.Disk, usual.Disk))
            .Add("shm", Size(resources.SharedMemory, usual.SharedMemory))
            .Add("timeout", Duration(resources.Timeout, usual.Timeout))
            .Add("pids", resources.Pids == usual.Pids ? null : NodeBuilder.Number(resources.Pids))
            .Texts("machines", resources.Machines)
            .BuildOrNothing();
    }

    private static DocumentNode? Memory(Resources resources) =>
        resources.MemoryMinimum == resources.MemorySuggested ? Size(resources.MemorySuggested, default)
            : new NodeBuilder().Add("minimum", Size(resources.MemoryMinimum, default)).Add("suggested", Size(resources.MemorySuggested, default)).Build();

    private static MapNode Exit(ExitMeaning meaning) =>
        new NodeBuilder().Text("kind", AlgorithmWords.Of(AlgorithmWords.ExitKinds, meaning.Kind)).Text("says", meaning.Says).Build();

    private static MapNode? Retry(RetryPolicy retry)
    {
        var usual = RetryPolicy.Default;
        return new NodeBuilder()
            .Add("attempts", retry.Attempts == usual.Attempts ? null : NodeBuilder.Number(retry.Attempts))
            .Add("backoff", Duration(retry.Backoff, usual.Backoff))
            .Add("memoryGrowth", Number(retry.MemoryGrowth, usual.MemoryGrowth))
            .BuildOrNothing();
    }

    private static MapNode Test(Algorithm algorithm, AlgorithmTest test) => new NodeBuilder()
        .Text("name", test.Name)
        .Add("inputs", test.Inputs.Count == 0 ? null
            : Map(test.Inputs.OrderBy(input => input.Key, StringComparer.Ordinal), input => input.Key, input => input.Value is [var only] ? Text(only) : Texts(input.Value)))
        .Add("variables", test.Variables.Count == 0 ? null
            : Map(test.Variables.OrderBy(entry => entry.Key, StringComparer.Ordinal), entry => entry.Key, entry => Value(algorithm.Variables.First(variable => variable.Name == entry.Key), entry.Value)))
        .Add("exitCode", test.ExitCode == 0 ? null : NodeBuilder.Number(test.ExitCode))
        .Add("outputs", test.Outputs.Count == 0 ? null : Map(test.Outputs.OrderBy(output => output.Key, StringComparer.Ordinal), output => output.Key, output => Text(output.Value)))
        .Build();

    private static ScalarNode? Size(ByteSize size, ByteSize unless) => size == unless ? null : Text(size.ToExactText());

    private static ScalarNode? Duration(TimeSpan duration, TimeSpan unless) => duration == unless ? null : Text(Documents.Duration.Format(duration));

    private static ScalarNode? Number(double number, double unless) =>
        number.Equals(unless) ? null : Plain(((decimal)number).ToString(CultureInfo.InvariantCulture));
}
