using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Importing.Boutiques;

/// <summary>A Boutiques descriptor, schema 0.5. Its command line is text for a shell in which keys are replaced; its process starts in the folder
/// that results are looked for in, so that an import has <c>workdir: ${out}</c>.</summary>
internal sealed class BoutiquesImporter(MapNode map, ImportChoices choices, ImportNotes notes)
{
    private readonly ForeignMap _tool = ForeignMap.Of(map, "the tool", notes);

    public Algorithm? Import()
    {
        var version = _tool.Text("schema-version");
        if (version is not null && version != "0.5") notes.Problems.Add(ImportCodes.Unsupported, _tool.Place("schema-version"), $"This is Boutiques {Wording.Quote(version)}, and 0.5 is read.", "bosh import 0.4 brings older ones up.");
        var name = _tool.RequiredText("name");
        var own = _tool.Node("custom") is MapNode custom ? custom["yunpipe"] as MapNode : null;
        var inputs = new BoutiquesInputs(_tool, choices, own, notes);
        var outputs = new BoutiquesOutputs(_tool, inputs, choices, own, notes);
        inputs.Decide(outputs.Templates);
        var command = new BoutiquesCommand(_tool, inputs, outputs, notes);
        command.Read();
        if (notes.Problems.Count > 0) return null;

        var (variables, ports) = inputs.Finish(command.Used);
        var algorithm = new Algorithm
        {
            Name = NameBook.Title(name),
            Version = _tool.Text("tool-version") ?? "",
            Description = _tool.Text("description") ?? "",
            Command = new CommandTemplate(command.Tokens),
            Inputs = ports,
            Outputs = outputs.Ports,
            Variables = variables,
            Rules = BoutiquesRules.Read(_tool, inputs, variables, notes),
            Environment = command.Environment,
            Stdin = command.Stdin,
            Stdout = command.Stdout,
            Stderr = command.Stderr,
            Workdir = own is null ? Template.Parse("${out}") : null,
            Configs = outputs.Configs,
            Resources = BoutiquesContainer.Resources(_tool, notes),
            ExitCodes = BoutiquesContainer.ExitCodes(_tool, notes),
            // Boutiques starts containers with the network of the engine.
            Network = own is null,
        };
        if (algorithm.Name != name) notes.Told.Add(ImportCodes.Renamed, _tool.Place("name"), $"{Wording.Quote(name)} is called {Wording.Quote(algorithm.Name)} here.");
        algorithm = BoutiquesContainer.Image(_tool, algorithm, notes);
        if (own is not null) algorithm = BoutiquesOwn.Apply(algorithm, own, notes);
        algorithm = algorithm with { Tests = BoutiquesTests.Read(_tool, algorithm, inputs, outputs, notes) };
        _tool.Prose("author", "url", "descriptor-url", "doi", "tool-doi", "deprecated-by-doi", "tags", "online-platform-urls", "invocation-schema", "$schema", "id");
        if (own is null || ((MapNode)_tool.Node("custom")!).Entries.Count > 1) _tool.LeaveOut("which other programs keep for themselves", "custom");
        _tool.Rest();
        return algorithm;
    }
}
