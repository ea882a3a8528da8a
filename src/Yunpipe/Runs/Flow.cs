using Yunpipe.Items;

namespace Yunpipe.Runs;

using Axes = IReadOnlyList<KeyValuePair<string, string>>;

/// <summary>An item that a step made (or the workflow's own), and what multiplied it since its origin.</summary>
internal sealed record StepResult(Item Item, Axes Axes);

/// <summary>All that one workflow item, or one group, has come to so far. It lives while jobs of it are open, so that memory holds
/// the items under way and not all there are.</summary>
internal sealed class Flow(string key, bool isItem = false)
{
    private readonly Dictionary<(int Step, string? Port), List<StepResult>> _results = [];
    private readonly HashSet<(int Step, string Axes)> _made = [];

    /// <summary>The workflow item's key, or the group's.</summary>
    public string Key { get; } = key;

    /// <summary>True for a workflow item, false for a group.</summary>
    public bool IsItem { get; } = isItem;

    public Lock Gate { get; } = new();

    /// <summary>Finished jobs of this flow whose outputs were released, by <c>step/job</c>.</summary>
    public Dictionary<string, ReleasedJob> Released { get; } = new(StringComparer.Ordinal);

    /// <summary>Jobs that are under way, and one while the flow is being advanced.</summary>
    public int Pending { get; set; }

    public void Add(int step, string? port, StepResult result)
    {
        if (!_results.TryGetValue((step, port), out var list)) _results[(step, port)] = list = [];
        list.Add(result);
    }

    public IReadOnlyList<StepResult> Of(int step, string? port) => _results.TryGetValue((step, port), out var list) ? list : [];

    /// <summary>The result whose axes are the first of the given ones; null while there is none.</summary>
    public StepResult? Find(int step, string? port, Axes axes)
    {
        foreach (var result in Of(step, port))
            if (result.Axes.Count <= axes.Count && result.Axes.SequenceEqual(axes.Take(result.Axes.Count))) return result;
        return null;
    }

    /// <summary>True the first time that an instance of a step is made.</summary>
    public bool Make(int step, Axes axes) => _made.Add((step, string.Join('\u0001', axes.Select(axis => $"{axis.Key}={axis.Value}"))));
}
