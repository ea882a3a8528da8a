using System.Globalization;
using System.Text;

namespace Yunpipe.Workflows;

/// <summary>Draws a graph as one self-contained SVG. It brings its own background, so that it can be read on any page, light or dark.</summary>
internal sealed class GraphSvg(WorkflowGraph graph, string title)
{
    private const string Style = """
        .page{fill:#fff}.box{fill:#f1f5f9;stroke:#64748b}.input{fill:#e0f2fe;stroke:#0369a1}.name{fill:#0f172a;font-weight:600}.more{fill:#334155}.way{fill:none;stroke:#475569;stroke-width:1.5}.tip{fill:#475569}.part{fill:#334155;stroke:#fff;stroke-width:4;paint-order:stroke}.members{stroke-width:3.5}.group{stroke-dasharray:5 4}
        @media (prefers-color-scheme:dark){.page{fill:#0f172a}.box{fill:#1e293b;stroke:#94a3b8}.input{fill:#082f49;stroke:#38bdf8}.name{fill:#f8fafc}.more{fill:#cbd5e1}.way{stroke:#94a3b8}.tip{fill:#94a3b8}.part{fill:#cbd5e1;stroke:#0f172a}}
        """;

    private readonly GraphLayout _layout = new(graph);
    private readonly StringBuilder _svg = new();

    public string Draw()
    {
        var (width, height) = (Number(_layout.Width), Number(_layout.Height));
        Add($"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{Text($"The steps of the workflow {title}")}" font-family="system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif" font-size="13">""");
        Add($"<title>{Text(title)}</title>");
        Add($"<style>{Style.ReplaceLineEndings("")}</style>");
        Add("""<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="tip" d="M0 0L8 4L0 8z"/></marker></defs>""");
        Add($"""<rect class="page" width="{width}" height="{height}" rx="6"/>""");
        var leaves = Shares(edge => edge.From, way => way[1]);
        var enters = Shares(edge => edge.To, way => way[^2]);
        for (var i = 0; i < graph.Edges.Count; i++) Way(graph.Edges[i], _layout.Ways[i], leaves[i], enters[i]);
        for (var i = 0; i < graph.Nodes.Count; i++) Box(graph.Nodes[i], _layout.Spots[i], i == 0);
        for (var i = 0; i < graph.Edges.Count; i++) Label(graph.Edges[i], _layout.Ways[i], enters[i]);
        Add("</svg>");
        return _svg.ToString();
    }

    private void Box(GraphNode node, Spot spot, bool isInput)
    {
        Add($"""<rect class="{(isInput ? "input" : "box")}" x="{Number(spot.X)}" y="{Number(spot.Y)}" width="{Number(spot.Width)}" height="{Number(spot.Height)}" rx="{(isInput ? 14 : 4)}"/>""");
        var y = spot.Y + GraphLayout.Padding + 10;
        foreach (var line in node.Lines)
        {
            Add($"""<text class="{(y < spot.Y + GraphLayout.Padding + 11 ? "name" : "more")}" x="{Number(spot.X + GraphLayout.Padding)}" y="{Number(y)}">{Text(line)}</text>""");
            y += GraphLayout.Line;
        }
    }

    private void Way(GraphEdge edge, IReadOnlyList<Spot> way, double leaves, double enters)
    {
        var path = new StringBuilder($"M{Number(way[0].X + way[0].Width)} {Number(leaves)}");
        var (x, y) = (way[0].X + way[0].Width, leaves);
        for (var i = 1; i < way.Count; i++)
        {
            var (toX, toY) = (way[i].X, i == way.Count - 1 ? enters : way[i].Y + way[i].Height / 2);
            var middle = (x + toX) / 2;
            path.Append($"C{Number(middle)} {Number(y)} {Number(middle)} {Number(toY)} {Number(toX)} {Number(toY)}");
            (x, y) = (i == way.Count - 1 ? toX : toX + way[i].Width, toY);
            if (x > toX) path.Append($"H{Number(x)}");
        }
        var kind = edge.Join switch { JoinKind.Members => " members", JoinKind.Group => " group", _ => "" };
        Add($"""<path class="way{kind}" marker-end="url(#tip)" d="{path}"/>""");
    }

    private void Label(GraphEdge edge, IReadOnlyList<Spot> way, double enters)
    {
        if (edge.Label.Length == 0) return;
        // Beside the arrow's end, where no two arrows meet.
        Add($"""<text class="part" font-size="11" text-anchor="end" x="{Number(way[^1].X - 12)}" y="{Number(enters - 4)}">{Text(edge.Label)}</text>""");
    }

    /// <summary>Where each arrow meets the side of a box: evenly shared, in the order of what is at the arrows' other ends.</summary>
    private double[] Shares(Func<GraphEdge, int> box, Func<IReadOnlyList<Spot>, Spot> otherEnd)
    {
        var shares = new double[graph.Edges.Count];
        foreach (var side in Enumerable.Range(0, shares.Length).GroupBy(i => box(graph.Edges[i])))
        {
            var spot = _layout.Spots[side.Key];
            var ordered = side.OrderBy(i => otherEnd(_layout.Ways[i]).Y + otherEnd(_layout.Ways[i]).Height / 2).ToList();
            for (var i = 0; i < ordered.Count; i++) shares[ordered[i]] = spot.Y + spot.Height * (i + 1) / (ordered.Count + 1);
        }
        return shares;
    }

    private void Add(string line) => _svg.Append(line).Append('\n');

    private static string Number(double value) => Math.Round(value, 1).ToString(CultureInfo.InvariantCulture);

    /// <summary>Text for XML 1.0, which knows no control characters.</summary>
    private static string Text(string text)
    {
        var escaped = new StringBuilder();
        foreach (var c in text)
            escaped.Append(c switch { '&' => "&amp;", '<' => "&lt;", '>' => "&gt;", '"' => "&quot;", _ when char.IsControl(c) || c is '\uFFFE' or '\uFFFF' => "·", _ => c.ToString() });
        return escaped.ToString();
    }
}
