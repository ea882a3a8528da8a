namespace Yunpipe.Workflows;

/// <summary>A box or, without a node, the place where a long arrow passes through a layer.</summary>
internal sealed class Spot(int? node, int layer)
{
    public int? Node => node;
    public int Layer => layer;
    public double X { get; set; }
    public double Y { get; set; }
    public double Width { get; set; }
    public double Height { get; init; }
    public double Order { get; set; }
    public double Weight { get; set; }

    /// <summary>Where arrows come from, and where they go on.</summary>
    public List<Spot> Before { get; } = [];
    public List<Spot> After { get; } = [];
}

/// <summary>
/// Layers from left to right (Sugiyama's method, without its refinements): a step stands one layer after the deepest that it reads, an arrow over several layers
/// gets a spot in each, and a few sweeps order each layer by the mean of its neighbours. The same plan always gives the same picture.
/// </summary>
internal sealed class GraphLayout
{
    public const double Line = 16, Padding = 10, LayerGap = 72, RowGap = 18;

    /// <summary>How much wider the first line is, which is bold.</summary>
    private const double Bold = 1.12;
    private const int Sweeps = 6;
    private readonly List<List<Spot>> _layers;

    public GraphLayout(WorkflowGraph graph)
    {
        Spots = [.. graph.Nodes.Select((node, i) => new Spot(i, node.Layer)
        {
            Width = Math.Max(80, Math.Max(node.Lines.Max(Measure), Measure(node.Lines.First()) * Bold) + 2 * Padding), Height = node.Lines.Count() * Line + 2 * Padding - 4,
        })];
        _layers = [.. Enumerable.Range(0, Spots.Max(spot => spot.Layer) + 1).Select(layer => Spots.Where(spot => spot.Layer == layer).ToList())];
        Ways = [.. graph.Edges.Select(edge => Way(Spots[edge.From], Spots[edge.To]))];
        foreach (var layer in _layers) Number(layer);
        for (var sweep = 0; sweep < Sweeps; sweep++) Sweep(forward: sweep % 2 == 0);
        Place();
    }

    /// <summary>One for each node of the graph.</summary>
    public IReadOnlyList<Spot> Spots { get; }

    /// <summary>One for each edge: the boxes at its ends, and every spot between.</summary>
    public IReadOnlyList<IReadOnlyList<Spot>> Ways { get; }

    public double Width { get; private set; }

    public double Height { get; private set; }

    /// <summary>Text width without a font to ask: an average that errs on the wide side for the sans-serif faces that browsers choose.</summary>
    public static double Measure(string text) => text.Sum(c => c switch { 'i' or 'l' or 'j' or '.' or ',' or ':' or '\'' => 4.0, 'm' or 'w' or 'M' or 'W' => 11, > '\u2E80' => 13, _ => 7.4 });

    private List<Spot> Way(Spot from, Spot to)
    {
        var way = new List<Spot> { from };
        for (var layer = from.Layer + 1; layer < to.Layer; layer++)
        {
            var through = new Spot(null, layer) { Height = 4 };
            _layers[layer].Add(through);
            way.Add(through);
        }
        way.Add(to);
        for (var i = 1; i < way.Count; i++)
        {
            way[i - 1].After.Add(way[i]);
            way[i].Before.Add(way[i - 1]);
        }
        return way;
    }

    private static void Number(List<Spot> layer)
    {
        for (var i = 0; i < layer.Count; i++) layer[i].Order = i;
    }

    private void Sweep(bool forward)
    {
        foreach (var layer in forward ? _layers.Skip(1) : _layers.AsEnumerable().Reverse().Skip(1))
        {
            foreach (var spot in layer) spot.Weight = (forward ? spot.Before : spot.After).Select(near => near.Order).DefaultIfEmpty(spot.Order).Average();
            layer.Sort((a, b) => a.Weight != b.Weight ? a.Weight.CompareTo(b.Weight) : a.Order.CompareTo(b.Order));
            Number(layer);
        }
    }

    private void Place()
    {
        Height = _layers.Max(layer => layer.Sum(spot => spot.Height + RowGap)) + RowGap;
        var x = RowGap;
        foreach (var layer in _layers)
        {
            var width = layer.Max(spot => spot.Width);
            var y = (Height - layer.Sum(spot => spot.Height + RowGap) + RowGap) / 2;
            foreach (var spot in layer)
            {
                // An arrow keeps straight beside the boxes of a layer, and bends only between layers.
                if (spot.Node is null) spot.Width = width;
                (spot.X, spot.Y) = (x + (width - spot.Width) / 2, y);
                y += spot.Height + RowGap;
            }
            x += width + LayerGap;
        }
        Width = x - LayerGap + RowGap;
    }
}
