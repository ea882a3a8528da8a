using System.Globalization;
using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Importing.Boutiques;

/// <summary>One input of a Boutiques tool.</summary>
internal sealed record BoutiquesInput(string Id, string Name, string? Key, ForeignMap Source)
{
    public string Type => Source.Text("type") ?? "String";
    public bool IsFile => Type == "File";
    public bool IsList => Source.Flag("list");
    public bool HasDefault => Source.Has("default-value");
    public bool IsOptional => Source.Flag("optional") || HasDefault;

    /// <summary>True where each item brings it; false for a variable.</summary>
    public bool IsPort { get; set; }

    /// <summary>What is said about it without being declared here: <c>${cpu}</c> and the like, in a descriptor that Yunpipe exported.</summary>
    public string? Reserved { get; init; }

    /// <summary>Extensions that output templates strip from its file's name.</summary>
    public IReadOnlyList<string> Stripped { get; set; } = [];
}

/// <summary>The inputs of a Boutiques tool: files that each item brings become ports, everything else variables.</summary>
internal sealed class BoutiquesInputs
{
    private readonly List<BoutiquesInput> _inputs = [];
    private readonly Dictionary<string, BoutiquesInput> _byId = new(StringComparer.Ordinal);
    private readonly Lazy<ILookup<string, BoutiquesInput>> _byKey;
    private readonly ImportChoices _choices;
    private readonly MapNode? _own;
    private readonly ImportNotes _notes;

    public BoutiquesInputs(ForeignMap tool, ImportChoices choices, MapNode? own, ImportNotes notes)
    {
        (_choices, _own, _notes) = (choices, own, notes);
        _byKey = new(() => _inputs.Where(input => input.Key is { Length: > 0 }).ToLookup(input => input.Key!, StringComparer.Ordinal));
        Names = new NameBook(notes);
        var reserved = own?["reserved"] as MapNode;
        foreach (var node in tool.List("inputs"))
        {
            var source = ForeignMap.Of(node, "an input", notes);
            var id = source.RequiredText("id");
            if (id.Length == 0) continue;
            if (source.Text("value-key") is { Length: > KeySet.Longest }) _notes.Wrong(source.Place("value-key"), $"The value key of {Wording.Quote(id)} is longer than {KeySet.Longest} characters.");
            if (Names.Find(id) is not null || _byId.ContainsKey(id)) { notes.Wrong(source.Place("id"), $"Two inputs are called {Wording.Quote(id)}."); continue; }
            if (source.RequiredText("type") is { Length: > 0 } type && type is not ("String" or "File" or "Flag" or "Number"))
                notes.Wrong(source.Place("type"), $"{Wording.Quote(type)} is not a type of Boutiques.", "There are String, File, Flag and Number.");
            var meaning = (reserved?[id] as ScalarNode)?.Text;
            _inputs.Add(_byId[id] = new BoutiquesInput(id, meaning ?? Names.Take((own?["names"] as MapNode)?[id] is ScalarNode named ? named.Text : id, source.Place("id")), source.Text("value-key"), source) { Reserved = meaning });
        }
        foreach (var chosen in choices.Inputs.Concat(choices.References).Where(chosen => Find(chosen) is not { IsFile: true }))
            notes.Problems.Add(ImportCodes.BadChoice, tool.Place("inputs"), $"{Wording.Quote(chosen)} is not a file input of this tool.", Wording.DidYouMean(chosen, _inputs.Select(input => input.Id)) ?? $"There are {Wording.AnyOf(_inputs.Where(input => input.IsFile).Select(input => input.Id))}.");
    }

    public NameBook Names { get; }

    public IReadOnlyList<BoutiquesInput> All => _inputs;

    public BoutiquesInput? Find(string id) => _byId.GetValueOrDefault(id);

    /// <summary>All that stand behind a key, in their order.</summary>
    public IEnumerable<BoutiquesInput> OfKey(string key) => _byKey.Value[key];

    /// <summary>Files that must be given, or that outputs are named after, come with each item; what may be left out or has a default is the same for all.</summary>
    /// <param name="templates">Path templates of outputs.</param>
    public void Decide(IReadOnlyList<string> templates)
    {
        var references = ((_own?["references"] as ListNode)?.Items ?? []).OfType<ScalarNode>().Select(item => item.Text).ToList();
        bool Chosen(BoutiquesInput input) => _choices.Inputs.Contains(input.Id);
        bool Reference(BoutiquesInput input) => _choices.References.Contains(input.Id) || references.Contains(input.Id);
        bool Names(BoutiquesInput input) => input.Key is { Length: > 0 } key && templates.Any(template => template.Contains(key, StringComparison.Ordinal));
        var files = _inputs.Where(input => input.IsFile).ToList();
        foreach (var input in files) input.IsPort = !Reference(input) && (_own is not null || Chosen(input) || !input.IsOptional || Names(input));
        if (!files.Exists(input => input.IsPort) && _own is null && files.Find(input => !Reference(input) && !input.HasDefault) is { } first) first.IsPort = true;
    }

