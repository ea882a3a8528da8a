using System.Globalization;
using Yunpipe.Documents;
using Yunpipe.Items;
using static Yunpipe.Documents.NodeBuilder;

namespace Yunpipe.Algorithms.Importing.Boutiques;

/// <summary>An algorithm as a Boutiques descriptor (schema 0.5). What Boutiques has no word for is kept under <c>custom.yunpipe</c>, so that an import of the
/// export is the algorithm again; Boutiques itself does not heed it.</summary>
public sealed class BoutiquesExporter
{
    private readonly Algorithm _algorithm;

    /// <summary>Reserved placeholders that the command or an output uses, by the id of the input that stands for them.</summary>
    private readonly SortedDictionary<string, string> _reserved = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _outputIds = new(StringComparer.Ordinal);
    private readonly InputPort? _leading;

    private BoutiquesExporter(Algorithm algorithm)
    {
        _algorithm = algorithm;
        _leading = algorithm.Inputs.FirstOrDefault(port => port is { List: false, Required: true });
        var taken = new HashSet<string>(StringComparer.Ordinal);
        string Id(string name)
        {
            var id = name.Replace('-', '_');
            while (!taken.Add(id)) id += "_";
            return id;
        }
        foreach (var port in algorithm.Inputs) _ids[port.Name] = Id(port.Name);
        foreach (var variable in algorithm.Variables) _ids[variable.Name] = Id(variable.Name);
        foreach (var config in algorithm.Configs) _outputIds["config " + config.Name] = Id(config.Name);
        foreach (var output in algorithm.Outputs) _outputIds[output.Name] = Id(algorithm.Inputs.Any(port => port.Name == output.Name) ? output.Name + "_out" : output.Name);
    }

    /// <summary>The document, and what of the algorithm Boutiques has no word for.</summary>
    public static (MapNode Document, IReadOnlyList<Problem> Told) Export(Algorithm algorithm)
    {
        var exporter = new BoutiquesExporter(algorithm);
        var plain = exporter.Document(null);
        // What is missing is what an import of the descriptor does not give back.
        var back = new BoutiquesImporter((MapNode)exporter.Document(new MapNode([], default)), ImportChoices.None, new ImportNotes("")).Import();
        var patch = back is null ? AlgorithmWriter.ToNode(algorithm) : BoutiquesOwn.Difference(AlgorithmWriter.ToNode(back), AlgorithmWriter.ToNode(algorithm));
        var told = (patch as MapNode)?.Entries.Select(entry => new Problem(ImportCodes.NotExported, $"Boutiques has no word for all of {Wording.Quote(entry.Key)}: the rest is kept under custom.yunpipe.", new Location(algorithm.Name))).ToList() ?? [];
        return (exporter.Document(patch as MapNode ?? new MapNode([], default)), told);
    }

    private MapNode Document(MapNode? patch)
    {
        _reserved.Clear();
        var command = string.Join(' ', _algorithm.Command.Tokens.Select(Word));
        if (_algorithm.Stdin is { } stdin) command += " < " + Word(stdin);
        if (_algorithm.Stdout is { } stdout) command += " > " + Word(stdout);
        if (_algorithm.Stderr is { } stderr) command += " 2> " + Word(stderr);
        var environment = _algorithm.Environment.OrderBy(entry => entry.Key, StringComparer.Ordinal).Where(entry => EnvironmentText(entry.Value) is not null)
            .Select(entry => new NodeBuilder().Text("name", entry.Key).Add("value", Text(EnvironmentText(entry.Value)!)).Build()).ToList();
        var outputs = _algorithm.Outputs.Select(Output).Concat(_algorithm.Configs.Select(Config)).ToList();
        var inputs = _algorithm.Inputs.Select(Input).Concat(_algorithm.Variables.Select(Variable)).ToList();
        inputs.AddRange(_reserved.Select(entry => Reserved(entry.Key, entry.Value)));
        return new NodeBuilder()
            .Text("schema-version", "0.5")
            .Text("name", _algorithm.Name)
            .Text("tool-version", _algorithm.Version.Length > 0 ? _algorithm.Version : "0")
            .Text("description", _algorithm.Description.Length > 0 ? _algorithm.Description : _algorithm.Name)
            .Text("command-line", command)
            .Add("container-image", _algorithm.Image is { } image ? new NodeBuilder().Text("type", "docker").Text("image", image).Build() : null)
            .Add("environment-variables", environment.Count > 0 ? List(environment) : null)
            .Add("inputs", List(inputs))
            .Add("groups", Groups() is { Count: > 0 } groups ? List(groups) : null)
            .Add("output-files", outputs.Count > 0 ? List(outputs) : null)
            .Add("error-codes", _algorithm.ExitCodes.Count == 0 ? null : List(_algorithm.ExitCodes.OrderBy(exit => exit.Key).Select(exit => new NodeBuilder()
                .Add("code", Number(exit.Key)).Add("description", Text(exit.Value.Says)).Build())))
            .Add("suggested-resources", Resources())
            .Add("tests", Tests() is { Count: > 0 } tests ? List(tests) : null)
            .Add("custom", patch is null ? null : new MapNode([new MapEntry("yunpipe", default, Own(patch))], default))
            .Build();
    }

