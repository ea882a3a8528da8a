using Yunpipe.Toolbox.Images;

namespace Yunpipe.Toolbox.Pixels;

/// <summary>One object of a label image, measured in another image. Places in pixels, counted from 0 at the centre of the first one.</summary>
internal sealed class ObjectStatistics(int label)
{
    private double _x;
    private double _y;

    public int Label => label;

    public int Area { get; private set; }

    public double Total { get; private set; }

    public float Minimum { get; private set; } = float.PositiveInfinity;

    public float Maximum { get; private set; } = float.NegativeInfinity;

    public double X => _x / Area;

    public double Y => _y / Area;

    public double Mean => Total / Area;

    /// <returns>In the order of their labels.</returns>
    public static IReadOnlyCollection<ObjectStatistics> Of(Labels labels, Plane image)
    {
        var all = new SortedDictionary<int, ObjectStatistics>();
        ObjectStatistics? current = null;
        for (var i = 0; i < labels.Pixels.Length; i++)
        {
            var label = labels.Pixels[i];
            if (label == 0)
                continue;
            if (current?.Label != label && !all.TryGetValue(label, out current))
                all.Add(label, current = new ObjectStatistics(label));
            current!.Add(i % labels.Width, i / labels.Width, image.Pixels[i]);
        }

        return all.Values;
    }

    private void Add(int x, int y, float value)
    {
        Area++;
        _x += x;
        _y += y;
        Total += value;
        Minimum = Math.Min(Minimum, value);
        Maximum = Math.Max(Maximum, value);
    }
}
