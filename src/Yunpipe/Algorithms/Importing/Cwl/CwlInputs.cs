using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Importing.Cwl;

/// <summary>One input of a tool, or one field of an input that is a record.</summary>
/// <param name="Id">By which references name it: <c>x</c>, or <c>record.field</c>.</param>
internal sealed record CwlInput(string Id, string Name, CwlType Type, ForeignMap Source)
{
    public bool HasDefault => Source.Has("default");
    public bool IsOptional => Type.IsOptional || HasDefault;
    public bool IsPort { get; set; }
    public bool IsUsed { get; set; }

    /// <summary>How its value stands in the command; null where it does not by itself.</summary>
    public ForeignMap? Binding { get; init; }

    /// <summary>Binding of the record that it is a field of.</summary>
    public ForeignMap? Outer { get; init; }

    /// <summary>Whether the record that it is a field of may be missing.</summary>
    public bool InOptional { get; init; }
}

/// <summary>The inputs of a tool: required files come with each item, everything else is a variable.</summary>
internal sealed class CwlInputs
{
    private readonly List<CwlInput> _inputs = [];
    private readonly Dictionary<string, CwlInput> _byId = new(StringComparer.Ordinal);
    private readonly ImportNotes _notes;
    private readonly ImportChoices _choices;
    private readonly CwlTypes _types;
    private readonly NameBook _names;

    public CwlInputs(ForeignMap tool, CwlTypes types, ImportChoices choices, ImportNotes notes)
    {
        (_notes, _choices, _types, _names) = (notes, choices, types, new NameBook(notes));
        foreach (var entry in CwlNames.Entries(tool.Node("inputs"), "id")) Add(entry, null, "", false);
        foreach (var chosen in choices.Inputs.Concat(choices.References).Where(chosen => Find(chosen) is not { Type.IsFile: true }))
            notes.Problems.Add(ImportCodes.BadChoice, tool.Place("inputs"), $"{Wording.Quote(chosen)} is not a file input of this tool.",
                Wording.DidYouMean(chosen, _inputs.Select(input => input.Id)) ?? $"There are {Wording.AnyOf(_inputs.Where(input => input.Type.IsFile).Select(input => input.Id))}.");
    }

    public IReadOnlyList<CwlInput> All => _inputs;

    /// <summary>Rules that records bring: the fields of an optional one are given together.</summary>
    public List<VariableRule> Rules { get; } = [];

    public CwlInput? Find(string id) => _byId.GetValueOrDefault(id);

    private void Add(MapEntry entry, ForeignMap? outer, string prefix, bool optional)
    {
        var id = CwlNames.Short(entry.Key);
        // “x: File” is short for “x: {type: File}”, and so are lists and types in their long form.
        var isLong = entry.Value is MapNode map && (map["inputBinding"] is not null || map["type"] is not null) && (map["type"] as ScalarNode)?.Text is not ("array" or "enum" or "record");
        var source = ForeignMap.Of(isLong ? entry.Value : new MapNode([new MapEntry("type", entry.Where, entry.Value)], entry.Where), "an input", _notes);
        if (entry.Value is MapNode { } whole && !isLong && whole["inputBinding"] is { } bound && whole["items"] is null) source = ForeignMap.Of(new MapNode([.. source.Source.Entries, new MapEntry("inputBinding", bound.Where, bound)], entry.Where), "an input", _notes);
        if (source.Node("type") is not { } typeNode) { _notes.Wrong(entry.Where, $"The input {Wording.Quote(id)} has no type."); return; }
        var type = _types.Read(typeNode);
        if (type is { Kind: CwlKind.Stream, Word: "stdin" }) type = type with { Kind = CwlKind.File };
        var binding = source.Node("inputBinding") is { } node ? ForeignMap.Of(node, "an input's binding", _notes) : null;
        if (Find(prefix + id) is not null) { _notes.Wrong(entry.Where, $"Two inputs are called {Wording.Quote(prefix + id)}."); return; }
        if (type.Kind == CwlKind.Record && prefix.Length == 0)
        {
            Take(new CwlInput(id, id, type, source) { Binding = binding, IsUsed = true });
            foreach (var field in type.Fields) Add(field, binding, id + ".", type.IsOptional);
            var together = _inputs.Where(input => input.Id.StartsWith(id + ".", StringComparison.Ordinal) && !input.IsOptional && !input.Type.IsFile).Select(input => input.Name).ToList();
            if (type.IsOptional && together.Count > 1) Rules.Add(new VariableRule(RuleKind.AllOrNone, together));
            Finish(source, id);
            return;
        }
        if (type.Kind is CwlKind.Other or CwlKind.Record or CwlKind.Stream)
        {
            _notes.NotCarried(entry.Where, $"the input {Wording.Quote(prefix + id)}, of a type that has no counterpart here{(type.Word.Length > 0 ? $": {Wording.Quote(type.Word)}" : "")}.");
            Take(new CwlInput(prefix + id, id, new CwlType(CwlKind.Other), source));
            return;
        }
        Take(new CwlInput(prefix + id, _names.Take((prefix + id).Replace('.', '_'), entry.Where), type, source) { Binding = binding, Outer = outer, InOptional = optional, IsUsed = (typeNode as ScalarNode)?.Text == "stdin" });
        SecondaryFiles(source, prefix + id, type);
        Finish(source, prefix + id);
    }

