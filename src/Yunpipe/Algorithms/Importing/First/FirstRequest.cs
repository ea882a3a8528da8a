using Yunpipe.Documents;
using Yunpipe.Workflows;
using static Yunpipe.Documents.NodeBuilder;

namespace Yunpipe.Algorithms.Importing.First;

/// <summary>A workflow document that was imported, as YAML.</summary>
/// <param name="Algorithms">The descriptors that its steps name, relative to it.</param>
public sealed record ImportedWorkflow(string Name, string Text, IReadOnlyList<string> Algorithms);

/// <summary>The request JSON of the first Yunpipe: two buckets, and one algorithm (<c>single_run</c>) or several in a row (<c>sequence_run</c>).</summary>
public static class FirstRequest
{
    private const int MostSteps = 1000;

    /// <summary>Reads a request; the descriptors of its algorithms are expected beside the workflow, as NAME.yaml.</summary>
    public static Import<ImportedWorkflow> Import(string path) => Import(DocumentReader.ReadFile(path, lenient: true), path);

    public static Import<ImportedWorkflow> Import(Reading<DocumentNode> document, string fileName)
    {
        if (document.Value is not { } root || document.Problems.Count > 0) return new(null, document.Problems, []);
        var notes = new ImportNotes(fileName);
        if (root is not MapNode map || map["process"] is null)
            return new(null, [new Problem(ImportCodes.Unrecognised, "This is not a request of the first Yunpipe: it has no “process”.", new Location(fileName), "Algorithms are imported by: yunpipe algorithm import.")], []);
        var request = ForeignMap.Of(map, "the request", notes);
        var process = ForeignMap.Of(request.Node("process") ?? map, "the process", notes);
        var steps = Steps(process, notes);
        var (input, output) = (Bucket(request, "input_s3_name"), Bucket(request, "output_s3_name"));
        foreach (var (key, why) in ((string, string)[])[("key_pair", "machines are reached without one"), ("account_id", "it is that of the credentials in use"), ("region", "a deployment is told its region")])
            if (request.Has(key)) notes.LeftOut(request.Place(key), $"{Wording.Quote(key)}: {why}.");
        request.Rest();
        if (notes.Problems.Count > 0) return new(null, notes.Problems.Sorted(), notes.AllTold());

        var name = Path.GetFileNameWithoutExtension(fileName) is { Length: > 0 } file ? NameBook.Title(file) : "workflow";
        var text = DocumentWriter.ToYaml(new NodeBuilder()
            .Text("name", name)
            .Add("input", Text(input))
            .Add("steps", List(steps.Select(step => step.Node)))
            .Add("output", Text(output))
            .Build());
        return Checked(new ImportedWorkflow(name, text, [.. steps.Select(step => step.Algorithm).Distinct()]), steps, fileName, notes);
    }

    private sealed record Step(MapNode Node, string Algorithm, IReadOnlyList<string> Variables);

    private static List<Step> Steps(ForeignMap process, ImportNotes notes)
    {
        var type = process.RequiredText("type");
        if (type.Length > 0 && type is not ("single_run" or "sequence_run")) notes.Wrong(process.Place("type"), $"{Wording.Quote(type)} is not a type of process.", "There are single_run and sequence_run.");
        var nodes = process.List("algorithms");
        process.Rest();
        if (nodes.Count == 0) notes.Wrong(process.Place("algorithms"), "The process names no algorithm.");
        if (type == "single_run" && nodes.Count > 1) notes.Wrong(process.Place("algorithms"), $"A single_run has one algorithm, and this names {nodes.Count}.", "Is it a sequence_run?");
        if (nodes.Count > MostSteps) notes.Wrong(process.Place("algorithms"), $"A workflow has at most {MostSteps} steps here, and this has {nodes.Count}.");
        var steps = new List<Step>();
        var names = new NameBook(new ImportNotes(notes.File));
        foreach (var node in notes.Problems.Count > 0 ? [] : nodes)
        {
            var algorithm = ForeignMap.Of(node, "an algorithm", notes);
            var title = NameBook.Title(algorithm.RequiredText("name"));
            foreach (var port in algorithm.List("port")) notes.NotCarried(port.Where, "an open port: jobs are not reached from outside.");
            var variables = algorithm.Entries("variables").Where(entry => entry.Value is ScalarNode).Select(entry => (Name: Variable(entry), entry.Value)).ToList();
            algorithm.Rest();
            var descriptor = $"./{title}.yaml";
            steps.Add(new Step(new NodeBuilder()
                .Text("name", names.Take(title.Replace('.', '-') is var step && step == InputSource.InputWord ? step + "-step" : step, algorithm.Where, isOutput: true))
                .Text("algorithm", descriptor)
                .Add("variables", variables.Count == 0 ? null : Map(variables, entry => entry.Name, entry => entry.Value))
                .Build(), descriptor, [.. variables.Select(entry => entry.Name)]));
        }
        return steps;
    }

    /// <summary>As the import of the algorithm calls it.</summary>
    private static string Variable(MapEntry entry)
    {
        var names = new NameBook(new ImportNotes(""));
        names.Take(Items.Item.DefaultPart, default);
        return names.Take(entry.Key, default);
    }

    private static string Bucket(ForeignMap request, string key) => request.RequiredText(key) is { Length: > 0 } name ? $"s3://{name.Trim('/')}" : "";

    /// <summary>Read again as any workflow, with algorithms in the place of those that lie beside it.</summary>
    private static Import<ImportedWorkflow> Checked(ImportedWorkflow workflow, List<Step> steps, string fileName, ImportNotes notes)
    {
        Reading<Algorithm> Find(string reference, string _)
        {
            var variables = steps.Where(step => step.Algorithm == reference).SelectMany(step => step.Variables).Distinct().Select(name => new Variable { Name = name }).ToList();
            return new(new Algorithm
            {
                Name = "first", Command = new CommandTemplate([Template.Parse("first"), .. variables.Select(variable => Template.Parse(Sources.Name(variable.Name)))]),
                Inputs = [new InputPort(Items.Item.DefaultPart, [])], Outputs = [new OutputPort("result", Template.Parse("${stem}"))], Variables = variables,
            }, []);
        }
        var read = WorkflowReader.Read(workflow.Text, Path.ChangeExtension(fileName, ".yaml"), "", Find);
        IReadOnlyList<Problem> problems = read.Value is { } whole && read.Ok ? Planner.Plan(whole).Problems : read.Problems;
        return problems.Count == 0 ? new(workflow, [], notes.AllTold())
            : new(null, [.. problems.Select(problem => new Problem(ImportCodes.NoAlgorithm, $"What this says cannot be a workflow here: {problem.Message}", new Location(fileName), problem.Advice))], notes.AllTold());
    }
}