    private MapNode Own(MapNode patch) => new NodeBuilder()
        .Add("names", Renamed() is { Count: > 0 } renamed ? Map(renamed, entry => entry.Id, entry => Text(entry.Name)) : null)
        .Text("stem", _leading is null ? null : _ids[_leading.Name])
        .Texts("references", [.. _algorithm.Variables.Where(ReferencePath.IsReference).Select(variable => _ids[variable.Name])])
        .Add("reserved", _reserved.Count == 0 ? null : Map(_reserved, entry => entry.Key, entry => Text(entry.Value)))
        .Add("patch", patch.Entries.Count == 0 ? null : patch)
        .Build();

    private List<(string Id, string Name)> Renamed() =>
        [.. _ids.Select(entry => (Id: entry.Value, Name: entry.Key)).Concat(_outputIds.Select(entry => (Id: entry.Value, Name: entry.Key.Replace("config ", "", StringComparison.Ordinal)))).Where(entry => entry.Id != entry.Name)];

    private static string Key(string id) => $"[{id.ToUpperInvariant()}]";

    /// <summary>A token as a shell would read it: keys bare, everything else quoted where it must be.</summary>
    private string Word(Template token)
    {
        var text = Keyed(token);
        // A key that a shell never sees quotes the value itself.
        return text.All(c => char.IsAsciiLetterOrDigit(c) || "_-./=:,+@%[]".Contains(c, StringComparison.Ordinal)) && text.Length > 0 ? text : Quoted(token);
    }

    private string Quoted(Template token) => string.Concat(Pieces(token).Select(piece => piece.IsName ? piece.Text : CommandPreview.ToLine([piece.Text]))) is { Length: > 0 } text ? text : "''";

    private string Keyed(Template token) => string.Concat(Pieces(token).Select(piece => piece.Text));

    /// <summary>The pieces with keys for placeholders; <c>${out}/</c> and the path of an output become the key of that output.</summary>
    private IEnumerable<TemplatePiece> Pieces(Template token)
    {
        var output = _algorithm.Outputs.Where(port => token.Source.EndsWith("${out}/" + port.Path.Source, StringComparison.Ordinal)).OrderByDescending(port => port.Path.Source.Length).FirstOrDefault();
        var head = output is null ? token : Template.Parse(token.Source[..^("${out}/".Length + output.Path.Source.Length)]);
        foreach (var piece in head.Pieces) yield return piece.IsName ? new TemplatePiece(KeyOf(piece.Text), true) : piece;
        if (output is not null) yield return new TemplatePiece(Key(_outputIds[output.Name]), true);
    }

    private string KeyOf(string name)
    {
        if (_ids.TryGetValue(name, out var id)) return Key(id);
        if (ReservedNames.OutputOf(name) is { } output && _outputIds.TryGetValue(output, out var written)) return Key(written);
        if (_outputIds.TryGetValue("config " + name, out var config)) return Key(config);
        var standing = "yunpipe_" + string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        _reserved[standing] = name;
        return Key(standing);
    }

    private MapNode Input(InputPort port) => new NodeBuilder()
        .Text("id", _ids[port.Name]).Text("name", port.Name).Text("type", "File").Text("value-key", Key(_ids[port.Name]))
        .Flag("list", port.List, unless: false)
        .Text("list-separator", port.List ? port.Repeat ? $" {port.Flag} " : port.ListSeparator : null)
        .Text("command-line-flag", port.Flag)
        .Add("command-line-flag-separator", port is { Flag: not null, Separator: { } separator } ? Text(separator) : null)
        .Flag("optional", !port.Required, unless: false)
        .Build();

