using Yunpipe.Documents;

namespace Yunpipe.Algorithms;

/// <summary>The command line that an algorithm would run for sample inputs, without running it: for descriptors in the making, and for tests of descriptors.</summary>
public static class CommandPreview
{
    /// <summary>The arguments, with <c>/in</c>, <c>/out</c>, <c>/tmp</c> and <c>/ref</c> for the places that a job has.</summary>
    /// <param name="values">By variable; the rest are defaults.</param>
    /// <param name="inputs">File names by port. The first of the first port names the item.</param>
    public static Reading<IReadOnlyList<string>> Of(
        Algorithm algorithm, IReadOnlyDictionary<string, VariableValue>? values, IReadOnlyDictionary<string, IReadOnlyList<string>> inputs, IReadOnlyDictionary<string, string>? meta = null)
    {
        var scope = Scope(algorithm, values, inputs, meta);
        return new Reading<IReadOnlyList<string>>(scope.Value?.Arguments(), scope.Problems);
    }

    /// <summary>As <see cref="Of"/>, with all that the algorithm's names stand for.</summary>
    public static Reading<CommandScope> Scope(
        Algorithm algorithm, IReadOnlyDictionary<string, VariableValue>? values, IReadOnlyDictionary<string, IReadOnlyList<string>> inputs, IReadOnlyDictionary<string, string>? meta = null)
    {
        var where = new Location(algorithm.Name);
        var resolved = VariableValues.Resolve(algorithm, values, where);
        if (!resolved.Ok) return new Reading<CommandScope>(null, resolved.Problems);
        var problems = new ProblemList();
        foreach (var port in algorithm.Inputs)
            if (port.Required && !inputs.ContainsKey(port.Name)) problems.Add(AlgorithmCodes.BadTest, where, $"The input {Wording.Quote(port.Name)} needs a sample name.");
        if (problems.Count > 0) return problems.ToReading<CommandScope>(null);

        var first = algorithm.Inputs.Where(port => inputs.TryGetValue(port.Name, out var names) && names.Count > 0).Select(port => inputs[port.Name][0]).FirstOrDefault() ?? algorithm.Name;
        var lists = algorithm.Inputs.Where(port => port.List).Select(port => port.Name).ToList();
        var scope = new CommandScope
        {
            Algorithm = algorithm,
            Values = References(algorithm, resolved.Value!),
            Inputs = algorithm.Inputs.Where(port => inputs.ContainsKey(port.Name))
                .ToDictionary(port => port.Name, port => (IReadOnlyList<string>)[.. inputs[port.Name].Select(name => $"/in/{port.Name}/{name}")]),
            Out = "/out", Tmp = "/tmp", Key = first, Path = first,
            Cpu = algorithm.Resources.Cpu, MemoryMb = (int)algorithm.Resources.MemorySuggested.InMiB, Gpu = algorithm.Resources.Gpu,
            Meta = meta ?? new Dictionary<string, string>(),
            Tables = lists.ToDictionary(name => name, name => $"/in/{name}.csv"),
            Directories = lists.ToDictionary(name => name, name => $"/in/{name}"),
            FileName = port => inputs.GetValueOrDefault(port) is [var file, ..] ? file : null,
        };
        return new Reading<CommandScope>(scope, []);
    }

    /// <summary>One line for people, quoted as a shell would need it.</summary>
    public static string ToLine(IReadOnlyList<string> arguments) => string.Join(' ', arguments.Select(Quoted));

    private static string Quoted(string argument) =>
        argument.Length > 0 && argument.All(c => char.IsAsciiLetterOrDigit(c) || "_-./=:,+@%".Contains(c, StringComparison.Ordinal))
            ? argument : $"'{argument.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static Dictionary<string, VariableValue> References(Algorithm algorithm, IReadOnlyDictionary<string, VariableValue> values)
    {
        var mounted = new Dictionary<string, VariableValue>(values, StringComparer.Ordinal);
        foreach (var variable in algorithm.Variables)
            if (ReferencePath.IsReference(variable) && values.TryGetValue(variable.Name, out var value))
                mounted[variable.Name] = value with { Items = [.. value.Items.Select(item => $"/ref/{variable.Name}/{Path.GetFileName(item.TrimEnd('/'))}")] };
        return mounted;
    }
}
