using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Importing.Boutiques;

/// <summary>One output file of a Boutiques tool, or a configuration file.</summary>
/// <param name="Path">With the keys of inputs replaced by placeholders; null where there is no such path here.</param>
internal sealed record BoutiquesOutput(string Id, string Name, string? Key, ForeignMap Source)
{
    public string? Path { get; set; }
    public bool IsConfig => Source.Has("file-template");
}

/// <summary>Output files with their path templates, and those with a template for their content: configuration files.</summary>
internal sealed class BoutiquesOutputs
{
    private readonly BoutiquesInputs _inputs;
    private readonly ImportChoices _choices;
    private readonly ImportNotes _notes;
    private readonly List<BoutiquesOutput> _outputs = [];
    private readonly MapNode? _own;

    public BoutiquesOutputs(ForeignMap tool, BoutiquesInputs inputs, ImportChoices choices, MapNode? own, ImportNotes notes)
    {
        (_inputs, _choices, _own, _notes) = (inputs, choices, own, notes);
        var names = new NameBook(notes);
        foreach (var node in tool.List("output-files"))
        {
            var source = ForeignMap.Of(node, "an output", notes);
            var id = source.RequiredText("id");
            if (id.Length == 0) continue;
            var wanted = (own?["names"] as MapNode)?[id] is ScalarNode named ? named.Text : id;
            // A configuration file stands in placeholders as inputs do.
            var name = source.Has("file-template") ? inputs.Names.Take(wanted, source.Place("id")) : names.Take(wanted, source.Place("id"), isOutput: true);
            _outputs.Add(new BoutiquesOutput(id, name, source.Text("value-key"), source));
        }
        foreach (var chosen in choices.Directories.Where(chosen => inputs.Find(chosen) is not { IsFile: true } && !_outputs.Exists(output => output.Id == chosen)))
            notes.Problems.Add(ImportCodes.BadChoice, tool.Where, $"{Wording.Quote(chosen)} is neither a file input nor an output of this tool.");
    }

    public IReadOnlyList<BoutiquesOutput> All => _outputs;
    public List<OutputPort> Ports { get; } = [];
    public List<ConfigFile> Configs { get; } = [];

    public BoutiquesOutput? Find(string id) => _outputs.Find(output => output.Id == id);

    /// <summary>Path templates as written: files that they name come with each item.</summary>
    public IReadOnlyList<string> Templates => [.. _outputs.SelectMany(Alternatives).Select(template => template.Text)];

    /// <summary>Makes ports and configuration files; a placeholder that they use is added to <paramref name="used"/>.</summary>
    public void Read(ISet<string> used)
    {
        foreach (var output in _outputs)
        {
            var templates = Alternatives(output).ToList();
            if (templates.Count == 0) _notes.Wrong(output.Source.Where, $"The output {Wording.Quote(output.Id)} has no path template.");
            foreach (var conditional in templates.Count > 1 || output.Source.Has("conditional-path-template") ? templates : [])
                if (conditional.Condition is { } condition and not "default") _notes.NotCarried(conditional.Where, $"the condition {Wording.Quote(condition)} of {Wording.Quote(output.Id)}: each of its paths is an output that may be missing.");
            for (var i = 0; i < templates.Count; i++)
            {
                if (PathOf(output, templates[i].Text, templates[i].Where, used) is not { } path) continue;
                output.Path ??= path;
                if (output.IsConfig) Config(output, path, used);
                else Add(output, path, i, templates.Count > 1);
            }
            foreach (var key in (ReadOnlySpan<string>)["name", "description"]) output.Source.Prose(key);
            foreach (var key in (ReadOnlySpan<string>)["optional", "list", "path-template-stripped-extensions", "uses-absolute-path", "command-line-flag", "command-line-flag-separator", "file-template", "conditional-path-template", "path-template"]) _ = output.Source.Node(key);
            output.Source.Rest();
        }
    }

    private void Add(BoutiquesOutput output, string path, int index, bool many)
    {
        var source = output.Source;
        var directory = path.EndsWith('/') || _choices.Directories.Contains(output.Id);
        var port = new OutputPort(index == 0 ? output.Name : $"{output.Name}_{index + 1}", Template.Parse(path.TrimEnd('/')), Required: !many && !source.Flag("optional"), Each: source.Flag("list"), Directory: directory);
        if (Ports.Find(other => other.Path == port.Path) is { } twin) _notes.NotCarried(source.Where, $"the output {Wording.Quote(output.Id)}, which has the path of {Wording.Quote(twin.Name)}.");
        else Ports.Add(port);
    }

