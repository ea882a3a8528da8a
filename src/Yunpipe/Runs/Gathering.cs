using Yunpipe.Items;
using Yunpipe.Stores;
using Yunpipe.Work;
using Yunpipe.Workflows;

namespace Yunpipe.Runs;

/// <summary>Members of one group on their way to one gathering step.</summary>
internal sealed class Group(string key)
{
    public string Key { get; } = key;
    public Dictionary<string, List<InputMember>> Ports { get; } = new(StringComparer.Ordinal);

    /// <summary>How many items came, by port: an item of which all parts are taken is one, whatever its parts.</summary>
    public Dictionary<string, int> Items { get; } = new(StringComparer.Ordinal);

    /// <summary>Keys of members that were set aside or held back.</summary>
    public List<string> Missing { get; } = [];

    /// <summary>What is known of them.</summary>
    public List<IReadOnlyDictionary<string, string>> MissingMeta { get; } = [];

    /// <summary>What all members have in common.</summary>
    public IReadOnlyDictionary<string, string> Meta { get; set; } = new Dictionary<string, string>();
}

/// <summary>Collects the members of every gather until their pass is over. Holds keys and file names, not images.</summary>
internal sealed class Gathering(IReadOnlyList<StepProgram> steps)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, Dictionary<string, Group>> _groups = [];
    private readonly Dictionary<int, List<string>> _strays = [];
    private readonly ILookup<(int, string?), (StepProgram Step, BoundInput Input)> _readers = steps
        .Where(step => step.Plan.Step.Gather is not null)
        .SelectMany(step => step.Plan.Inputs.Where(input => input.Join == JoinKind.Members).Select(input => (Step: step, Input: input)))
        .ToLookup(entry => (entry.Input.From?.Index ?? -1, entry.Input.Output is { Each: true } each ? each.Name : null));

    private readonly Dictionary<int, StepFilter> _filters = steps.ToDictionary(step => step.Plan.Index, step => new StepFilter(step.Plan.Step.When));

    /// <summary>Hands a result to the gathers that read it.</summary>
    public void Add(int from, string? port, Item item)
    {
        foreach (var (step, input) in _readers[(from, port)])
        {
            if (!_filters[step.Plan.Index].Takes(item.Key, item.Meta) || JobMaker.MembersOf(item, input) is not { Count: > 0 } found) continue;
            lock (_lock)
            {
                if (GroupOf(step, item.Meta, item.Origin) is not { } group) { Stray(step, item.Key); continue; }
                if (!group.Ports.TryGetValue(input.Port.Name, out var members)) group.Ports[input.Port.Name] = members = [];
                group.Meta = members.Count == 0 && group.Ports.Count == 1 ? item.Meta : Common(group.Meta, item.Meta);
                members.AddRange(found);
                group.Items[input.Port.Name] = group.Items.GetValueOrDefault(input.Port.Name) + 1;
            }
        }
    }

    /// <summary>Notes that an item will not come, so that its group knows whom it lacks.</summary>
    public void Miss(StepProgram gather, string key, string origin, IReadOnlyDictionary<string, string> meta)
    {
        lock (_lock)
        {
            if (GroupOf(gather, meta, origin) is not { } group)
            {
                Stray(gather, key);
                return;
            }
            group.Missing.Add(key);
            group.MissingMeta.Add(meta);
        }
    }

    /// <summary>The groups of a step, ordered by key, members ordered by theirs.</summary>
    public IReadOnlyList<Group> Of(StepProgram step)
    {
        lock (_lock)
        {
            if (!_groups.Remove(step.Plan.Index, out var groups)) return [];
            foreach (var group in groups.Values)
            {
                foreach (var members in group.Ports.Values) members.Sort(static (a, b) => string.CompareOrdinal(a.Key, b.Key));
                if (_strays.TryGetValue(step.Plan.Index, out var strays)) group.Missing.AddRange(strays);
                group.Missing.Sort(StringComparer.Ordinal);
            }
            return [.. groups.Values.OrderBy(group => group.Key, StringComparer.Ordinal)];
        }
    }

    /// <summary>What a group lacks: by whom it was promised, by the values that are expected, or by their number.</summary>
    public static IReadOnlyList<string> Lacks(Gather gather, Group group)
    {
        var lacks = new List<string>(group.Missing);
        var members = group.Ports.Values.FirstOrDefault() ?? [];
        foreach (var (name, values) in gather.Expect)
            foreach (var value in values)
                if (!members.Select(member => member.Meta).Concat(group.MissingMeta).Any(meta => meta.TryGetValue(name, out var own) && MetaValue.Same(own, value))) lacks.Add($"{name}={value}");
        for (var n = group.Items.Values.FirstOrDefault() + lacks.Count; n < gather.Count; n++) lacks.Add($"member {n + 1} of {gather.Count}");
        return lacks;
    }

    /// <summary>Says what a group lacks.</summary>
    public static string Sentence(Group group, IReadOnlyList<string> lacks)
    {
        var named = lacks.Count <= 3 ? lacks : [lacks[0], lacks[1], $"{lacks.Count - 2} more"];
        return $"The group “{group.Key}” lacks {string.Join(", ", named.SkipLast(1))}{(named.Count > 1 ? " and " : "")}{named[^1]}.";
    }

    /// <summary>The job that a group would have been, and the record that sets it aside for want of members; or why it can have none.</summary>
    public static (Job? Job, FailureRecord? Failure, string? Flaw) Incomplete(StepProgram step, Group group, IReadOnlyList<string> lacks)
    {
        var (job, flaw) = JobMaker.Make(step, Variant.Plain, group.Key, group.Key, group.Meta, [], lacks);
        if (job is null) return (null, null, flaw);
        // There are no inputs yet that would tell one group from another.
        job = job with { Id = JobId.Of(System.Text.Encoding.UTF8.GetBytes($"group\0{step.Name}\0{group.Key}")) };
        return (job, new FailureRecord
        {
            Job = job.Id.ToString(), Step = step.Name, Key = group.Key, Origin = group.Key, Meta = group.Meta,
            Cause = Cause.GatherIncomplete, Sentence = Sentence(group, lacks), Attempts = [],
        }, null);
    }

    private Group? GroupOf(StepProgram step, IReadOnlyDictionary<string, string> meta, string origin)
    {
        if (DerivedKey.OfGroup(step.Plan.Step.Gather!.By, meta, origin) is not { } key) return null;
        if (!_groups.TryGetValue(step.Plan.Index, out var groups)) _groups[step.Plan.Index] = groups = new(StringComparer.Ordinal);
        if (!groups.TryGetValue(key, out var group)) groups[key] = group = new Group(key);
        return group;
    }

    private void Stray(StepProgram step, string key)
    {
        if (!_strays.TryGetValue(step.Plan.Index, out var keys)) _strays[step.Plan.Index] = keys = [];
        keys.Add(key);
    }

    private static Dictionary<string, string> Common(IReadOnlyDictionary<string, string> a, IReadOnlyDictionary<string, string> b)
    {
        var common = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in a)
            if (b.TryGetValue(name, out var other) && other == value) common[name] = value;
        return common;
    }
}
