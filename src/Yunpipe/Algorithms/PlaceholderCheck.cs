using Yunpipe.Documents;

namespace Yunpipe.Algorithms;

/// <summary>Whether every <c>${name}</c> stands for something where it is used, and everything declared is used.</summary>
internal sealed class PlaceholderCheck(Algorithm algorithm, ProblemList problems)
{
    // A command of megabytes may name thousands of them again and again.
    private readonly Dictionary<string, InputPort> _inputs = algorithm.Inputs.GroupBy(input => input.Name).ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
    private readonly Dictionary<string, Variable> _variables = algorithm.Variables.GroupBy(variable => variable.Name).ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly HashSet<(string Name, Location Where)> _unknown = [];

    public void Command(Template token, Location where)
    {
        foreach (var name in token.Names)
        {
            if (!Known(name, where)) continue;
            if (token.OnlyName is not null) continue;
            if ((Variable(name)?.Flag ?? Input(name)?.Flag) is { } flag)
                problems.Add(AlgorithmCodes.ListInsideToken, where, $"{Wording.Quote(token.Source)} holds {Wording.Quote(name)}, which brings its flag {Wording.Quote(flag)} along.",
                    $"Make “${{{name}}}” a token of its own.");
            else if (Input(name) is { List: true, ListSeparator: null } || Variable(name) is { Type: VariableType.List, ListSeparator: null })
                problems.Add(AlgorithmCodes.ListInsideToken, where, $"{Wording.Quote(token.Source)} holds the list {Wording.Quote(name)}; a list can only be a whole token.",
                    Input(name) is null ? "Give it a listSeparator, or a token of its own." : $"Give it a token of its own, or use “${{{name}.dir}}” or “${{{name}.table}}”.");
        }
    }

    public void Environment(Template value, Location where)
    {
        foreach (var name in value.Names)
            if (Known(name, where) && Input(name) is { List: true, ListSeparator: null })
                problems.Add(AlgorithmCodes.ListInsideToken, where, $"The list {Wording.Quote(name)} does not fit into one text.", $"Use “${{{name}.dir}}” or “${{{name}.table}}”.");
    }

    /// <summary>Names of outputs are made of what tells items apart: keys, metadata and variables.</summary>
    public void Output(Template path, Location where)
    {
        foreach (var name in path.Names)
        {
            if (ReservedNames.OfItem.Contains(name) || ReservedNames.IsMeta(name) || IsFilePart(name, where)) continue;
            if (Variable(name) is { } variable)
            {
                _used.Add(name);
                if (ReferencePath.IsReference(variable)) problems.Add(AlgorithmCodes.UnknownPlaceholder, where, $"The path of {Wording.Quote(name)} cannot be part of an output's name.");
                continue;
            }
            var isInput = Input(name) is not null;
            if (isInput || ReservedNames.All.Contains(name) || ReservedNames.OutputOf(name) is not null || algorithm.Configs.Any(config => config.Name == name) || IsListPart(name, out _))
                problems.Add(AlgorithmCodes.UnknownPlaceholder, where, $"“${{{name}}}” cannot be part of an output's name.",
                    isInput ? "It is a path. “${stem}” is its name without extension." : $"These can: {Wording.AnyOf([.. ReservedNames.OfItem, "meta.x"])}, and variables.");
            else Unknown(name, where);
        }
    }

    public void Unused(Func<string, string, Location> place)
    {
        foreach (var input in algorithm.Inputs.Where(input => input is { Required: true, Path: null } && !_used.Contains(input.Name)))
            problems.Add(AlgorithmCodes.Unused, place("inputs", input.Name), $"The input {Wording.Quote(input.Name)} is never used.", $"Put “${{{input.Name}}}” into the command, or give it a path.");
        foreach (var variable in algorithm.Variables.Where(variable => !_used.Contains(variable.Name)))
            problems.Add(AlgorithmCodes.Unused, place("variables", variable.Name), $"The variable {Wording.Quote(variable.Name)} is never used.", $"Put “${{{variable.Name}}}” into the command, or leave it out.");
    }

