using System.Text.RegularExpressions;
using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Importing.Cwl;

/// <summary>A CommandLineTool of the Common Workflow Language, v1.0 to v1.2, as far as it wants no JavaScript. Its process starts in the folder of its outputs.</summary>
internal sealed partial class CwlImporter(MapNode map, ImportChoices choices, ImportNotes notes)
{
    private readonly ForeignMap _tool = ForeignMap.Of(map, "the tool", notes);

    public Algorithm? Import()
    {
        var version = _tool.Text("cwlVersion");
        if (_tool.Text("class") is not "CommandLineTool" and var kind)
        {
            notes.Problems.Add(ImportCodes.Unsupported, _tool.Place("class"), _tool.Has("$graph") ? "This holds several documents in one." : $"This is a {kind ?? "document without a class"}, and a CommandLineTool is read.",
                _tool.Has("$graph") ? "Take the CommandLineTool out of it." : kind == "Workflow" ? "Import its tools one by one; steps are written in a workflow file." : null);
            return null;
        }
        if (version is not null and not ("v1.0" or "v1.1" or "v1.2")) notes.Problems.Add(ImportCodes.Unsupported, _tool.Place("cwlVersion"), $"This is CWL {Wording.Quote(version)}, and v1.0, v1.1 and v1.2 are read.");
        var types = new CwlTypes(notes);
        CwlRequirements.Define(_tool, types);
        var inputs = new CwlInputs(_tool, types, choices, notes);
        inputs.Decide(Named());
        var references = new CwlReferences(inputs, notes);
        var outputs = new CwlOutputs(_tool, types, references, choices, notes);
        outputs.Read(inputs);
        var command = new CwlCommand(_tool, inputs, references, notes);
        command.Read();
        if (notes.Problems.Count > 0) return null;

        var configNames = new NameBook(new ImportNotes(notes.File));
        foreach (var input in inputs.All) configNames.Take(input.Name, default);
        var algorithm = new Algorithm
        {
            Name = Name(out var place),
            Description = CwlText.Prose(_tool.Node("doc")) ?? _tool.Text("label") ?? "",
            Command = new CommandTemplate(command.Tokens),
            Outputs = outputs.Ports,
            Workdir = Template.Parse("${out}"), Stdin = outputs.Stdin, Stdout = outputs.Stdout, Stderr = outputs.Stderr,
            ExitCodes = ExitCodes(),
            // Since v1.1 a tool has no network unless it asks for it.
            Network = version == "v1.0",
        };
        algorithm = new CwlRequirements(_tool, references, configNames, notes).Apply(algorithm);
        var (variables, ports) = inputs.Made();
        algorithm = algorithm with { Inputs = ports, Variables = variables, Rules = [.. inputs.Rules.Select(rule => rule with { Variables = [.. rule.Variables.Where(name => variables.Any(variable => variable.Name == name))] }).Where(rule => rule.Variables.Count > 1)] };
        foreach (var choice in choices.Directories.Where(choice => inputs.Find(choice) is not { Type.IsFile: true } && algorithm.Outputs.All(port => port.Name != choice)))
            notes.Problems.Add(ImportCodes.BadChoice, _tool.Where, $"{Wording.Quote(choice)} is neither a file input nor an output of this tool.");
        if (place is { } renamed) notes.Told.Add(ImportCodes.Renamed, renamed, $"The algorithm is called {Wording.Quote(algorithm.Name)}.");
        Rest();
        return algorithm;
    }

    /// <summary>Its id, its label, or the name of the file.</summary>
    private string Name(out Location? renamed)
    {
        var key = _tool.Has("id") ? "id" : "label";
        var given = _tool.Text(key) is { } text ? CwlNames.Short(text) : Path.GetFileNameWithoutExtension(notes.File);
        var title = NameBook.Title(given.EndsWith(".cwl", StringComparison.Ordinal) ? given[..^4] : given);
        renamed = title == given ? null : _tool.Place(key);
        return title;
    }

    private SortedDictionary<int, ExitMeaning> ExitCodes()
    {
        var meanings = new SortedDictionary<int, ExitMeaning>();
        foreach (var (key, kind) in ((string, ExitKind)[])[("successCodes", ExitKind.Success), ("temporaryFailCodes", ExitKind.Transient), ("permanentFailCodes", ExitKind.Permanent)])
            foreach (var item in _tool.List(key))
                if (item is not ScalarNode scalar || !int.TryParse(scalar.Text, out var code)) _tool.Wrong(key, item, "whole numbers");
                else if (code is >= 1 and <= 255) meanings.TryAdd(code, new ExitMeaning(kind, ""));
                else if (code != 0 || kind != ExitKind.Success) notes.NotCarried(item.Where, $"the exit code {code}: those with a meaning go from 1 to 255.");
        return meanings;
    }

    private void Rest()
    {
        _tool.Prose("label", "intent");
        foreach (var entry in map.Entries.Where(entry => entry.Key.Contains(':') || entry.Key is "$namespaces" or "$schemas")) _tool.Prose(entry.Key);
        foreach (var key in (ReadOnlySpan<string>)["id", "doc", "requirements", "hints", "inputs", "outputs"]) _ = _tool.Node(key);
        _tool.Rest();
    }

    /// <summary>Inputs of whose files' names something is made, anywhere in the document.</summary>
    private HashSet<string> Named()
    {
        var named = new HashSet<string>(StringComparer.Ordinal);
        void Look(DocumentNode node, string? self)
        {
            switch (node)
            {
                case ScalarNode text:
                    foreach (Match match in FileName().Matches(text.Text)) named.Add(match.Groups[1].Value);
                    break;
                case ListNode list:
                    foreach (var item in list.Items) Look(item, self);
                    break;
                case MapNode inner:
                    foreach (var entry in inner.Entries) Look(entry.Value, self);
                    break;
            }
        }
        Look(map, null);
        return named;
    }

    [GeneratedRegex("inputs(?:\\.|\\[['\"])(\\w+)(?:['\"]\\])?\\.(?:basename|nameroot|nameext)\\b", RegexOptions.NonBacktracking)]
    private static partial Regex FileName();
}
