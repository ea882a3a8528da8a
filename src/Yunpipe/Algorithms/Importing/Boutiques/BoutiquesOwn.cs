using Yunpipe.Documents;

namespace Yunpipe.Algorithms.Importing.Boutiques;

/// <summary>What Yunpipe keeps under <c>custom.yunpipe</c> of a descriptor that it exports: names, which files are references, and, as a merge patch (RFC 7386)
/// to the algorithm's document, what Boutiques has no word for.</summary>
internal static class BoutiquesOwn
{
    public static Algorithm Apply(Algorithm algorithm, MapNode own, ImportNotes notes)
    {
        if (own["patch"] is not MapNode patch) return algorithm;
        var read = AlgorithmReader.Read(Patched(AlgorithmWriter.ToNode(algorithm), patch), notes.File, "");
        if (read.Value is { } patched && read.Ok) return patched;
        notes.Problems.AddRange(read.Problems.Select(problem => new Problem(ImportCodes.NoAlgorithm, $"What stands under custom.yunpipe does not fit the rest: {problem.Message}", patch.Where, problem.Advice)));
        return algorithm;
    }

    private static DocumentNode Patched(DocumentNode target, DocumentNode patch)
    {
        if (patch is not MapNode changes) return patch;
        var entries = target is MapNode map ? map.Entries.ToList() : [];
        foreach (var change in changes.Entries)
        {
            var at = entries.FindIndex(entry => entry.Key == change.Key);
            if (change.Value.IsNull) { if (at >= 0) entries.RemoveAt(at); }
            else if (at >= 0) entries[at] = entries[at] with { Value = Patched(entries[at].Value, change.Value) };
            else entries.Add(change with { Value = Patched(new MapNode([], default), change.Value) });
        }
        return new MapNode(entries, target.Where);
    }

    /// <summary>The smallest patch that makes <paramref name="target"/> of <paramref name="source"/>; null where they are the same.</summary>
    public static DocumentNode? Difference(DocumentNode source, DocumentNode target)
    {
        if (source is MapNode from && target is MapNode to)
        {
            var changes = new List<MapEntry>();
            foreach (var entry in from.Entries.Where(entry => to[entry.Key] is null)) changes.Add(new MapEntry(entry.Key, default, NodeBuilder.Plain("null")));
            foreach (var entry in to.Entries)
                if (from[entry.Key] is not { } before) changes.Add(entry);
                else if (Difference(before, entry.Value) is { } change) changes.Add(entry with { Value = change });
            return changes.Count == 0 ? null : new MapNode(changes, default);
        }
        return DocumentWriter.ToJson(source) == DocumentWriter.ToJson(target) ? null : target;
    }
}
