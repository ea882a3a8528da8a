using System.CommandLine;
using System.Globalization;
using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Cli.Commands;

/// <summary>The inputs and variables of an algorithm as arguments and options of a command line. The first input stands without an option, the others
/// and all variables are options of their names; where an option of ours has that name, <c>--set name=value</c> gives it.</summary>
internal sealed class VariableOptions
{
    private readonly Algorithm _algorithm;
    private readonly Dictionary<string, Option> _variables = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Option<string[]>> _inputs = new(StringComparer.Ordinal);
    private readonly Argument<string[]>? _first;
    private readonly InputPort? _firstPort;

    public Option<string[]> Set { get; }

    /// <param name="taken">Names of options that the command has already.</param>
    public VariableOptions(Algorithm algorithm, IReadOnlyCollection<string> taken)
    {
        _algorithm = algorithm;
        _firstPort = algorithm.Inputs.FirstOrDefault(port => port.Required) ?? (algorithm.Inputs.Count > 0 ? algorithm.Inputs[0] : null);
        if (_firstPort is { } first)
            _first = new Argument<string[]>(first.Name)
            {
                Description = $"{(first.List ? "The files" : first.Directory ? "The folder" : "The file")} of the input “{first.Name}”{Accepted(first)}.", HelpName = first.Name.ToUpperInvariant(),
                Arity = first.Required ? ArgumentArity.OneOrMore : ArgumentArity.ZeroOrMore,
            };
        foreach (var port in algorithm.Inputs.Where(port => port != _firstPort && !taken.Contains("--" + port.Name)))
            _inputs[port.Name] = new Option<string[]>("--" + port.Name) { Description = $"A file of the input “{port.Name}”{Accepted(port)}.{(port.List ? " May be repeated." : "")}", HelpName = "FILE", Required = port.Required };
        foreach (var variable in algorithm.Variables.Where(variable => !taken.Contains("--" + variable.Name) && !_inputs.ContainsKey(variable.Name)))
            // A flag takes “true” and “false” and leaves any other word alone, which may be the image.
            _variables[variable.Name] = variable.Type == VariableType.Flag ? new Option<bool>("--" + variable.Name) { Description = Describe(variable), HelpName = "true|false" }
                : new Option<string[]>("--" + variable.Name) { Description = Describe(variable), HelpName = Kind(variable), Arity = ArgumentArity.OneOrMore, Required = variable.Required && variable.Default is null };
        var others = algorithm.Variables.Select(variable => variable.Name).Except(_variables.Keys).ToList();
        Set = new Option<string[]>("--set")
        {
            Description = $"Give a variable a value in another way{(others.Count > 0 ? $", which is the only one for {string.Join(", ", others)}" : "")}; may be repeated.", HelpName = "VARIABLE=VALUE",
        };
    }

    public void AddTo(Command command)
    {
        if (_first is not null) command.Arguments.Add(_first);
        foreach (var option in _inputs.Values.Concat<Option>(_variables.Values)) command.Options.Add(option);
        if (_algorithm.Variables.Count > 0) command.Options.Add(Set);
    }

    /// <summary>Files by input, as they are named.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Inputs(ParseResult parse, ProblemList problems)
    {
        var inputs = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        if (_first is not null && parse.GetValue(_first) is { Length: > 0 } files) inputs[_firstPort!.Name] = files;
        foreach (var (name, option) in _inputs)
            if (parse.GetValue(option) is { Length: > 0 } given) inputs[name] = given;
        foreach (var (name, given) in inputs)
        {
            var port = _algorithm.Inputs.First(port => port.Name == name);
            if (!port.List && given.Count > 1) problems.Add("YP5000", default, $"The input {Wording.Quote(name)} takes one file, and these are {given.Count}.", "To run over many, write a workflow: yunpipe run.");
            foreach (var file in given)
                if (port.Directory ? !Directory.Exists(file) : !File.Exists(file))
                    problems.Add("YP5034", default, $"{Wording.Quote(file)}, for the input {Wording.Quote(name)}, is not there{(Path.Exists(file) ? port.Directory ? " as a folder" : " as a file" : "")}.", "Check its name.");
        }
        return inputs;
    }

    public IReadOnlyDictionary<string, VariableValue> Values(ParseResult parse, ProblemList problems)
    {
        var values = new Dictionary<string, VariableValue>(StringComparer.Ordinal);
        foreach (var (name, option) in _variables)
            if (parse.GetResult(option) is { Implicit: false })
                Add(name, option is Option<bool> flag ? parse.GetValue(flag) ? "true" : "false" : string.Join(',', parse.GetValue((Option<string[]>)option)!), $"--{name}");
        foreach (var setting in parse.GetValue(Set) ?? [])
        {
            var at = setting.IndexOf('=');
            if (at > 0) Add(setting[..at], setting[(at + 1)..], $"--set {setting}");
            else problems.Add("YP5031", new Location($"--set {setting}"), "A name and a value are wanted.", "Write name=value.");
        }
        return ReferencePath.Anchor(_algorithm, values, "");

        void Add(string name, string text, string said)
        {
            var where = new Location(said);
            if (_algorithm.Variables.FirstOrDefault(variable => variable.Name == name) is not { } known) VariableValues.Unknown(_algorithm, name, where, problems);
            else if (VariableValues.Parse(known, text, where, problems) is { } value) values[name] = value;
        }
    }

    private static string Accepted(InputPort port) => port.Accepts.Count == 0 ? "" : $", {string.Join(" or ", port.Accepts)}";

    private static string Describe(Variable variable)
    {
        var text = variable.Help.Length > 0 ? variable.Help.TrimEnd('.') + "." : "";
        var bounds = (variable.Minimum, variable.Maximum) switch
        {
            ({ } least, { } most) => $" From {Show(least)} to {Show(most)}.", ({ } least, _) => $" At least {Show(least)}.", (_, { } most) => $" At most {Show(most)}.", _ => "",
        };
        var words = variable.Values.Count > 0 ? $" One of {string.Join(", ", variable.Values)}." : "";
        var usual = variable.Default is { } value ? $" [{value}]" : "";
        return $"{text}{bounds}{words}{usual}".Trim();
    }

    private static string Show(decimal number) => number.ToString("G29", CultureInfo.InvariantCulture);

    private static string Kind(Variable variable) => variable.Type switch
    {
        VariableType.Integer => "N", VariableType.Number => "NUMBER", VariableType.Enum => "WORD", VariableType.File => "FILE", VariableType.Directory => "DIR",
        VariableType.List => "A,B,…", _ => "TEXT",
    };
}