    private MapNode Variable(Variable variable)
    {
        var member = VariableValues.MemberType(variable);
        var type = member switch { VariableType.Flag => "Flag", VariableType.File or VariableType.Directory => "File", VariableType.Integer or VariableType.Number => "Number", _ => "String" };
        var isFlagless = member == VariableType.Flag && variable.Flag is null;
        var minimum = variable.Minimum ?? variable.Above;
        var maximum = variable.Maximum ?? variable.Below;
        return new NodeBuilder()
            .Text("id", _ids[variable.Name]).Text("name", variable.Name).Text("type", isFlagless ? "String" : type)
            .Text("value-key", Key(_ids[variable.Name])).Text("description", variable.Help)
            .Flag("list", variable.Type == VariableType.List, unless: false)
            .Add("list-separator", variable.Repeat ? Text($" {variable.Flag} ") : variable.ListSeparator is { } between ? Text(between) : null)
            .Text("command-line-flag", variable.Flag)
            .Add("command-line-flag-separator", variable is { Flag: not null, Separator: { } separator } ? Text(separator) : null)
            .Flag("optional", !variable.Required, unless: false)
            .Add("default-value", variable.Default is { } value ? AlgorithmWriter.Value(variable, isFlagless ? VariableValue.Of(value.Text) : value) is var node && isFlagless ? Text(value.Text) : node : null)
            .Add("value-choices", isFlagless ? Texts(["true", "false"]) : variable.Values.Count > 0 ? Texts(variable.Values) : null)
            .Flag("integer", member == VariableType.Integer, unless: false)
            .Add("minimum", minimum is { } least ? Plain(ValueFlaw.Show(least)) : null)
            .Add("maximum", maximum is { } most ? Plain(ValueFlaw.Show(most)) : null)
            .Flag("exclusive-minimum", variable.Above is not null && variable.Minimum is null, unless: false)
            .Flag("exclusive-maximum", variable.Below is not null && variable.Maximum is null, unless: false)
            .Add("min-list-entries", variable.MinItems is { } few ? Number(few) : null)
            .Add("max-list-entries", variable.MaxItems is { } many ? Number(many) : null)
            .Texts("requires-inputs", [.. Requires(variable.Name)])
            .Add("value-requires", ByValue(variable, RuleKind.Requires))
            .Add("value-disables", ByValue(variable, RuleKind.AtMostOne))
            .Build();
    }

    private IEnumerable<string> Requires(string name) => _algorithm.Rules.Where(rule => rule.Kind == RuleKind.Requires && rule.Variables[0] == name && rule.Variables.Skip(1).All(_ids.ContainsKey))
        .SelectMany(rule => rule.Variables.Skip(1)).Select(other => _ids[other]).Distinct();

    /// <summary>Boutiques wants every choice to be listed.</summary>
    private MapNode? ByValue(Variable variable, RuleKind kind)
    {
        var rules = _algorithm.Rules.Where(rule => rule.Kind == kind && rule.Variables.Count > 1 && rule.Variables[0].StartsWith(variable.Name + "=", StringComparison.Ordinal) && rule.Variables.Skip(1).All(_ids.ContainsKey)).ToList();
        return rules.Count == 0 || variable.Values.Count == 0 ? null : Map(variable.Values, value => value,
            value => Texts(rules.Where(rule => rule.Variables[0] == $"{variable.Name}={value}").SelectMany(rule => rule.Variables.Skip(1)).Select(other => _ids[other]).Distinct()));
    }

    private List<MapNode> Groups()
    {
        var groups = new List<MapNode>();
        foreach (var rule in _algorithm.Rules.Where(rule => rule.Kind != RuleKind.Requires && rule.Variables.All(_ids.ContainsKey)))
            groups.Add(new NodeBuilder().Text("id", $"group_{groups.Count + 1}").Text("name", $"Group {groups.Count + 1}").Texts("members", [.. rule.Variables.Select(name => _ids[name])])
                .Flag("mutually-exclusive", rule.Kind is RuleKind.OneOf or RuleKind.AtMostOne, unless: false).Flag("one-is-required", rule.Kind is RuleKind.OneOf or RuleKind.AtLeastOne, unless: false)
                .Flag("all-or-none", rule.Kind == RuleKind.AllOrNone, unless: false).Build());
        return groups;
    }

    private MapNode Output(OutputPort port)
    {
        var (path, stripped) = PathOf(port.Path);
        return new NodeBuilder()
            .Text("id", _outputIds[port.Name]).Text("name", port.Name).Text("value-key", UsesOutput(port) ? Key(_outputIds[port.Name]) : null)
            .Text("path-template", port.Directory ? path + "/" : path).Texts("path-template-stripped-extensions", stripped)
            .Flag("list", port.Each, unless: false).Flag("optional", !port.Required, unless: false).Build();
    }

