using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Importing.Cwl;

/// <summary>Outputs by glob or stream, and what lies beside them.</summary>
internal sealed class CwlOutputs(ForeignMap tool, CwlTypes types, CwlReferences references, ImportChoices choices, ImportNotes notes)
{
    private readonly NameBook _names = new(notes);

    public List<OutputPort> Ports { get; } = [];
    public Template? Stdin { get; private set; }
    public Template? Stdout { get; private set; }
    public Template? Stderr { get; private set; }

    public void Read(CwlInputs inputs)
    {
        if (tool.Text("stdin") is { } stdin && references.Convert(stdin, tool.Place("stdin"), "standard input") is { } source) Stdin = Template.Parse(source);
        foreach (var input in inputs.All.Where(input => input.IsPort && input.Source.Node("type") is ScalarNode { Text: "stdin" })) Stdin = Template.Parse(Sources.Name(input.Name));
        Stdout = Stream("stdout");
        Stderr = Stream("stderr");
        foreach (var entry in CwlNames.Entries(tool.Node("outputs"), "id")) Output(entry);
    }

    private Template? Stream(string key)
    {
        if (tool.Text(key) is not { } text || references.Convert(text, tool.Place(key), $"the name of {key}") is not { } source) return null;
        return Path(source, tool.Place(key), $"the name of {key}") is { } path && !path.Contains('*') ? Template.Parse(path) : null;
    }

    private void Output(MapEntry entry)
    {
        var id = CwlNames.Short(entry.Key);
        var isLong = entry.Value is MapNode map && (map["type"] is not null || map["outputBinding"] is not null) && (map["type"] as ScalarNode)?.Text is not ("array" or "enum" or "record");
        var source = ForeignMap.Of(isLong ? entry.Value : new MapNode([new MapEntry("type", entry.Where, entry.Value)], entry.Where), "an output", notes);
        if (source.Node("type") is not { } typeNode) { notes.Wrong(entry.Where, $"The output {Wording.Quote(id)} has no type."); return; }
        var type = types.Read(typeNode);
        source.Prose("label", "doc");
        source.LeaveOut("which changes nothing for a run", "format", "streamable");
        _ = source.Node("id");
        var binding = source.Node("outputBinding") is { } node ? ForeignMap.Of(node, "an output's binding", notes) : null;
        if (type.Kind == CwlKind.Stream)
        {
            var path = type.Word == "stdout" ? Stdout ??= Template.Parse($"{id}.stdout") : Stderr ??= Template.Parse($"{id}.stderr");
            Add(_names.Take(id, entry.Where, isOutput: true), path.Source, type, source);
        }
        else if (!type.IsFile) notes.NotCarried(entry.Where, $"the output {Wording.Quote(id)}, which is no file{(binding?.Has("outputEval") == true ? " and is computed by JavaScript" : "")}.");
        else if (binding?.Node("glob") is not { } glob) notes.NotCarried(entry.Where, $"the output {Wording.Quote(id)}, since no glob says where it is.");
        else
        {
            var paths = (glob is ListNode list ? list.Items : [glob]).OfType<ScalarNode>().Select(item => references.Convert(item.Text, item.Where, "the glob") is { } text ? Path(text, item.Where, "the glob") : null).OfType<string>().Distinct().ToList();
            foreach (var path in paths) Add(_names.Take(path == paths[0] ? id : $"{id}_{paths.IndexOf(path) + 1}", entry.Where, isOutput: true), path, paths.Count > 1 ? type with { IsOptional = true } : type, source);
        }
        _ = binding?.Node("glob");
        binding?.NotCarried("outputEval", "which is JavaScript");
        binding?.NotCarried("loadContents", "since outputs are not read");
        binding?.NotCarried("loadListing", "since outputs are not listed");
        binding?.Rest();
        source.Rest();
    }

    private void Add(string name, string path, CwlType type, ForeignMap source)
    {
        var directory = type.Kind == CwlKind.Directory || choices.Directories.Contains(name) || path.EndsWith('/');
        var port = new OutputPort(name, Template.Parse(path.TrimEnd('/')), Required: !type.IsOptional, Each: type.IsArray, Directory: directory);
        if (Ports.Find(other => other.Path == port.Path) is { } twin) { notes.NotCarried(source.Where, $"the output {Wording.Quote(name)}, which has the path of {Wording.Quote(twin.Name)}."); return; }
        Ports.Add(port);
        if (source.Node("secondaryFiles") is not { } beside) return;
        foreach (var (pattern, required) in CwlPatterns.Of(beside))
        {
            var place = CwlReferences.IsExpression(pattern) ? null : CwlPatterns.Beside(pattern, port.Path.Source, Stem(port.Path.Source));
            if (place is null || Ports.Exists(other => other.Path.Source == place)) notes.NotCarried(beside.Where, $"the file {Wording.Quote(pattern)} beside the output {Wording.Quote(name)}.");
            else Ports.Add(new OutputPort(_names.Take($"{name}_{pattern.Trim('^', '.').Replace('.', '_')}", beside.Where, isOutput: true), Template.Parse(place), Required: required && port.Required, Each: port.Each));
        }
    }

    /// <summary>A path's text without the extension that it ends in; null where it ends in an insertion or has none.</summary>
    private static string? Stem(string path) => path.LastIndexOf('.') is > 0 and var dot && dot > path.LastIndexOfAny(['/', '}']) ? path[..dot] : null;

    /// <summary>A place among the outputs.</summary>
    private string? Path(string source, Location where, string what)
    {
        foreach (var start in (ReadOnlySpan<string>)["${out}/", "./"])
            if (source.StartsWith(start, StringComparison.Ordinal)) source = source[start.Length..];
        if (source.AsSpan().IndexOfAny('[', ']') >= 0 && !source.Contains("${", StringComparison.Ordinal)) notes.NotCarried(where, $"“[” and “]” of {Wording.Quote(source)} stand for themselves here, not for a choice of letters.");
        var shape = source == "." ? "." : Template.Parse(source).Expand(_ => "x") ?? "";
        var flaw = source == "${out}" || shape == "." ? "is the whole folder of outputs" : Template.Parse(source).Names.Any(name => name is "out" or "tmp") ? "leads elsewhere" : shape.StartsWith('/') ? PortReader.AbsoluteFlaw(shape) : Items.ItemKey.Flaw(shape.TrimEnd('/'));
        if (flaw is null) return source;
        notes.NotCarried(where, $"{what}: {Wording.Quote(source)} {flaw}.");
        return null;
    }
}
