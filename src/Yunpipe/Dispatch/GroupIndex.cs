using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Yunpipe.Stores;

namespace Yunpipe.Dispatch;

/// <summary>Something that contributes to a group: a workflow item, or (with <paramref name="Step"/>) the group of a narrower gather.</summary>
/// <param name="State">Changes with all that it contributes.</param>
internal sealed record Contributor(string Key, string? Step = null, string State = "");

/// <summary>Who contributes to which group, so that closing a group asks about its own members only: <c>_yunpipe/dispatch/groups/&lt;step&gt;/&lt;group&gt;/&lt;contributor&gt;</c>.
/// It is derived from items; what it names that is gone is left out when the group is looked at.</summary>
internal sealed class GroupIndex(Notes notes)
{
    private const string Prefix = "_yunpipe/dispatch/groups/";
    private const int MostKnown = 200_000;
    private readonly ConcurrentDictionary<string, string> _known = new(StringComparer.Ordinal);

    /// <summary>False where it was there already, in the same state.</summary>
    public async ValueTask<bool> Add(GroupName group, Contributor contributor, CancellationToken cancel)
    {
        var name = Name(group, contributor);
        if (_known.TryGetValue(name, out var known) && known == contributor.State) return false;
        var stands = known is null && await notes.Read(name, cancel) is { } note && JsonSerializer.Deserialize(note.Content, DispatchJson.Default.Contributor)?.State == contributor.State;
        if (!stands) await notes.Put(name, JsonSerializer.SerializeToUtf8Bytes(contributor, DispatchJson.Default.Contributor), cancel);
        if (_known.Count > MostKnown) _known.Clear();
        _known[name] = contributor.State;
        return !stands;
    }

    public ValueTask Remove(GroupName group, Contributor contributor, CancellationToken cancel)
    {
        var name = Name(group, contributor);
        _known.TryRemove(name, out _);
        return notes.Delete(name, cancel);
    }

    /// <summary>All contributors; or as many as wanted, from a place that differs each time.</summary>
    /// <param name="from">A number that says where to begin where only some are wanted.</param>
    public async Task<IReadOnlyList<Contributor>> Of(GroupName group, CancellationToken cancel, int most = int.MaxValue, int from = 0)
    {
        var names = new List<string>();
        await foreach (var name in notes.List(Folder(group), null, cancel)) names.Add(name);
        // Names are hashes: any stretch of them is a fair sample.
        if (names.Count > most) names = [.. names.Concat(names).Skip((int)((uint)from % (uint)names.Count)).Take(most)];
        var contributors = new Contributor?[names.Count];
        await Parallel.ForAsync(0, names.Count, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = cancel }, async (at, stop) =>
        {
            if (await notes.Read(names[at], stop) is { } note) contributors[at] = JsonSerializer.Deserialize(note.Content, DispatchJson.Default.Contributor);
        });
        return [.. contributors.OfType<Contributor>()];
    }

    private static string Folder(GroupName group) => $"{Prefix}{group.Step}/{Notes.NameOf(group.Key)}/";

    private static string Name(GroupName group, Contributor contributor) => Folder(group) + Notes.NameOf($"{contributor.Step}\n{contributor.Key}");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Contributor))]
[JsonSerializable(typeof(Look))]
[JsonSerializable(typeof(SweepState))]
[JsonSerializable(typeof(AsideNote))]
[JsonSerializable(typeof(ToldNote))]
[JsonSerializable(typeof(BacklogNote))]
internal sealed partial class DispatchJson : JsonSerializerContext;
