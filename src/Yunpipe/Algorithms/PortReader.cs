using Yunpipe.Documents;
using Yunpipe.Items;

namespace Yunpipe.Algorithms;

/// <summary>Inputs and outputs, in their long and short forms.</summary>
internal static class PortReader
{
    /// <summary>A map of ports; a list of names; or one name. A port's value may be empty, a glob, or a list of globs.</summary>
    public static IReadOnlyList<InputPort> Inputs(Fields algorithm)
    {
        var ports = new List<InputPort>();
        var problems = algorithm.Problems;
        foreach (var entry in Named(algorithm, "inputs", problems))
        {
            NameRule.Check(entry, "an input", problems);
            ports.Add(entry.Value is MapNode || entry.Value.IsNull ? Input(entry, problems) : new InputPort(entry.Key, Globs(entry.Value, problems)));
        }
        foreach (var same in ports.Where(port => port.Path is not null).GroupBy(port => port.Path).Where(group => group.Count() > 1))
            problems.Add(AlgorithmCodes.Contradiction, algorithm.Place("inputs"), $"The inputs {Wording.AllOf(same.Select(port => port.Name))} have the same path.", "One would hide the other.");
        return ports;
    }

    private static InputPort Input(MapEntry entry, ProblemList problems)
    {
        var fields = Fields.Of(entry.Value, "an input", problems);
        var port = new InputPort(entry.Key, fields.Texts("accepts"), fields.Flag("list", false), fields.Text("path"), fields.Flag("required", true),
            fields.Word("kind", false, AlgorithmWords.Kinds))
        {
            Flag = fields.Text("flag"), Separator = fields.Text("separator") is { } separator && separator != " " ? separator : null, ListSeparator = fields.Text("listSeparator"),
            Repeat = fields.Flag("repeat", false), Extensions = fields.Texts("extensions"),
        };
        fields.Done();
        foreach (var extension in port.Extensions.Where(extension => !extension.StartsWith('.') || extension.Length < 2))
            problems.Add(DocumentCodes.BadValue, fields.Place("extensions"), $"{Wording.Quote(extension)} is not an extension.", "It starts with its dot: .nii.gz.");
        if (port.Separator is not null && port.Flag is null) problems.Add(AlgorithmCodes.Contradiction, fields.Place("separator"), $"“separator” stands between a flag and its path, and {Wording.Quote(port.Name)} has no flag.");
        foreach (var key in (ReadOnlySpan<string>)["listSeparator", "repeat"])
            if (fields.Has(key) && !port.List) problems.Add(AlgorithmCodes.Contradiction, fields.Place(key), $"{Wording.Quote(key)} belongs to a list, and {Wording.Quote(port.Name)} takes one file.");
        if (port is { Repeat: true, List: true }) VariableReader.RepeatFlaw(port.Flag, port.Separator, port.ListSeparator, port.Name, fields);
        if (port.Flag is { Length: 0 }) problems.Add(DocumentCodes.BadValue, fields.Place("flag"), "The flag is empty.", "It is what the program calls it: --mask.");
        if (port.Path is { } path && AbsoluteFlaw(path) is { } flaw)
            problems.Add(AlgorithmCodes.BadPath, fields.Place("path"), $"The path {Wording.Quote(path)} {flaw}.", "It is an absolute place inside the container, such as /data/in.tif.");
        if (port is { List: true, Path: not null })
            problems.Add(AlgorithmCodes.Contradiction, fields.Place("path"), "A list has no single place.", $"Use ${{{entry.Key}.dir}}, a folder of links.");
        return port;
    }

