namespace Yunpipe.Reports;

/// <summary>A few items out of any number, the same ones whatever the order of the records: those whose keys have the smallest hashes. An item that
/// is kept in the end was kept from its first record on, so nothing of it is missed.</summary>
internal sealed class ItemSample(int size)
{
    private readonly SortedSet<(ulong Hash, string Origin)> _smallest = new(Comparer<(ulong Hash, string Origin)>.Create(static (a, b) =>
        a.Hash != b.Hash ? a.Hash.CompareTo(b.Hash) : string.CompareOrdinal(a.Origin, b.Origin)));
    private readonly Dictionary<string, SampledOrigin> _kept = new(StringComparer.Ordinal);

    /// <summary>Where to put what is known of the item; null where it is not in the sample.</summary>
    public SampledOrigin? Offer(string origin)
    {
        if (size == 0 || _kept.TryGetValue(origin, out var known)) return size == 0 ? null : _kept[origin];
        var entry = (StableHash.Of(origin), origin);
        if (_smallest.Count == size)
        {
            var largest = _smallest.Max;
            if (_smallest.Comparer.Compare(entry, largest) > 0) return null;
            _smallest.Remove(largest);
            _kept.Remove(largest.Origin);
        }
        _smallest.Add(entry);
        return _kept[origin] = known = new SampledOrigin(origin);
    }

    public SampledOrigin? Find(string origin) => _kept.GetValueOrDefault(origin);

    public IReadOnlyList<SampledOrigin> All => [.. _kept.Values.OrderBy(item => item.Origin, StringComparer.Ordinal)];
}

/// <summary>What the records say of a sampled item: at which steps it has results, under which keys.</summary>
internal sealed class SampledOrigin(string origin)
{
    /// <summary>A step may make thousands of items of one: the first few by key stand for them.</summary>
    public const int KeysOfStep = 2;

    public string Origin => origin;
    public Dictionary<string, (SortedSet<string> Keys, bool More)> Steps { get; } = new(StringComparer.Ordinal);
    public long Members { get; private set; }
    public (string Step, string Sentence)? Failure { get; set; }

    public void Add(string step, string key, long members)
    {
        Members = Math.Max(Members, members);
        if (!Steps.TryGetValue(step, out var known)) known = (new SortedSet<string>(StringComparer.Ordinal), false);
        var more = known.Keys.Add(key) && known.Keys.Count > KeysOfStep;
        if (more) known.Keys.Remove(known.Keys.Max!);
        Steps[step] = (known.Keys, known.More || more);
    }
}