    private void Take(CwlInput input)
    {
        _inputs.Add(input);
        _byId.TryAdd(input.Id, input);
    }

    private void SecondaryFiles(ForeignMap source, string id, CwlType type)
    {
        if (source.Node("secondaryFiles") is not { } node || !type.IsFile) return;
        var patterns = CwlPatterns.Of(node).Select(pattern => pattern.Pattern).ToList();
        var templates = patterns.Where(pattern => !CwlReferences.IsExpression(pattern)).Select(pattern => CwlPatterns.Beside(pattern, "${name}", "${stem}")).OfType<string>().ToList();
        _notes.NotCarried(node.Where, $"the files beside {Wording.Quote(id)}, {Wording.AllOf(patterns)}: a workflow says what lies beside its images.",
            templates.Count > 0 ? $"Write sidecars: [{string.Join(", ", templates.Select(template => $"\"{template}\""))}] at the workflow's input." : null);
    }

    private static void Finish(ForeignMap source, string id)
    {
        source.Prose("label");
        source.LeaveOut("which changes nothing for a run", "format", "streamable");
        source.NotCarried("loadContents", $"since {Wording.Quote(id)} is not read before the run");
        source.NotCarried("loadListing", $"since {Wording.Quote(id)} is not listed before the run");
        foreach (var key in (ReadOnlySpan<string>)["id", "name", "doc", "default", "type", "inputBinding", "secondaryFiles"]) _ = source.Node(key);
        source.Rest();
    }

    /// <param name="named">Ids whose file names are asked for: they come with each item.</param>
    public void Decide(IReadOnlyCollection<string> named)
    {
        var files = _inputs.Where(input => input.Type.IsFile).ToList();
        foreach (var input in files) input.IsPort = !_choices.References.Contains(input.Id) && (_choices.Inputs.Contains(input.Id) || !input.IsOptional || named.Contains(input.Id));
        if (!files.Exists(input => input.IsPort) && files.Find(input => !_choices.References.Contains(input.Id) && !input.HasDefault) is { } first) first.IsPort = true;
    }

    public (IReadOnlyList<Variable>, IReadOnlyList<InputPort>) Made()
    {
        var variables = new List<Variable>();
        var ports = new List<InputPort>();
        foreach (var input in _inputs.Where(input => input.Type.Kind is not (CwlKind.Record or CwlKind.Other)))
            if (!input.IsUsed) _notes.NotCarried(input.Source.Where, $"the input {Wording.Quote(input.Id)}, which stands nowhere in the command.");
            else if (input.IsPort) ports.Add(Port(input));
            else variables.Add(Variable(input));
        return (variables, ports);
    }

    private InputPort Port(CwlInput input)
    {
        input.Source.NotCarried("default", $"since each item brings {Wording.Quote(input.Id)}", $"Say --reference {input.Id} if it is the same for all.");
        var form = CwlForm.Of(input, _notes);
        return new InputPort(input.Name, [], List: input.Type.IsArray, Required: !input.Type.IsOptional && !input.InOptional, Directory: input.Type.Kind == CwlKind.Directory || _choices.Directories.Contains(input.Id))
        {
            Flag = form.Flag, Separator = form.Separator, ListSeparator = form.ListSeparator, Repeat = form.Repeat,
        };
    }

    private Variable Variable(CwlInput input)
    {
        var member = input.Type.Kind switch
        {
            CwlKind.Whole => VariableType.Integer,
            CwlKind.Number => VariableType.Number,
            CwlKind.Flag => VariableType.Flag,
            CwlKind.Word => VariableType.Enum,
            CwlKind.File => _choices.Directories.Contains(input.Id) ? VariableType.Directory : VariableType.File,
            CwlKind.Directory => VariableType.Directory,
            _ => VariableType.String,
        };
        var form = CwlForm.Of(input, _notes);
        var variable = new Variable
        {
            Name = input.Name,
            Type = input.Type.IsArray ? VariableType.List : member, Of = input.Type.IsArray ? member : VariableType.String,
            Values = input.Type.Symbols, Help = CwlText.Prose(input.Source.Node("doc")) ?? input.Source.Text("label") ?? "",
            Flag = form.Flag, Separator = form.Separator, ListSeparator = form.ListSeparator, Repeat = form.Repeat,
        };
        variable = variable with { Default = Default(variable, input) };
        return variable with { Required = !input.IsOptional && !input.InOptional };
    }

    private static VariableValue? Default(Variable variable, CwlInput input)
    {
        if (input.Source.Node("default") is not { } node) return null;
        var problems = new ProblemList();
        var value = VariableValues.Read(variable, node is ListNode list ? new ListNode([.. list.Items.Select(Path)], list.Where) : Path(node), problems);
        if (value is null) input.Source.NotCarried("default", $"which is no value of {Wording.Quote(input.Id)} here");
        return value;
    }

    /// <summary><c>{class: File, location: x}</c> is x.</summary>
    private static DocumentNode Path(DocumentNode node) =>
        node is MapNode map && (map["path"] ?? map["location"]) is ScalarNode place ? place with { Text = place.Text.StartsWith("file://", StringComparison.Ordinal) ? place.Text["file://".Length..] : place.Text } : node;
}
