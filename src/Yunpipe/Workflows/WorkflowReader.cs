using System.Globalization;
using Yunpipe.Algorithms;
using Yunpipe.Documents;

namespace Yunpipe.Workflows;

/// <summary>Finds an algorithm by what a step calls it: a bare toolbox name, a file relative to the directory, or an image reference.</summary>
public delegate Reading<Algorithm> FindAlgorithm(string reference, string directory);

/// <summary>Reads a workflow (docs/reference/workflow.md), JSON or YAML, and reports everything that is wrong with it.</summary>
public static class WorkflowReader
{
    /// <summary>A hostile document could hold a million; nobody draws a graph of so many.</summary>
    private const int MostSteps = 500;

    public static Reading<Workflow> Read(string path, FindAlgorithm find)
    {
        var problems = new ProblemList();
        var workflow = Read(path, find, problems);
        return problems.ToReading(workflow);
    }

    /// <summary>Reads text that stands in no file, for example one that was generated.</summary>
    /// <param name="fileName">What problems call it; the workflow's name where it has none of its own.</param>
    /// <param name="directory">Where relative paths in it start.</param>
    public static Reading<Workflow> Read(string text, string fileName, string directory, FindAlgorithm find)
    {
        var problems = new ProblemList();
        var document = DocumentReader.Read(text, fileName);
        problems.AddRange(document.Problems);
        return problems.ToReading(document is { Ok: true, Value: { } node } ? Read(node, fileName, directory, find, problems) : null);
    }

    /// <summary>The workflow also where there are problems, as far as it could be read, so that planning can find more of them; null where steps are missing.</summary>
    internal static Workflow? Read(string path, FindAlgorithm find, ProblemList problems)
    {
        var document = DocumentReader.ReadFile(path);
        problems.AddRange(document.Problems);
        return document is { Ok: true, Value: { } node } ? Read(node, path, Path.GetDirectoryName(Path.GetFullPath(path)) ?? "", find, problems) : null;
    }

    private static Workflow? Read(DocumentNode node, string file, string directory, FindAlgorithm find, ProblemList problems)
    {
        var fields = Fields.Of(node, "a workflow", problems);
        if (node is not MapNode) return null;
        var name = fields.Text("name");
        if (name is not null && NameRule.TitleFlaw(name) is { } flaw)
            problems.Add(WorkflowCodes.BadName, fields.Place("name"), $"{Wording.Quote(name)} cannot be the name of a workflow.", flaw);
        var steps = Steps(fields, new StepReader(directory, find, problems));
        var workflow = new Workflow
        {
            Name = name ?? Path.GetFileNameWithoutExtension(file),
            Input = Input(InputReader.Read(fields, directory), steps),
            Steps = steps ?? [],
            Output = Output(fields),
            Tolerate = Tolerate(fields),
            Directory = directory,
            Source = fields.Where,
        };
        // Prose for people, and the key by which editors find the schema.
        fields.Ignore("$schema", "description");
        fields.Done();
        return steps is null ? null : workflow;
    }

    /// <summary>Files that close groups are no items.</summary>
    private static InputSpec Input(InputSpec input, IReadOnlyList<Step>? steps)
    {
        var closing = (steps ?? []).Select(step => step.Gather?.Closed).OfType<Template>().Select(GatherReader.ToGlob).Distinct().ToList();
        return closing.Count == 0 ? input : input with { Ignore = [.. input.Ignore, .. closing] };
    }

    private static List<Step>? Steps(Fields fields, StepReader reader)
    {
        if (fields.Required("steps", "A step looks like this: - {name: blur, algorithm: blur}.") is not { } node) return null;
        if (node is not ListNode list)
        {
            fields.Problems.Add(DocumentCodes.WrongKind, node.Where, $"“steps” wants a list, and this is {node.Kind}.", "Start each step with “- ”.");
            return null;
        }
        if (list.Items.Count > MostSteps)
        {
            fields.Problems.Add(DocumentCodes.TooLarge, node.Where, $"The workflow has {list.Items.Count} steps, more than {MostSteps}.");
            return null;
        }
        var steps = list.Items.Select(reader.Read).ToList();
        return steps.Contains(null) ? null : [.. steps.OfType<Step>()];
    }

    private static OutputSpec Output(Fields workflow)
    {
        const string Layout = "${step}/${path}";
        if (workflow.Node("output") is not { } node) return new OutputSpec(null, Template.Parse(Layout)) { Source = workflow.Where };
        if (node is ScalarNode location) return new OutputSpec(location.Text, Template.Parse(Layout)) { Source = node.Where };
        var fields = Fields.Of(node, "an output", workflow.Problems);
        var layout = fields.Node("layout") is { } text ? TemplateReader.Read(text, "layout", workflow.Problems) : null;
        var output = new OutputSpec(fields.Text("location"), layout ?? Template.Parse(Layout)) { Source = fields.Place("layout") };
        fields.Done();
        return output;
    }

    /// <summary><c>5%</c> of the items, or a count of them.</summary>
    private static Tolerance? Tolerate(Fields workflow)
    {
        if (workflow.Node("tolerate") is not { } node) return null;
        var text = (node as ScalarNode)?.Text.Trim() ?? "";
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)) return new Tolerance(count, null);
        if (text.EndsWith('%') && double.TryParse(text[..^1].TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share <= 100)
            return new Tolerance(null, share / 100);
        workflow.Problems.Add(WorkflowCodes.BadTolerance, node.Where,
            $"“tolerate” wants a count or a share of the items, and this is {(node is ScalarNode ? Wording.Quote(text) : node.Kind)}.", "Write 5% or 20.");
        return null;
    }
}