    private void Config(BoutiquesOutput output, string path, ISet<string> used)
    {
        var lines = new List<Template>();
        foreach (var line in output.Source.Texts("file-template"))
        {
            var text = Sources.Replace(line, Keys(output), key =>
            {
                if (_inputs.All.FirstOrDefault(input => input.Key == key) is { } input)
                {
                    if (input.Reserved is null) used.Add(input.Name);
                    if (input.IsList && !input.Source.Has("list-separator")) _notes.NotCarried(output.Source.Place("file-template"), $"members of {Wording.Quote(input.Id)} are separated by commas in the file, and were by spaces.");
                    return Sources.Name(input.Name);
                }
                return _outputs.Find(other => other.Key == key)?.Path ?? "";
            }, Sources.Literal);
            foreach (var part in text.Split('\n')) lines.Add(Template.Parse(part));
        }
        Configs.Add(new ConfigFile(output.Name, Template.Parse(path), lines));
    }

    private IReadOnlyList<string> Keys(BoutiquesOutput except) =>
        [.. _inputs.All.Select(input => input.Key).Concat(_outputs.Where(output => output != except).Select(output => output.Key)).OfType<string>().Where(key => key.Length > 0).Distinct()];

    /// <summary>A path relative to <c>${out}</c>, with the names of files for the paths that Boutiques would put there.</summary>
    private string? PathOf(BoutiquesOutput output, string template, Location where, ISet<string> used, int depth = 0)
    {
        if (depth > _outputs.Count)
        {
            _notes.Wrong(where, $"The path of {Wording.Quote(output.Id)} is made of itself, over other outputs.");
            return null;
        }
        var stripped = output.Source.Texts("path-template-stripped-extensions");
        var path = Sources.Replace(template, Keys(output), key =>
        {
            if (_outputs.Find(other => other.Key == key) is { } other && _inputs.All.All(input => input.Key != key))
                return Alternatives(other).FirstOrDefault().Text is { } inner && PathOf(other, inner, other.Source.Where, used, depth + 1) is { } path ? path : "";
            return Inserted(_inputs.All.First(input => input.Key == key), stripped, where, used);
        }, text => Sources.Literal(text));
        while (path.StartsWith("./", StringComparison.Ordinal)) path = path[2..];
        if (path.AsSpan().IndexOfAny('[', ']') >= 0) _notes.NotCarried(where, $"“[” and “]” of {Wording.Quote(template)} stand for themselves here, not for a choice of letters.");
        var shape = Template.Parse(path).Expand(_ => "x") ?? "";
        var flaw = shape.StartsWith('/') ? PortReader.AbsoluteFlaw(shape) : Items.ItemKey.Flaw(shape.Length > 1 ? shape.TrimEnd('/') : shape);
        if (flaw is null) return path;
        _notes.NotCarried(where, $"the output {Wording.Quote(output.Id)}: the path {Wording.Quote(template)} {flaw}.");
        return null;
    }

    private string Inserted(BoutiquesInput input, IReadOnlyList<string> stripped, Location where, ISet<string> used)
    {
        if (input.Reserved is { } reserved) return Sources.Name(reserved);
        if (input.IsPort && !input.IsList)
        {
            if (_own?["stem"] is ScalarNode leading && leading.Text == input.Id && stripped.Count > 0) return Sources.Name("stem");
            used.Add(input.Name);
            if (stripped.Count == 0) return Sources.Name(input.Name + ".name");
            input.Stripped = [.. input.Stripped.Concat(stripped.Where(extension => extension.StartsWith('.') && extension.Length > 1 && Items.Stem.Of("x" + extension) != "x")).Distinct()];
            return Sources.Name(input.Name + ".stem");
        }
        if (input.IsFile)
        {
            _notes.NotCarried(where, $"the path of {Wording.Quote(input.Id)} inside the name of an output: any name is taken.");
            return "*";
        }
        if (stripped.Count > 0 && input.Type == "String") _notes.NotCarried(where, $"extensions are not stripped from the text {Wording.Quote(input.Id)}.");
        used.Add(input.Name);
        return Sources.Name(input.Name);
    }

    private static IEnumerable<(string Text, string? Condition, Location Where)> Alternatives(BoutiquesOutput output)
    {
        if (output.Source.Text("path-template") is { Length: > 0 } text) yield return (text, null, output.Source.Place("path-template"));
        else
            foreach (var entry in output.Source.List("conditional-path-template").OfType<MapNode>().SelectMany(map => map.Entries).DistinctBy(entry => (entry.Value as ScalarNode)?.Text))
                if (entry.Value is ScalarNode { Text.Length: > 0 } path) yield return (path.Text, entry.Key, entry.Where);
    }
}
