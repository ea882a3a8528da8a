using System.Globalization;
using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Describing;

/// <summary>From an existing descriptor back to answers, so that it can be edited. What no question asks for is kept beside them.</summary>
public static class DraftReading
{
    public static Draft Of(Algorithm algorithm, string file)
    {
        var answers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["image"] = algorithm.Image ?? "", ["command"] = Command(algorithm), ["name"] = algorithm.Name, ["version"] = algorithm.Version, ["description"] = algorithm.Description,
            ["cpu"] = algorithm.Resources.Cpu.ToString(CultureInfo.InvariantCulture), ["memory"] = Memory(algorithm.Resources), ["gpu"] = algorithm.Resources.Gpu.ToString(CultureInfo.InvariantCulture),
            ["timeout"] = algorithm.Resources.Timeout == TimeSpan.Zero ? "" : Duration.Format(algorithm.Resources.Timeout), ["network"] = Word(algorithm.Network), ["file"] = file, ["files"] = string.Join(' ', algorithm.Files.Select(Pairs.Word)),
            ["exits"] = string.Join("; ", algorithm.ExitCodes.OrderBy(exit => exit.Key).Select(exit => $"{exit.Key.ToString(CultureInfo.InvariantCulture)}{(exit.Value.Kind == ExitKind.Permanent ? "" : $" {exit.Value.Kind.ToString().ToLowerInvariant()}")}={exit.Value.Says}")),
        };
        var names = CommandDraft.Placeholders(answers["command"]);
        var called = algorithm.Outputs.Where(port => names.Contains(port.Name) && !IsTaken(algorithm, port.Name)).ToList();
        foreach (var port in algorithm.Inputs.Where(port => names.Contains(port.Name))) Input(answers, port);
        foreach (var port in called)
        {
            answers[$"use.{port.Name}"] = CommandDraft.Output;
            answers[$"output.{port.Name}.path"] = port.Path.Source;
            answers[$"output.{port.Name}.required"] = Word(port.Required);
        }
        answers["more"] = string.Join(' ', algorithm.Outputs.Except(called).Select(port => $"{port.Name}={Pairs.Word(port.Path.Source)}"));
        foreach (var variable in algorithm.Variables.Where(variable => names.Contains(variable.Name))) Variable(answers, variable);
        return new Draft(answers, null, AlgorithmWriter.ToNode(algorithm));
    }

    /// <summary>The command as one line, in which each output's file is its name again.</summary>
    private static string Command(Algorithm algorithm)
    {
        var words = new List<string>();
        foreach (var token in algorithm.Command.Tokens)
        {
            var word = token.Source;
            foreach (var port in algorithm.Outputs.Where(port => !IsTaken(algorithm, port.Name) && !port.Each && !port.Directory && port.Minimum.Bytes == 0))
                if (word.EndsWith($"${{out}}/{port.Path.Source}", StringComparison.Ordinal)) word = word[..^$"${{out}}/{port.Path.Source}".Length] + $"${{{port.Name}}}";
            words.Add(Quoted(word));
        }
        return string.Join(' ', words);
    }

    /// <summary>An output may be called as an input is: then its name in the command is the input.</summary>
    private static bool IsTaken(Algorithm algorithm, string name) => algorithm.Inputs.Any(port => port.Name == name) || algorithm.Variables.Any(variable => variable.Name == name);

    private static void Input(Dictionary<string, string> answers, InputPort port)
    {
        answers[$"use.{port.Name}"] = CommandDraft.Input;
        answers[$"input.{port.Name}.accepts"] = string.Join(' ', port.Accepts.Select(Pairs.Word));
        answers[$"input.{port.Name}.kind"] = port.List ? "list" : port.Directory ? "directory" : "file";
        answers[$"input.{port.Name}.required"] = Word(port.Required);
    }

    private static void Variable(Dictionary<string, string> answers, Variable variable)
    {
        var id = $"variable.{variable.Name}.";
        answers[$"use.{variable.Name}"] = CommandDraft.Variable;
        answers[id + "type"] = variable.Type.ToString().ToLowerInvariant();
        answers[id + "default"] = variable.Type == VariableType.Flag ? Word(variable.Default?.Text == "true") : variable.Default is { } value ? string.Join(", ", value.Items) : "";
        answers[id + "required"] = Word(variable.Required);
        answers[id + "help"] = variable.Help;
        if (variable.Type == VariableType.List) answers[id + "of"] = variable.Of.ToString().ToLowerInvariant();
        if (variable.Values.Count > 0) answers[id + "values"] = string.Join(", ", variable.Values);
        if (variable.Flag is { } flag && variable.Type == VariableType.Flag) answers[id + "flag"] = flag;
        if (variable.Minimum is not null || variable.Maximum is not null)
            answers[id + "range"] = $"{variable.Minimum?.ToString(CultureInfo.InvariantCulture)}..{variable.Maximum?.ToString(CultureInfo.InvariantCulture)}";
    }

    private static string Memory(Resources resources)
    {
        var (least, usual) = (Text(resources.MemoryMinimum), Text(resources.MemorySuggested));
        return least == usual || usual.Length == 0 ? least : least.Length == 0 ? usual : $"{least}..{usual}";
        static string Text(ByteSize size) => size.Bytes > 0 ? size.ToExactText() : "";
    }

    private static string Word(bool value) => value ? "yes" : "no";

    /// <summary>As a shell would need it, with insertions left as they are.</summary>
    private static string Quoted(string word)
    {
        var plain = word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "_-./=:,+@%${}*".Contains(c, StringComparison.Ordinal));
        return plain ? word.Replace("$$", "\\$", StringComparison.Ordinal) : $"\"{word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("`", "\\`", StringComparison.Ordinal).Replace("$$", "\\$", StringComparison.Ordinal)}\"";
    }
}
