using System.CommandLine;
using Yunpipe.Algorithms;
using Yunpipe.Algorithms.Describing;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe algorithm preview</c>: the command line that an algorithm would run, for values and file names that need not exist.</summary>
internal static class AlgorithmPreviewCommand
{
    public static Command Create(CliContext context)
    {
        var name = AlgorithmCommand.Argument();
        var set = new Option<string[]>("--set") { Description = "Give a variable a value; may be repeated. [its default, or made up where it must have one]", HelpName = "VARIABLE=VALUE" };
        var input = new Option<string[]>("--input", "-i") { Description = "Name a sample file of an input; may be repeated. [one that the input accepts]", HelpName = "INPUT=FILE" };
        var meta = new Option<string[]>("--meta") { Description = "Give the item metadata; may be repeated. [made up]", HelpName = "NAME=VALUE" };
        var command = new Command("preview", "Shows the command line that an algorithm would run, with its streams and settings files; the files need not exist.") { name, set, input, meta };
        command.SetAction(parse =>
        {
            var (terminal, json) = (context.Terminal, parse.GetValue(GlobalOptions.Json));
            var found = context.Algorithms.Find(parse.GetRequiredValue(name), "");
            if (found.Value is not { } algorithm) return terminal.Tell(found.Problems, json);
            var problems = new ProblemList();
            var values = Values(algorithm, parse.GetValue(set) ?? [], problems);
            var inputs = Inputs(algorithm, parse.GetValue(input) ?? [], problems);
            var metadata = (parse.GetValue(meta) ?? []).Select(text => Split("--meta", text, problems)).OfType<(string Name, string Value)>().GroupBy(pair => pair.Name).ToDictionary(group => group.Key, group => group.Last().Value);
            var sample = SampleJob.For(algorithm, values, inputs, metadata);
            foreach (var variable in sample.Unmade)
                problems.Add(AlgorithmCodes.MissingVariable, new Location(algorithm.Name), $"The variable {Wording.Quote(variable.Name)} needs a value, and none comes to mind that keeps its rules{(variable.Pattern is { } pattern ? $", such as the pattern {Wording.Quote(pattern)}" : "")}.", $"Give it one: --set {variable.Name}=VALUE.");
            if (problems.Count > 0) return terminal.Tell(problems.Sorted(), json);
            var preview = CommandPreview.Scope(algorithm, sample.Values, sample.Inputs, sample.Meta);
            if (preview.Value is not { } scope || preview.Problems.Count > 0) return terminal.Tell(preview.Problems, json);
            var document = PreviewDocument.Of(scope, sample.MadeUp);
            if (json) terminal.Json(document, VerbsJson.Default.PreviewDocument);
            else document.Write(terminal, parse.GetValue(GlobalOptions.Quiet));
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
        return inputs;
    }

    private static (string Name, string Value)? Split(string option, string text, ProblemList problems)
    {
        var at = text.IndexOf('=');
        if (at > 0) return (text[..at], text[(at + 1)..]);
        problems.Add("YP5031", new Location($"{option} {text}"), "A name and a value are wanted.", "Write name=value.");
        return null;
    }
}

/// <summary>What a process would be started with.</summary>
/// <param name="Workdir">Where it starts; absent for the job's own folder.</param>
/// <param name="Stdin">The files that its standard streams are; absent for an empty one, and for the job's log.</param>
/// <param name="MadeUp">What nobody gave: variables, inputs and metadata with the values that were taken.</param>
internal sealed record PreviewDocument(
    string Algorithm, IReadOnlyList<string> Arguments, string? Workdir, string? Stdin, string? Stdout, string? Stderr,
    IReadOnlyDictionary<string, string>? Environment, IReadOnlyList<PreviewedConfig>? Configs, IReadOnlyDictionary<string, string>? MadeUp)
{
    public static PreviewDocument Of(CommandScope scope, IReadOnlyList<KeyValuePair<string, string>> madeUp)
    {
        var algorithm = scope.Algorithm;
        var environment = scope.Environment();
        var configs = algorithm.Configs
            .Where(config => config.Path.Expand(scope.Text) is not null)
            .Select(config => new PreviewedConfig(config.Name, scope.Text(config.Name)!, string.Concat(config.Lines.Select(line => line.Expand(scope.Text)).OfType<string>().Select(line => line + "\n")))).ToList();
        return new(algorithm.Name, scope.Arguments(), scope.Workdir, algorithm.Stdin?.Expand(scope.Text), Stream(scope, algorithm.Stdout), Stream(scope, algorithm.Stderr),
            environment.Count > 0 ? environment : null, configs.Count > 0 ? configs : null, madeUp.Count > 0 ? new Dictionary<string, string>(madeUp) : null);
    }

    /// <summary>The command alone is the first line; what was made up is said beside it.</summary>
    public void Write(Terminal terminal, bool quiet)
    {
        terminal.Out.WriteLine(CommandPreview.ToLine(Arguments));
        foreach (var (name, value) in Environment ?? new Dictionary<string, string>()) terminal.Out.WriteLine($"with    {name}={Words.Argument(value)}");
        foreach (var (word, place) in ((string, string?)[])[("in", Workdir), ("stdin", Stdin), ("stdout", Stdout), ("stderr", Stderr)])
            if (place is not null) terminal.Out.WriteLine($"{word,-7} {Words.Argument(place)}");
        foreach (var config in Configs ?? [])
        {
            terminal.Out.WriteLine($"file    {Words.Argument(config.Path)}");
            foreach (var line in config.Text.Split('\n').SkipLast(1)) terminal.Out.WriteLine($"      | {line}");
        }
        if (MadeUp is not null && !quiet) terminal.Error.WriteLine($"Made up: {string.Join(", ", MadeUp.Select(pair => $"{pair.Key}={Words.Argument(pair.Value)}"))}");
    }

    private static string? Stream(CommandScope scope, Template? template) => template?.Expand(scope.Text) is { } name ? $"{scope.Out}/{name}" : null;
}

/// <summary>A file that is written before the process starts.</summary>
internal sealed record PreviewedConfig(string Name, string Path, string Text);
