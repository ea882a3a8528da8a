using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Agent.Hand;

/// <summary>What a person wrote behind the image's name: <c>cells.tif out/ --sigma 2 --mask m.tif</c>.</summary>
/// <param name="Places">The words that are no options: images, and the folder for the results as the last.</param>
/// <param name="Inputs">By input, what was given by name.</param>
/// <param name="Values">All values of the job: what is given, else the defaults; files and folders as absolute paths.</param>
internal sealed record HandArguments(
    IReadOnlyList<string> Places, IReadOnlyDictionary<string, IReadOnlyList<string>> Inputs, IReadOnlyDictionary<string, VariableValue> Values)
{
    /// <summary>Options of our own. A variable of the same name is set by <c>--set name=value</c>.</summary>
    public static readonly IReadOnlyList<string> Own = ["help", "version", "descriptor", "original", "set"];

    public static Reading<HandArguments> Read(Algorithm algorithm, IReadOnlyList<string> words)
    {
        var problems = new ProblemList();
        var places = new List<string>();
        var inputs = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var given = new Dictionary<string, VariableValue>(StringComparer.Ordinal);
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            if (word == "--")
            {
                places.AddRange(words.Skip(i + 1));
                break;
            }
            if (word.Length < 2 || word[0] != '-')
            {
                places.Add(word);
                continue;
            }
            if (!word.StartsWith("--", StringComparison.Ordinal))
            {
                problems.Add(HandCodes.Option, default, $"{Wording.Quote(word)} is no option: options begin with two dashes.", $"A file of that name is written ./{word}.");
                continue;
            }
            var equals = word.IndexOf('=');
            var name = equals < 0 ? word[2..] : word[2..equals];
            var text = equals < 0 ? null : word[(equals + 1)..];
            if (name == "set")
            {
                text ??= ++i < words.Count ? words[i] : "";
                equals = text.IndexOf('=');
                if (equals < 1)
                {
                    problems.Add(HandCodes.Option, default, "--set wants a variable and its value.", "Write it as --set sigma=2.");
                    continue;
                }
                (name, text) = (text[..equals], text[(equals + 1)..]);
                if (algorithm.Variables.All(known => known.Name != name))
                {
                    VariableValues.Unknown(algorithm, name, default, problems);
                    continue;
                }
            }
            var variable = algorithm.Variables.FirstOrDefault(known => known.Name == name);
            var port = algorithm.Inputs.FirstOrDefault(known => known.Name == name);
            if (variable is null && port is null)
            {
                problems.Add(HandCodes.Option, default, $"--{name} is not an option of {Wording.Quote(algorithm.Name)}.", Nearest(algorithm, name));
                continue;
            }
            // A switch takes no word of its own: the next one is an image.
            if (text is null && variable?.Type == VariableType.Flag) text = "true";
            else text ??= ++i < words.Count ? words[i] : null;
            if (text is null) problems.Add(HandCodes.Option, default, $"--{name} wants a value behind it.");
            else if (port is not null) inputs[name] = [.. inputs.GetValueOrDefault(name, []), text];
            else if (VariableValues.Parse(variable!, text, default, problems) is { } value)
            {
                if (given.TryGetValue(name, out var before) && !value.IsList) problems.Add(HandCodes.Option, default, $"--{name} is given twice.");
                else given[name] = before is null ? value : value with { Items = [.. before.Items, .. value.Items] };
            }
        }
        foreach (var port in algorithm.Inputs)
            if (!port.List && inputs.TryGetValue(port.Name, out var several) && several.Count > 1)
                problems.Add(HandCodes.Option, default, $"--{port.Name} is given {several.Count} times, and takes one file.");
        if (problems.Count > 0) return problems.ToReading<HandArguments>(null);

        var values = VariableValues.Resolve(algorithm, given, default);
        if (values.Value is null) return new Reading<HandArguments>(null, values.Problems);
        var anchored = ReferencePath.Anchor(algorithm, values.Value, "");
        References(algorithm, values.Value, anchored, problems);
        return problems.ToReading(new HandArguments(places, inputs, anchored));
    }

    private static string Nearest(Algorithm algorithm, string name)
    {
        var known = algorithm.Variables.Select(variable => variable.Name).Concat(algorithm.Inputs.Select(port => port.Name)).Concat(Own).ToList();
        return Wording.Nearest(name, known) is { } near ? $"Did you mean --{near}?" : "--help lists them.";
    }

    /// <summary>Files and folders that values name must be there before anything runs.</summary>
    private static void References(Algorithm algorithm, IReadOnlyDictionary<string, VariableValue> written, IReadOnlyDictionary<string, VariableValue> anchored, ProblemList problems)
    {
        foreach (var variable in algorithm.Variables.Where(ReferencePath.IsReference))
            for (var i = 0; anchored.TryGetValue(variable.Name, out var value) && i < value.Items.Count; i++)
                if (!Path.Exists(value.Items[i]))
                    problems.Add(HandCodes.Input, default, $"{Wording.Quote(written[variable.Name].Items[i])}, which --{variable.Name} names, is not there.",
                        $"Give one that the container sees: --{variable.Name} FILE.");
    }
}
