using System.Text.Json.Serialization;
using Yunpipe.Stores;

namespace Yunpipe.Reports;

/// <summary>Set-aside jobs of one step with the same cause and sentence.</summary>
/// <param name="Sentence">As the records say it; the item's own name stands as “…”.</param>
/// <param name="Examples">The first few, ordered by key.</param>
public sealed record FailureGroup(string Step, Cause Cause, string Sentence, long Count, IReadOnlyList<FailureExample> Examples)
{
    /// <summary>Stands for the sentences beyond those that are told one by one.</summary>
    internal const string Rest = "Other failures.";

    [JsonIgnore] public bool IsRest => Sentence == Rest;
}

/// <param name="Tail">The last lines of output.</param>
public sealed record FailureExample(string Key, string Job, string Sentence, int Attempts, string Tail);

/// <summary>Groups failures in bounded memory: so many groups, and so many examples of each; what comes after is counted.</summary>
internal sealed class FailureGroups
{
    private const int MostGroups = 60, MostExamples = 5, LongestTail = 4000, ShortestName = 4;
    private readonly Dictionary<(string Step, Cause Cause, string Sentence), Group> _groups = [];

    private sealed class Group
    {
        public long Count { get; set; }
        public List<FailureExample> Examples { get; } = [];
    }

    public void Add(FailureRecord failure)
    {
        var id = (failure.Step, failure.Cause, Nameless(failure));
        if (!_groups.TryGetValue(id, out var group))
        {
            if (_groups.Count >= MostGroups) id = (failure.Step, failure.Cause, FailureGroup.Rest);
            if (!_groups.TryGetValue(id, out group)) _groups[id] = group = new Group();
        }
        group.Count++;
        if (group.Examples.Count < MostExamples) group.Examples.Add(new FailureExample(failure.Key, failure.Job, failure.Sentence, failure.Attempts.Count, End(failure.Tail)));
    }

    /// <summary>The largest group of each step first.</summary>
    public IReadOnlyList<FailureGroup> Report(List<string> steps) => [.. _groups
        .Select(group => new FailureGroup(group.Key.Step, group.Key.Cause, group.Key.Sentence, group.Value.Count,
            [.. group.Value.Examples.OrderBy(example => example.Key, StringComparer.Ordinal)]))
        .OrderBy(group => steps.IndexOf(group.Step)).ThenByDescending(group => group.Count).ThenBy(group => group.Sentence, StringComparer.Ordinal)];

    /// <summary>“Cannot read a.tif” and “Cannot read b.tif” are one failure of two items.</summary>
    private static string Nameless(FailureRecord failure)
    {
        var sentence = failure.Sentence;
        foreach (var name in (ReadOnlySpan<string>)[failure.Key, failure.Key[(failure.Key.LastIndexOf('/') + 1)..]])
            if (name.Length >= ShortestName) sentence = sentence.Replace(name, "…", StringComparison.Ordinal);
        return sentence;
    }

    private static string End(string tail)
    {
        tail = tail.TrimEnd();
        return tail.Length <= LongestTail ? tail : "…" + tail[^LongestTail..];
    }
}
