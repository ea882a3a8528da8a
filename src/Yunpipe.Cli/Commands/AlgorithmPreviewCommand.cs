using System.CommandLine;
using Yunpipe.Algorithms;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe algorithm preview</c>: the command line that an algorithm would run, for values and file names that need not exist.</summary>
internal static class AlgorithmPreviewCommand
{
    public static Command Create(CliContext context)
    {
        var name = AlgorithmCommand.Argument();
        var set = new Option<string[]>("--set") { Description = "Give a variable a value; may be repeated.", HelpName = "VARIABLE=VALUE" };
        var input = new Option<string[]>("--input", "-i") { Description = "Name a sample file of an input; may be repeated. [one that the input accepts]", HelpName = "INPUT=FILE" };
        var meta = new Option<string[]>("--meta") { Description = "Give the item metadata; may be repeated.", HelpName = "NAME=VALUE" };
        var command = new Command("preview", "Shows the command line that an algorithm would run; the files need not exist.") { name, set, input, meta };
        command.SetAction(parse =>
        {
            var json = parse.GetValue(GlobalOptions.Json);
            var found = context.Algorithms.Find(parse.GetRequiredValue(name), "");
            if (found.Value is not { } algorithm) return context.Terminal.Tell(found.Problems, json);
            var problems = new ProblemList();
            var values = Values(algorithm, parse.GetValue(set) ?? [], problems);
            var inputs = Inputs(algorithm, parse.GetValue(input) ?? [], problems);
            var metadata = (parse.GetValue(meta) ?? []).Select(text => Split("--meta", text, problems)).OfType<(string Name, string Value)>().GroupBy(pair => pair.Name).ToDictionary(group => group.Key, group => group.Last().Value);
            if (problems.Count > 0) return context.Terminal.Tell(problems.Sorted(), json);
            var preview = CommandPreview.Of(algorithm, values, inputs, metadata);
            if (preview.Value is not { } arguments || preview.Problems.Count > 0) return context.Terminal.Tell(preview.Problems, json);
            if (json) context.Terminal.Json(new PreviewDocument(algorithm.Name, arguments), VerbsJson.Default.PreviewDocument);
            else context.Terminal.Out.WriteLine(CommandPreview.ToLine(arguments));
            return ExitCode.AllDone;
        });
        return command;
    }

    private static Dictionary<string, VariableValue> Values(Algorithm algorithm, IReadOnlyList<string> settings, ProblemList problems)
    {
        var values = new Dictionary<string, VariableValue>(StringComparer.Ordinal);
        foreach (var setting in settings)
        {
            if (Split("--set", setting, problems) is not var (name, text)) continue;
            var where = new Location($"--set {setting}");
            if (algorithm.Variables.FirstOrDefault(variable => variable.Name == name) is not { } known) VariableValues.Unknown(algorithm, name, where, problems);
            else if (VariableValues.Parse(known, text, where, problems) is { } value) values[name] = value;
        }
        return values;
    }

    /// <summary>Inputs that nobody names get a sample name that they accept.</summary>
    private static Dictionary<string, IReadOnlyList<string>> Inputs(Algorithm algorithm, IReadOnlyList<string> given, ProblemList problems)
    {
        var inputs = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var text in given)
        {
            if (Split("--input", text, problems) is not var (name, file)) continue;
            if (algorithm.Inputs.All(port => port.Name != name))
                problems.Add("YP5032", new Location($"--input {text}"), $"{Wording.Quote(name)} is not an input.", Wording.DidYouMean(name, algorithm.Inputs.Select(port => port.Name)) ?? $"There are {Wording.AllOf(algorithm.Inputs.Select(port => port.Name))}.");
            else inputs[name] = [.. inputs.GetValueOrDefault(name) ?? [], file];
        }
        foreach (var port in algorithm.Inputs.Where(port => port.Required && !inputs.ContainsKey(port.Name)))
            inputs[port.Name] = port.List ? [Sample(port, "1"), Sample(port, "2")] : [Sample(port, "")];
        return inputs;
    }

    private static string Sample(InputPort port, string number)
    {
        var glob = port.Accepts.FirstOrDefault(accept => accept.StartsWith("*.", StringComparison.Ordinal) && accept.AsSpan(1).IndexOfAny('*', '?', '[') < 0);
        return $"{port.Name}{number}{glob?[1..] ?? ".tif"}";
    }

    private static (string Name, string Value)? Split(string option, string text, ProblemList problems)
    {
        var at = text.IndexOf('=');
        if (at > 0) return (text[..at], text[(at + 1)..]);
        problems.Add("YP5031", new Location($"{option} {text}"), "A name and a value are wanted.", "Write name=value.");
        return null;
    }
}

internal sealed record PreviewDocument(string Algorithm, IReadOnlyList<string> Arguments);
