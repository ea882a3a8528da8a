using Yunpipe.Documents;
using Yunpipe.Workflows;

namespace Yunpipe.Items;

/// <summary>Collects the files of grouped items. A group leaves as soon as all its parts are there, so that only unfinished ones are held.</summary>
internal sealed class ItemGroups(ItemGrouping grouping)
{
    private readonly Dictionary<string, Pending> _pending = new(StringComparer.Ordinal);
    private readonly SeenKeys _done = new();

    private sealed record Pending(Member?[] Members);

    private sealed record Member(Part Part, IReadOnlyDictionary<string, string> Meta);

    /// <summary>Null where the file belongs to no part, or its group waits for more; otherwise the item, or why the file cannot be used.</summary>
    public Found? Add(Part part, IReadOnlyDictionary<string, string> meta, out bool taken, Location? where = null)
    {
        taken = false;
        var slot = SlotOf(meta);
        if (slot < 0) return null;
        taken = true;
        var path = part.File.Path;
        if (MetaValue.Expand(grouping.Key, meta) is not { } key)
        {
            var absent = grouping.Key.Names.Select(MetaValue.NameOf).Where(name => !meta.ContainsKey(name)).Distinct().ToList();
            return new ItemProblem(ItemCodes.NoValue, path,
                $"{Wording.Quote(path)} has no value for {Naming.And(absent)}, of which its item's key is made.", where) { Lacks = absent };
        }
        if (ItemKey.Flaw(key) is { } flaw) return new ItemProblem(ItemCodes.Name, path, $"The item key {Wording.Quote(key)} {flaw}.", where);
        if (!_pending.TryGetValue(key, out var pending))
        {
            pending = new Pending(new Member?[grouping.Parts.Count]);
            _pending.Add(key, pending);
        }
        if (pending.Members[slot] is { } other) return Twice(key, slot, path, other.Part.File.Path, where);
        pending.Members[slot] = new Member(part, meta);
        if (Array.IndexOf(pending.Members, null) >= 0) return null;
        _pending.Remove(key);
        return _done.Add(key) ? Make(key, pending) : Twice(key, slot, path, null, where);
    }

    /// <summary>The key of the item that a file with this metadata is part of; null where it is part of none.</summary>
    public string? KeyOf(IReadOnlyDictionary<string, string> meta) => SlotOf(meta) < 0 ? null : MetaValue.Expand(grouping.Key, meta);

    /// <summary>What is left when nothing more comes, in the order of the keys.</summary>
    public IEnumerable<Found> Finish()
    {
        foreach (var (key, pending) in _pending.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            if (!_done.Add(key))
            {
                var slot = Array.FindIndex(pending.Members, member => member is not null);
                yield return Twice(key, slot, pending.Members[slot]!.Part.File.Path, null, null);
                continue;
            }
            var lacks = grouping.Parts.Where((part, i) => part.Required && pending.Members[i] is null).Select(part => part.Name).ToList();
            if (lacks.Count == 0) { yield return Make(key, pending); continue; }
            yield return new ItemProblem(ItemCodes.Incomplete, key, $"{Wording.Quote(key)} has no file for its part{(lacks.Count > 1 ? "s" : "")} {Naming.And(lacks)}.") { Lacks = lacks };
        }
        _pending.Clear();
    }

    private int SlotOf(IReadOnlyDictionary<string, string> meta)
    {
        for (var i = 0; i < grouping.Parts.Count; i++)
        {
            var all = true;
            foreach (var (name, value) in grouping.Parts[i].Meta)
                if (!meta.TryGetValue(name, out var own) || !MetaValue.Same(own, value)) { all = false; break; }
            if (all) return i;
        }
        return -1;
    }

    private Item Make(string key, Pending pending)
    {
        var parts = new Dictionary<string, Part>(pending.Members.Length);
        Dictionary<string, string>? meta = null;
        for (var i = 0; i < pending.Members.Length; i++)
        {
            if (pending.Members[i] is not { } member) continue;
            parts.Add(grouping.Parts[i].Name, member.Part);
            if (meta is null) { meta = new Dictionary<string, string>(member.Meta); continue; }
            // What differs between the parts (the channel) belongs to them, not to the item.
            foreach (var (name, value) in meta)
                if (!member.Meta.TryGetValue(name, out var own) || own != value) meta.Remove(name);
        }
        return new Item(key, key, parts, meta!);
    }

    private ItemProblem Twice(string key, int slot, string path, string? other, Location? where) =>
        new(ItemCodes.Duplicate, path, other is null
            ? $"{Wording.Quote(path)} comes after its item {Wording.Quote(key)} was complete: its part “{grouping.Parts[slot].Name}” is there twice."
            : $"{Wording.Quote(path)} and {Wording.Quote(other)} are both the part “{grouping.Parts[slot].Name}” of {Wording.Quote(key)}; the first is taken.", where);
}