    /// <summary>A map of ports, or the path of the only output, which is then called as the default part of an item is.</summary>
    public static IReadOnlyList<OutputPort> Outputs(Fields algorithm, List<(OutputPort Port, Location Where)> placed)
    {
        var problems = algorithm.Problems;
        if (algorithm.Node("outputs") is not { } node) return [];
        IEnumerable<MapEntry> entries = node is ScalarNode ? [new MapEntry(Item.DefaultPart, node.Where, node)] : algorithm.Entries("outputs");
        foreach (var entry in entries)
        {
            NameRule.Check(entry, "an output", problems);
            var before = problems.Count;
            var (port, where) = entry.Value is ScalarNode ? (Output(entry.Key, entry.Value, problems), entry.Value.Where) : Output(entry, problems);
            if (port is null || problems.Count > before) continue;
            if (placed.FirstOrDefault(other => other.Port.Path == port.Path).Port is { } twin)
                problems.Add(AlgorithmCodes.Contradiction, where, $"The outputs {Wording.AllOf([twin.Name, port.Name])} have the same path.");
            placed.Add((port, where));
        }
        return [.. placed.Select(entry => entry.Port)];
    }

    private static OutputPort? Output(string name, DocumentNode path, ProblemList problems) =>
        OutputPath(path, problems) is { } template ? new OutputPort(name, template) : null;

    private static (OutputPort?, Location) Output(MapEntry entry, ProblemList problems)
    {
        var fields = Fields.Of(entry.Value, "an output", problems);
        var template = fields.Required("path", "Say which file it writes: path: \"${stem}.tif\".") is { } path ? OutputPath(path, problems) : null;
        var required = fields.Flag("required", true);
        var each = fields.Flag("each", false);
        var minimum = fields.Size("minimum", default);
        var directory = fields.Word("kind", false, AlgorithmWords.Kinds);
        fields.Done();
        return (template is null ? null : new OutputPort(entry.Key, template, required, each, minimum, directory), fields.Place("path"));
    }

    /// <summary>Relative to the folder for outputs, without a way out of it; or absolute inside the container.</summary>
    private static Template? OutputPath(DocumentNode node, ProblemList problems)
    {
        if (TemplateReader.Read(node, "path", problems) is not { } template) return null;
        var text = template.Source;
        while (text.StartsWith("./", StringComparison.Ordinal)) text = text[2..];
        if (text.Length != template.Source.Length) template = Template.Parse(text);
        if (template.Names.Contains("out"))
        {
            problems.Add(AlgorithmCodes.BadPath, node.Where, "The paths of outputs start at ${out} already.", "Leave ${out} out here; in the command it stays.");
            return null;
        }
        var shape = template.Expand(_ => "x") ?? "";
        var flaw = shape.StartsWith('/') ? AbsoluteFlaw(shape) : ItemKey.Flaw(shape.Length > 1 ? shape.TrimEnd('/') : shape);
        if (flaw is null) return template;
        problems.Add(AlgorithmCodes.BadPath, node.Where, $"The path {Wording.Quote(text)} {flaw}.", "It is relative to ${out} and stays inside.");
        return null;
    }

    internal static string? AbsoluteFlaw(string path)
    {
        if (!path.StartsWith('/')) return "is not absolute";
        if (path.TrimEnd('/').Length == 0) return "is the whole file system";
        foreach (var own in (ReadOnlySpan<string>)["/opt/yunpipe", "/proc", "/sys", "/dev"])
            if (path == own || path.StartsWith(own + "/", StringComparison.Ordinal)) return $"lies in {own}, which is not free";
        return ItemKey.Flaw(path.Trim('/'));
    }

    private static List<MapEntry> Named(Fields algorithm, string key, ProblemList problems)
    {
        if (algorithm.Node(key) is MapNode map) return [.. map.Entries];
        var entries = new List<MapEntry>();
        foreach (var node in algorithm.List(key))
        {
            if (node is not ScalarNode { IsNull: false } name)
                problems.Add(DocumentCodes.WrongKind, node.Where, $"{Wording.Quote(key)} wants names, or a map from names to what they are, and this is {node.Kind}.");
            else if (entries.Exists(entry => entry.Key == name.Text))
                problems.Add(AlgorithmCodes.DuplicateName, node.Where, $"The name {Wording.Quote(name.Text)} stands here twice.");
            else entries.Add(new MapEntry(name.Text, node.Where, new ScalarNode("", false, node.Where)));
        }
        return entries;
    }

    private static IReadOnlyList<string> Globs(DocumentNode node, ProblemList problems) =>
        Fields.Of(new MapNode([new MapEntry("accepts", node.Where, node)], node.Where), "an input", problems).Texts("accepts");
}