    /// <summary>Variables and ports, of those that the descriptor uses anywhere.</summary>
    public (IReadOnlyList<Variable>, IReadOnlyList<InputPort>) Finish(IReadOnlySet<string> used)
    {
        var variables = new List<Variable>();
        var ports = new List<InputPort>();
        foreach (var input in _inputs)
        {
            if (input.Reserved is null && _own is null && !used.Contains(input.Name))
                _notes.NotCarried(input.Source.Where, $"the input {Wording.Quote(input.Id)}, which stands nowhere in the command.");
            else if (input.IsPort) ports.Add(Port(input));
            else if (input.Reserved is null) variables.Add(Variable(input));
            if (input.IsPort || input.Reserved is not null) input.Source.Prose("name", "description");
            else if (input.Source.Has("description")) input.Source.Prose("name");
            _ = input.Source.MaybeFlag("uses-absolute-path");
            foreach (var key in (ReadOnlySpan<string>)["name", "requires-inputs", "disables-inputs", "value-requires", "value-disables", "default-value", "value-choices", "minimum", "maximum", "integer", "optional", "list", "type", "command-line-flag", "command-line-flag-separator", "list-separator"])
                _ = input.Source.Node(key);
            input.Source.Rest();
        }
        return (variables, ports);
    }

    private InputPort Port(BoutiquesInput input)
    {
        var form = Form(input);
        foreach (var key in (ReadOnlySpan<string>)["default-value", "min-list-entries", "max-list-entries", "value-choices"])
            input.Source.NotCarried(key, $"since each item brings {Wording.Quote(input.Id)}", "Say --reference " + input.Id + " if it is the same for all.");
        return new InputPort(input.Name, [], List: input.IsList, Required: !input.Source.Flag("optional"), Directory: _choices.Directories.Contains(input.Id))
        {
            Flag = form.Flag, Separator = form.Separator, ListSeparator = form.ListSeparator, Repeat = form.Repeat, Extensions = input.Stripped,
        };
    }

    private Variable Variable(BoutiquesInput input)
    {
        var source = input.Source;
        var form = Form(input);
        var choices = source.Texts("value-choices");
        var member = input.Type switch
        {
            "Flag" => VariableType.Flag,
            "File" => _choices.Directories.Contains(input.Id) ? VariableType.Directory : VariableType.File,
            _ when choices.Count > 0 => VariableType.Enum,
            "Number" => source.Flag("integer") ? VariableType.Integer : VariableType.Number,
            _ => VariableType.String,
        };
        var isNumber = member is VariableType.Integer or VariableType.Number;
        var (minimum, maximum) = (isNumber ? source.Number("minimum") : null, isNumber ? source.Number("maximum") : null);
        var (above, below) = (source.Flag("exclusive-minimum"), source.Flag("exclusive-maximum"));
        var variable = new Variable
        {
            Name = input.Name,
            Type = input.IsList && member != VariableType.Flag ? VariableType.List : member,
            Of = input.IsList ? member : VariableType.String,
            Minimum = above ? null : minimum, Above = above ? minimum : null, Maximum = below ? null : maximum, Below = below ? maximum : null,
            MinItems = Entries(source, "min-list-entries", 0), MaxItems = Entries(source, "max-list-entries", 1),
            Values = [.. choices.Distinct()],
            Help = source.Text("description") ?? source.Text("name") ?? "",
            Flag = form.Flag, Separator = form.Separator, ListSeparator = form.ListSeparator, Repeat = form.Repeat,
        };
        variable = variable with { Default = Default(variable, source) };
        return variable with { Required = !source.Flag("optional") && variable.Default is null && member != VariableType.Flag };
    }

    private static VariableValue? Default(Variable variable, ForeignMap source)
    {
        if (source.Node("default-value") is not { } node) return null;
        var problems = new ProblemList();
        var value = VariableValues.Read(variable, node, problems);
        if (value is null) source.NotCarried("default-value", $"since {Lower(problems.Sorted()[0].Message.TrimEnd('.'))}");
        return value;
    }

    private static string Lower(string text) => text.Length > 1 && char.IsLower(text[1]) ? char.ToLowerInvariant(text[0]) + text[1..] : text;

    private static int? Entries(ForeignMap source, string key, int least) =>
        source.Flag("list") && source.Number(key) is { } number && number >= least && number <= 10_000 ? (int)number : null;

    private (string? Flag, string? Separator, string? ListSeparator, bool Repeat) Form(BoutiquesInput input)
    {
        var source = input.Source;
        var flag = source.Text("command-line-flag") is { Length: > 0 } text ? text : null;
        var separator = source.Text("command-line-flag-separator") is { } between && between.Trim() != "" | between.Length == 0 ? between : null;
        var list = source.Text("list-separator") is { } joint && (joint.Trim().Length > 0 || joint.Length == 0) ? joint : null;
        if (flag is not null && flag.Any(char.IsWhiteSpace)) _notes.NotCarried(source.Place("command-line-flag"), $"the flag {Wording.Quote(flag)} becomes one argument, and a shell would make several of it.");
        if (flag is null || input.Type == "Flag") separator = null;
        if (!input.IsList || input.Type == "Flag") return (flag, separator, null, false);
        // “ --x ” between members is how a repeated flag is written.
        if (flag is not null && list is not null && list.Trim() == flag && separator is null) return (flag, null, null, true);
        if (list is not null && list.Any(char.IsWhiteSpace)) _notes.NotCarried(source.Place("list-separator"), $"a list separator with white space, {Wording.Quote(list)}: the members stay in one argument.");
        if (flag is not null && list is null && separator is not null)
            _notes.NotCarried(source.Place("command-line-flag-separator"), $"only the first member of {Wording.Quote(input.Id)} had the flag; now each has it.");
        return (flag, separator, list, false);
    }
}
