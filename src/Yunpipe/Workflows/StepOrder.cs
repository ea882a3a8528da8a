using Yunpipe.Documents;

namespace Yunpipe.Workflows;

/// <summary>Steps so that each comes after what it reads, as near to the written order as possible.</summary>
internal static class StepOrder
{
    /// <summary>Indexes in order; null, reported with the whole path, where steps wait for each other.</summary>
    public static IReadOnlyList<int>? Of(IReadOnlyList<Step> steps, IReadOnlyList<IReadOnlyList<Binding>> bindings, ProblemList problems)
    {
        var order = new List<int>();
        var done = new bool[steps.Count];
        while (order.Count < steps.Count)
        {
            var next = Enumerable.Range(0, steps.Count).FirstOrDefault(i => !done[i] && bindings[i].All(binding => binding.From < 0 || done[binding.From]), -1);
            if (next < 0)
            {
                var cycle = Cycle(bindings, done);
                problems.Add(WorkflowCodes.Cycle, steps[cycle[0]].Source,
                    $"These steps wait for each other: {string.Join(" ← ", cycle.Append(cycle[0]).Select(i => $"“{steps[i].Name}”"))}.", "One of them must read something else.");
                return null;
            }
            done[next] = true;
            order.Add(next);
        }
        return order;
    }

    /// <summary>Walks from any step that is left to what it waits for, until a step comes again.</summary>
    private static List<int> Cycle(IReadOnlyList<IReadOnlyList<Binding>> bindings, bool[] done)
    {
        var path = new List<int>();
        var at = Array.IndexOf(done, false);
        while (!path.Contains(at))
        {
            path.Add(at);
            at = bindings[at].First(binding => binding.From >= 0 && !done[binding.From]).From;
        }
        path.RemoveRange(0, path.IndexOf(at));
        var first = path.IndexOf(path.Min());
        return [.. path.Skip(first), .. path.Take(first)];
    }
}
