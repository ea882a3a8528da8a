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
    private const int LongestPath = 4000;
    private readonly BoutiquesInputs _inputs;
    private readonly ImportChoices _choices;
    private readonly ImportNotes _notes;
    private readonly List<BoutiquesOutput> _outputs = [];
    private readonly Dictionary<string, BoutiquesOutput> _byId = new(StringComparer.Ordinal), _byKey = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Id, string Template), string?> _paths = [];
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private KeySet? _keys;
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
            var output = new BoutiquesOutput(id, name, source.Text("value-key"), source);
            if (output.Key is { Length: > KeySet.Longest }) notes.Wrong(source.Place("value-key"), $"The value key of {Wording.Quote(id)} is longer than {KeySet.Longest} characters.");
            _outputs.Add(output);
            _byId.TryAdd(id, output);
            if (output.Key is { Length: > 0 } key) _byKey.TryAdd(key, output);
        }
        foreach (var chosen in choices.Directories.Where(chosen => inputs.Find(chosen) is not { IsFile: true } && Find(chosen) is null))
            notes.Problems.Add(ImportCodes.BadChoice, tool.Where, $"{Wording.Quote(chosen)} is neither a file input nor an output of this tool.");
    }

    public IReadOnlyList<BoutiquesOutput> All => _outputs;
    public List<OutputPort> Ports { get; } = [];
    public List<ConfigFile> Configs { get; } = [];

    public BoutiquesOutput? Find(string id) => _byId.GetValueOrDefault(id);

    public BoutiquesOutput? OfKey(string key) => _byKey.GetValueOrDefault(key);

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
        var length = 0;
        foreach (var line in output.Source.Texts("file-template"))
        {
            var text = Sources.Replace(line, Keys, key =>
            {
                if (_inputs.OfKey(key).FirstOrDefault() is { } input)
                {
                    if (input.Reserved is null) used.Add(input.Name);
                    if (input.IsList && !input.Source.Has("list-separator")) _notes.NotCarried(output.Source.Place("file-template"), $"members of {Wording.Quote(input.Id)} are separated by commas in the file, and were by spaces.");
                    return Sources.Name(input.Name);
                }
                return OfKey(key) is { } other && other != output ? other.Path ?? "" : Sources.Literal(key);
            }, Sources.Literal);
            if ((length += text.Length) > Sources.Longest)
            {
                _notes.Wrong(output.Source.Place("file-template"), $"The configuration file {Wording.Quote(output.Id)} has more than {Sources.Longest:N0} characters.", "Is it the right file? Put what does not change into a file of its own.");
                return;
            }
            foreach (var part in text.Split('\n')) lines.Add(Template.Parse(part));
        }
        Configs.Add(new ConfigFile(output.Name, Template.Parse(path), lines));
    }

    private KeySet Keys => _keys ??= new(_inputs.All.Select(input => input.Key).Concat(_outputs.Select(output => output.Key)).OfType<string>());

    /// <summary>A path relative to <c>${out}</c>, with the names of files for the paths that Boutiques would put there. Paths may be made of other outputs' paths: each is made once.</summary>
    private string? PathOf(BoutiquesOutput output, string template, Location where, ISet<string> used)
    {
        if (_paths.TryGetValue((output.Id, template), out var known)) return known;
        if (!_open.Add(output.Id))
        {
            _notes.Wrong(where, $"The path of {Wording.Quote(output.Id)} is made of itself, over other outputs.");
            return null;
        }
        var path = Made(output, template, where, used);
        _open.Remove(output.Id);
        return _paths[(output.Id, template)] = path;
    }

    private string? Made(BoutiquesOutput output, string template, Location where, ISet<string> used)
    {
        var stripped = output.Source.Texts("path-template-stripped-extensions");
        var path = Sources.Replace(template, Keys, key =>
        {
            if (_inputs.OfKey(key).FirstOrDefault() is { } input) return Inserted(input, stripped, where, used);
            if (OfKey(key) is not { } other || other == output) return Sources.Literal(key);
            return Alternatives(other).FirstOrDefault().Text is { } inner && PathOf(other, inner, other.Source.Where, used) is { } within ? within : "";
        }, Sources.Literal);
        if (path.Length > LongestPath)
        {
            _notes.Wrong(where, $"The path of {Wording.Quote(output.Id)} is longer than {LongestPath:N0} characters.");
            return null;
        }
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