    private bool Known(string name, Location where)
    {
        if (ReservedNames.OutputOf(name) is { } output) return KnownOutput(output, where);
        if (Input(name) is not null || Variable(name) is not null) { _used.Add(name); return true; }
        if (ReservedNames.All.Contains(name) || ReservedNames.IsMeta(name) || algorithm.Configs.Any(config => config.Name == name) || IsFilePart(name, where)) return true;
        if (IsListPart(name, out var input))
        {
            _used.Add(input!.Name);
            if (input.List) return true;
            problems.Add(AlgorithmCodes.UnknownPlaceholder, where, $"“${{{name}}}” wants a list, and the input {Wording.Quote(input.Name)} is one file.", "Say list: true at the input.");
            return false;
        }
        Unknown(name, where);
        return false;
    }

    private bool KnownOutput(string name, Location where)
    {
        if (algorithm.Outputs.FirstOrDefault(output => output.Name == name) is not { } port)
            problems.Add(AlgorithmCodes.UnknownPlaceholder, where, $"{Wording.Quote(name)} is not an output.", Wording.DidYouMean(name, algorithm.Outputs.Select(output => output.Name)) ?? (algorithm.Outputs.Count > 0 ? $"There are {Wording.AnyOf(algorithm.Outputs.Select(output => output.Name))}." : null));
        else if (port.Path.Source.AsSpan().IndexOfAny('*', '?') >= 0)
            problems.Add(AlgorithmCodes.UnknownPlaceholder, where, $"The output {Wording.Quote(name)} has no one path: {Wording.Quote(port.Path.Source)} can be many.", "Write ${out}, the folder.");
        else return true;
        return false;
    }

    private void Unknown(string name, Location where)
    {
        if (algorithm.Outputs.FirstOrDefault(output => output.Name == name) is { } port)
        {
            problems.Add(AlgorithmCodes.UnknownPlaceholder, where, $"{Wording.Quote(name)} is an output, and an output has no path before it is written.",
                port.Path.Source.StartsWith('/') ? null : $"Write “${{out}}/{port.Path.Source}”, or “${{out.{name}}}”.");
            return;
        }
        // A script in one argument names its own variables again and again: each is told once.
        if (!_unknown.Add((name, where))) return;
        var own = name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? $"${name}" : $"${{{name}}}";
        var known = algorithm.Inputs.Select(input => input.Name).Concat(algorithm.Variables.Select(variable => variable.Name)).Concat(ReservedNames.All).ToList();
        problems.Add(AlgorithmCodes.UnknownPlaceholder, where, $"{Wording.Quote(name)} is neither an input nor a variable.",
            name.StartsWith('(') ? "A dollar that stands for itself is written “$$”."
            : Wording.DidYouMean(name, known) ?? $"If the program is to see “{own}” itself, such as a shell's variable, write “${own}”. Here there are {Wording.AnyOf(known)}, and meta.x for metadata.");
    }

    /// <summary>A part of a file's name: of a list it would have no one meaning.</summary>
    private bool IsFilePart(string name, Location where)
    {
        if (ReservedNames.FileOf(name) is not { } of || Input(of) is not { } input) return false;
        _used.Add(of);
        if (input.List) problems.Add(AlgorithmCodes.UnknownPlaceholder, where, $"“${{{name}}}” wants one file, and the input {Wording.Quote(of)} is a list.");
        return true;
    }

    private InputPort? Input(string name) => _inputs.GetValueOrDefault(name);

    private Variable? Variable(string name) => _variables.GetValueOrDefault(name);

    private bool IsListPart(string name, out InputPort? input)
    {
        input = null;
        foreach (var suffix in (ReadOnlySpan<string>)[ReservedNames.TableSuffix, ReservedNames.DirectorySuffix])
            if (name.EndsWith(suffix, StringComparison.Ordinal)) input = Input(name[..^suffix.Length]);
        return input is not null;
    }
}
