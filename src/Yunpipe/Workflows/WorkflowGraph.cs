using System.Text;
using Yunpipe.Items;

namespace Yunpipe.Workflows;

/// <summary>A plan as a picture: what reads what, and what is gathered, multiplied and filtered on the way.</summary>
public sealed class WorkflowGraph
{
    private readonly Plan _plan;

    private WorkflowGraph(Plan plan, IReadOnlyList<GraphNode> nodes, IReadOnlyList<GraphEdge> edges) => (_plan, Nodes, Edges) = (plan, nodes, edges);

    internal IReadOnlyList<GraphNode> Nodes { get; }

    internal IReadOnlyList<GraphEdge> Edges { get; }

    public static WorkflowGraph Of(Plan plan)
    {
        var input = plan.Workflow.Input;
        var notes = new List<string>();
        if (input.Pattern is { } pattern) notes.Add(pattern);
        if (input.Table is { } table) notes.Add($"table {table}");
        if (input.Item is { } item) notes.Add($"parts {string.Join(", ", item.Parts.Select(part => part.Name))}");
        var nodes = new List<GraphNode> { new(InputSource.InputWord, input.Location ?? "", notes, 0) };
        var edges = new List<GraphEdge>();
        foreach (var step in plan.Steps)
        {
            nodes.Add(new GraphNode(step.Name, step.Step.AlgorithmReference, Notes(step), step.Depth + 1));
            foreach (var bound in step.Inputs)
                edges.Add(new GraphEdge(bound.From is null ? 0 : bound.From.Index + 1, step.Index + 1, bound.Output?.Name ?? bound.Part ?? "", bound.Port.Name, bound.Join));
        }
        return new WorkflowGraph(plan, nodes, edges);
    }

    /// <summary>A line a step, in the order in which they run.</summary>
    public string ToText()
    {
        var rows = new List<(string Name, string Reference, string Inputs, string Notes)>();
        for (var i = 0; i < Nodes.Count; i++)
        {
            var inputs = Edges.Where(edge => edge.To == i).Select(edge => $"{edge.Port} {Arrow(edge)} {Source(edge)}");
            rows.Add((Nodes[i].Name, Nodes[i].Reference, string.Join(", ", inputs), string.Join("; ", Nodes[i].Notes)));
        }
        var (name, reference, from) = (rows.Max(row => Math.Max(row.Name.Length, "output".Length)), rows.Max(row => row.Reference.Length), rows.Max(row => row.Inputs.Length));
        var text = new StringBuilder();
        foreach (var row in rows)
            text.Append($"{row.Name.PadRight(name)}  {row.Reference.PadRight(reference)}  {row.Inputs.PadRight(from)}  {row.Notes}".TrimEnd()).Append('\n');
        if (_plan.Workflow.Output.Location is { } location) text.Append($"{"output".PadRight(name)}  {location.PadRight(reference)}  {_plan.Workflow.Output.Layout.Source}".TrimEnd()).Append('\n');
        if (_plan.Passes > 1) text.Append($"{_plan.Passes} passes: a step that joins a gathered source to items (⇐) waits until the gather is closed.\n");
        return text.ToString();
    }

    /// <summary>A Mermaid flowchart. Thick lines are gathered, dotted ones found by a group's key.</summary>
    public string ToMermaid()
    {
        var text = new StringBuilder("flowchart LR\n");
        for (var i = 0; i < Nodes.Count; i++)
        {
            var label = string.Join("<br>", Nodes[i].Lines.Select(Mermaid));
            text.Append(i == 0 ? $"    n{i}([\"{label}\"])\n" : $"    n{i}[\"{label}\"]\n");
        }
        foreach (var edge in Edges)
        {
            var line = edge.Join switch { JoinKind.Members => "==>", JoinKind.Group => "-.->", _ => "-->" };
            text.Append($"    n{edge.From} {line}{(edge.Label.Length > 0 ? $"|\"{Mermaid(edge.Label)}\"|" : "")} n{edge.To}\n");
        }
        return text.ToString();
    }

    public string ToSvg() => new GraphSvg(this, _plan.Workflow.Name).Draw();

    private string Source(GraphEdge edge) => Nodes[edge.From].Name + (edge.Output.Length > 0 ? "." + edge.Output : "");

    private static string Arrow(GraphEdge edge) => edge.Join switch { JoinKind.Members => "⇇", JoinKind.Group => "⇐", _ => "←" };

    private static List<string> Notes(PlanStep step)
    {
        var notes = new List<string>();
        if (step.Step.When is { } when)
            notes.Add("when " + string.Join(", ", when.Meta.Select(entry => $"{entry.Key} is {string.Join(" or ", entry.Value)}").Concat(when.Globs)));
        if (step.Step.Gather is { } gather) notes.Add(gather.By is { } by ? $"one for each {by.Source}" : "one for all");
        foreach (var (name, values) in step.Step.Matrix)
            notes.Add($"{name} = {string.Join(", ", values.Take(5).Select(value => value.Text))}{(values.Count > 5 ? $", … ({values.Count})" : "")}");
        if (step.Step.Algorithm.Outputs.Any(output => output.Each)) notes.Add("one item for each file");
        if (step.Step.Batch > 1) notes.Add($"batches of {step.Step.Batch}");
        return notes;
    }

    /// <summary>Mermaid reads quotes, <c>#</c> and HTML inside labels.</summary>
    private static string Mermaid(string text)
    {
        var escaped = new StringBuilder();
        foreach (var c in text)
        {
            if (char.IsAsciiLetterOrDigit(c) || c is ' ' or '.' or ',' or '-' or '_' or '/' or ':' or '=' || c > 127 && !char.IsControl(c)) escaped.Append(c);
            else escaped.Append('#').Append((int)c).Append(';');
        }
        return escaped.ToString();
    }
}

/// <summary>A box: the workflow's input, or a step.</summary>
internal sealed record GraphNode(string Name, string Reference, IReadOnlyList<string> Notes, int Layer)
{
    /// <summary>What stands in the box; long lines keep their ends, which tell more.</summary>
    public IEnumerable<string> Lines => ((string[])(Reference.Length == 0 || Reference == Name ? [Name] : [Name, Reference])).Concat(Notes).Select(Short);

    private static string Short(string text) => text.Length <= 40 ? text : "…" + text[^39..];
}

/// <summary>An arrow into an input port.</summary>
internal sealed record GraphEdge(int From, int To, string Output, string Port, JoinKind Join)
{
    public string Label => Output is "" or Item.DefaultPart ? "" : Output;
}
