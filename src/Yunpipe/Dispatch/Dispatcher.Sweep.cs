using System.Text.Json;
using Yunpipe.Items;
using Yunpipe.Runs;
using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Dispatch;

/// <summary>How far the sweep has come; a note that all dispatchers share. Times in milliseconds, the rest in seconds.</summary>
internal sealed record SweepState(string? After = null, long Began = 0, long Next = 0, int Found = 0, int Rest = 0);

/// <summary>One stretch of a sweep.</summary>
/// <param name="Files">Files of the input that were looked at; 0 while it rests.</param>
/// <param name="Ended">True where the whole input has been looked at.</param>
public sealed record Swept(int Files, IReadOnlyDictionary<string, int> Sent, bool Ended, IReadOnlyDictionary<int, string> Failed);

// The sweep finds what no event has told: it goes through the input a stretch a minute, looks at each item as an event would make it, and rests when nothing was amiss.
public sealed partial class Dispatcher
{
    private const string SweepNote = "_yunpipe/dispatch/sweep.json";

    /// <summary>Behind every file of a directory-style image.</summary>
    private const string Last = "/\U0010FFFF";

    /// <summary>A job that was sent less than this ago may not show in the counts of its queue yet.</summary>
    private static readonly TimeSpan CountsLag = TimeSpan.FromMinutes(5);

    /// <summary>Members of one group that a stretch asks after: all of most groups, some of the largest, which others follow.</summary>
    private const int MostMembers = 1000;

    private const int ShortestRest = 900, LongestRest = 21_600;

    /// <param name="most">Files to look at now.</param>
    /// <param name="empty">Steps in whose queue nothing waits and of which nothing runs: what was sent there and has no record is lost.</param>
    public async Task<Swept> Sweep(int most, IReadOnlySet<string> empty, CancellationToken cancel)
    {
        var note = await _parts.Notes.Read(SweepNote, cancel);
        var state = note is { } standing && JsonSerializer.Deserialize(standing.Content, DispatchJson.Default.SweepState) is { } read ? read : new SweepState();
        if (state.Next > Now()) return new Swept(0, new Dictionary<string, int>(), false, new Dictionary<int, string>());
        if (state.After is null) state = state with { Began = Now(), Found = 0 };
        await _sent.Refresh(cancel);
        var (batch, files, after, ended) = await Stretch("", state.After, most, cancel);
        await Parallel.ForEachAsync(batch.Items, Side(cancel), (entry, stop) => batch.Guard(entry.Value, () => LookAtItem(batch, entry.Key, stop), stop));
        await TouchForgotten(batch, cancel);
        var sent = await Send(batch, force: false, cancel, empty);
        var found = state.Found + sent.Values.Sum() + batch.Failed.Count;
        // As long as a message of late may be lost, the sweep comes round soon.
        var rest = found > 0 || Now() - _sent.Newest < SentLog.Patience.TotalMilliseconds ? ShortestRest : Math.Clamp(state.Rest * 2, ShortestRest, LongestRest);
        state = ended ? new SweepState(null, state.Began, Now() + rest * 1000L, found, rest) : state with { After = after, Found = found };
        if (ended) await _sent.Clear(cancel);
        // Whoever was slower has looked at the same stretch, which does no harm.
        await _parts.Notes.Write(SweepNote, JsonSerializer.SerializeToUtf8Bytes(state, DispatchJson.Default.SweepState), note?.Tag, cancel);
        return new Swept(files, sent, ended, batch.Failed);
    }

    /// <summary>Lists a stretch of the input and names what is in it.</summary>
    private async Task<(Batch Batch, int Files, string? After, bool Ended)> Stretch(string prefix, string? after, int most, CancellationToken cancel)
    {
        var batch = new Batch { Sweeps = true };
        var files = 0;
        while (files < most)
        {
            string? directory = null;
            var ended = true;
            await foreach (var file in _parts.Input.List(prefix, after, cancel))
            {
                files++;
                after = file.File.Path;
                if (_items.DirectoryOf(file.File.Path) is { } inside) directory = inside;
                else batch.Known[file.File.Path] = file;
                await batch.Guard(files, () => NameListed(batch, files, file, directory, cancel), cancel);
                ended = false;
                if (directory is not null || files >= most) break;
            }
            if (directory is not null) after = directory + Last;
            if (ended) return (batch, files, null, true);
        }
        return (batch, files, after, false);
    }

    private async Task NameListed(Batch batch, int at, InputFile file, string? directory, CancellationToken cancel)
    {
        if (directory is null)
        {
            await NameInput(batch, at, file, cancel);
            return;
        }
        // One that nobody has told of may still be growing: it is left alone first, as any other.
        foreach (var touched in await _items.Of(file.File.Path, cancel))
            if (await _items.Find(touched.Key, batch.Known, cancel) is { } found && (await WalkItem(found, cancel)).Open.Any(open => _sent.Age(open.Job.Id) is null))
            {
                var look = new Look(touched.Key, null, true, 0);
                if (!await _looks.IsWaiting(look, cancel)) await _looks.Touch(look, _items.Ends.AreTold ? TimeSpan.Zero : ImageQuiet, cancel);
            }
            else batch.AddItem(touched.Key, at);
    }

    /// <summary>Groups of the stretch, and those that their results are members of: without a result, or with a member that has gone, and with nobody who waits for
    /// them, they are looked at anew; of the others whatever is behind is sent that was not.</summary>
    private async Task TouchForgotten(Batch batch, CancellationToken cancel)
    {
        var looked = new HashSet<GroupName>();
        while (batch.Seen.Keys.Where(looked.Add).ToList() is { Count: > 0 } groups)
            await Parallel.ForEachAsync(groups, Side(cancel), (group, side) => batch.Guard([], async () =>
            {
                var look = new Look(group.Key, group.Step, false, 0);
                if (await _looks.IsWaiting(look, side)) return;
                var step = _byName[group.Step];
                if (await _parts.Store.FindItem(group.Step, DerivedKey.OfVariant(group.Key, step.Variants[0].Meta), side) is null || await HasGone(group, side))
                    await _looks.Touch(look, Quiet(step.Plan.Step.Gather), side);
                else await LookAtResult(batch, group, side);
            }, side));
    }

    private async Task<bool> HasGone(GroupName group, CancellationToken cancel)
    {
        var nothing = new Dictionary<string, InputFile>();
        foreach (var some in (await _groups.Of(group, cancel, MostMembers, (int)(Now() / 60_000))).Where(contributor => contributor.Step is null).Chunk(AtOnce))
        {
            var found = await Task.WhenAll(some.Select(contributor => _items.Find(contributor.Key, nothing, cancel).AsTask()));
            if (found.Contains(null)) return true;
        }
        return false;
    }
}