    private bool UsesOutput(OutputPort port) => _algorithm.Command.Tokens.Concat(new[] { _algorithm.Stdout, _algorithm.Stderr }.OfType<Template>()).Any(token => Pieces(token).Any(piece => piece.IsName && piece.Text == Key(_outputIds[port.Name])));

    private MapNode Config(ConfigFile config) => new NodeBuilder()
        .Text("id", _outputIds["config " + config.Name]).Text("name", config.Name).Text("value-key", Key(_outputIds["config " + config.Name]))
        .Text("path-template", PathOf(config.Path).Path).Add("file-template", Texts(config.Lines.Select(Keyed))).Build();

    /// <summary>The stem of the item is the name of the first input's file without its extension.</summary>
    private (string Path, IReadOnlyList<string> Stripped) PathOf(Template template)
    {
        var strips = false;
        var text = string.Concat(template.Pieces.Select(piece =>
        {
            if (!piece.IsName) return piece.Text;
            var port = piece.Text == "stem" ? _leading : ReservedNames.FileOf(piece.Text) is { } of ? _algorithm.Inputs.FirstOrDefault(known => known.Name == of) : null;
            if (port is null || piece.Text.EndsWith(".ext", StringComparison.Ordinal)) return KeyOf(piece.Text);
            strips |= !piece.Text.EndsWith(".name", StringComparison.Ordinal);
            return Key(_ids[port.Name]);
        }));
        return (text, strips ? Extensions() : []);
    }

    /// <summary>What the inputs accept, longest first, so that “.ome.tif” goes before “.tif”.</summary>
    private IReadOnlyList<string> Extensions()
    {
        var known = _algorithm.Inputs.SelectMany(port => port.Accepts.Where(glob => glob.StartsWith("*.", StringComparison.Ordinal) && glob.AsSpan(1).IndexOfAny('*', '?') < 0).Select(glob => glob[1..]).Concat(port.Extensions)).ToList();
        if (known.Count == 0) known = [".ome.tiff", ".ome.tif", ".nii.gz", ".tiff", ".tif", ".png", ".jpg", ".nii"];
        return [.. known.Distinct().OrderByDescending(extension => extension.Length).ThenBy(extension => extension, StringComparer.Ordinal)];
    }

    /// <summary>An environment variable's value: text, or one key.</summary>
    private string? EnvironmentText(Template value) => value.OnlyName is { } name && _ids.TryGetValue(name, out var id) ? Key(id) : value.Names.Any() ? null : Keyed(value);

    private static MapNode Reserved(string id, string name) => new NodeBuilder()
        .Text("id", id).Text("name", name).Text("type", "String").Text("value-key", Key(id)).Text("description", $"Yunpipe's own {name}")
        .Flag("optional", true, unless: false).Text("default-value", name switch { "out" => ".", "tmp" => "/tmp", "cpu" => "1", _ => null }).Build();

    private MapNode? Resources()
    {
        var asked = _algorithm.Resources;
        static ScalarNode? Gibibytes(ByteSize size) => size.Bytes == 0 ? null : Plain((size.Bytes / (decimal)(1L << 30)).ToString("0.############", CultureInfo.InvariantCulture));
        return new NodeBuilder().Add("cpu-cores", asked.Cpu >= 1 && asked.Cpu % 1 == 0 ? Number((int)asked.Cpu) : null).Add("ram", Gibibytes(asked.MemorySuggested)).Add("disk-space", Gibibytes(asked.Disk)).BuildOrNothing();
    }

    private List<MapNode> Tests() => [.. _algorithm.Tests.Select(test => new NodeBuilder()
        .Text("name", test.Name)
        .Add("invocation", new MapNode([
            .. test.Inputs.OrderBy(input => input.Key, StringComparer.Ordinal).Select(input => new MapEntry(_ids[input.Key], default, input.Value is [var only] && !_algorithm.Inputs.First(port => port.Name == input.Key).List ? Text(only) : Texts(input.Value))),
            .. test.Variables.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => new MapEntry(_ids[entry.Key], default, AlgorithmWriter.Value(_algorithm.Variables.First(variable => variable.Name == entry.Key), entry.Value)))], default))
        .Add("assertions", new NodeBuilder().Add("exit-code", Number(test.ExitCode))
            .Add("output-files", test.Outputs.Count == 0 ? null : List(test.Outputs.Keys.Order(StringComparer.Ordinal).Select(output => new NodeBuilder().Text("id", _outputIds[output]).Build()))).Build())
        .Build())];
}
