using Yunpipe.Items;
using Yunpipe.Runs;
using Yunpipe.Stores;
using Yunpipe.Work;
using Yunpipe.Workflows;

namespace Yunpipe.Dispatch;

/// <summary>Groups, and what else had to be left alone for a while.
/// <code>
/// a group that is due                                            then
/// fewer members than it counts, and changed lately               looked at when it was quiet
/// a member is on its way                                         looked at later, or when that member settles
/// has all it expects, its file came, or it was quiet             whole
/// whole, nothing missing or `missing: skip`                      its jobs are sent; looked at later, until they are settled
/// whole, something missing, `missing: fail`                      set aside
/// whole, something missing, `missing: wait`                      looked at later
/// its jobs are done or set aside                                 what is behind it is sent; over, the next change begins anew
/// </code></summary>
public sealed partial class Dispatcher
{
    /// <summary>Looks at all that is due now, and sends what comes of it.</summary>
    /// <param name="empty">As for <see cref="Sweep"/>.</param>
    public async Task<Handled> LookAtDue(int most, IReadOnlySet<string> empty, CancellationToken cancel)
    {
        await _sent.Refresh(cancel);
        var due = await _looks.Due(most, cancel);
        var batch = new Batch();
        await Parallel.ForAsync(0, due.Count, Side(cancel), (at, stop) => batch.Guard(at, () => LookAt(batch, at, due[at], stop), stop));
        await Parallel.ForEachAsync(batch.Items, Side(cancel), (entry, stop) => batch.Guard(entry.Value, () => LookAtItem(batch, entry.Key, stop), stop));
        await Parallel.ForEachAsync(batch.Groups, Side(cancel), (entry, stop) => batch.Guard(entry.Value, () => LookAtResult(batch, entry.Key, stop), stop));
        var sent = await Send(batch, force: false, cancel, empty);
        // A reminder goes only when all that came of it is on its way.
        for (var at = 0; at < due.Count; at++)
            if (!batch.Failed.ContainsKey(at)) await _looks.Done(due[at], cancel);
        return new Handled(due.Count, sent, batch.Failed);
    }

    private async Task LookAt(Batch batch, int at, DueLook due, CancellationToken cancel)
    {
        var look = due.Look;
        if (look.Step is null)
        {
            var quietAt = look.Changed + (long)ImageQuiet.TotalMilliseconds;
            if (look.IsDirectory && _items.Ends.AreTold && Now() < quietAt && !await _items.IsWhole(look.Key, cancel))
            {
                await _looks.At(look, quietAt, cancel);
                return;
            }
            lock (batch.Settled) batch.Settled.Add(look.Key);
            batch.AddItem(look.Key, at);
        }
        else if (_byName.TryGetValue(look.Step, out var step))
            if (step.Plan.Step.Gather is { } gather) await LookAtGroup(batch, at, look, step, gather, cancel);
            else batch.AddGroup(new GroupName(look.Step, look.Key), at);
    }

    private async Task LookAtGroup(Batch batch, int at, Look look, StepProgram step, Gather gather, CancellationToken cancel)
    {
        var name = new GroupName(step.Name, look.Key);
        var contributors = await _groups.Of(name, cancel);
        var quietAt = look.Changed + (long)FullQuiet(gather).TotalMilliseconds;
        var quiet = Now() >= quietAt;
        var (closed, named) = await Closing(gather, name, contributors, cancel);
        if (!closed && !quiet && contributors.Count < Math.Max(gather.Count ?? 0, gather.Expect.Count > 0 ? 1 : 0))
        {
            await _looks.At(look, quietAt, cancel);
            return;
        }
        var walk = await WalkMembers(name, contributors, cancel);
        foreach (var open in walk.Open)
            if (open.Released.Count == 0) batch.Open(open.Step, open.Job);
        if (walk.Waiting.Contains(name) || walk.Waiting.Contains(name with { Key = "" }))
        {
            // Whoever settles last touches the group; this is for the case that nobody tells.
            await _looks.Later(look, cancel);
            return;
        }
        if (walk.Members.Of(step).FirstOrDefault(other => other.Key == look.Key) is not { } group) return;
        var lacks = Gathering.Lacks(gather, group).Concat(named).ToList();
        var whole = closed || quiet || lacks.Count == 0 && (gather.Count is not null || gather.Expect.Count > 0);
        if (!whole) await _looks.At(look, quietAt, cancel);
        else if (lacks.Count > 0 && gather.Missing == MissingPolicy.Wait) await _looks.Later(look, cancel);
        else if (lacks.Count > 0 && gather.Missing == MissingPolicy.Fail)
        {
            if (Gathering.Incomplete(step, group, lacks).Failure is { } failure) await SetAside(failure, cancel);
        }
        else if (!await SendGroup(batch, walk, step, group, lacks, look.Changed, cancel)) await _looks.Later(look, cancel);
        // A result is told of before its item's record says that it is the current one: who looked then saw nothing behind it.
        else batch.AddGroup(name, at);
    }

    /// <summary>Sends a whole group's jobs; true where all of them are settled already.</summary>
    private async Task<bool> SendGroup(Batch batch, Walk walk, StepProgram step, Group group, IReadOnlyList<string> lacks, long changed, CancellationToken cancel)
    {
        var settled = true;
        foreach (var instance in await walk.GroupJobs(step, group, lacks, cancel))
        {
            if (instance.Job is not { } made) continue;
            var job = made with { Order = walk.Order(made, changed) };
            if (await _parts.Store.Find(step.Name, job.Id, cancel) is { } manifest)
            {
                if (!await walk.IsHidden(step, job, manifest, cancel)) continue;
                settled = false;
                batch.Open(step, job, shows: true);
                continue;
            }
            if (await _parts.Store.FindFailure(step.Name, job.Id, cancel) is not null) continue;
            settled = false;
            batch.Open(step, job);
        }
        return settled;
    }

    /// <summary>Walks all that contributes to a group; what is gone is taken out of the index.</summary>
    private async Task<Walk> WalkMembers(GroupName name, IReadOnlyList<Contributor> contributors, CancellationToken cancel)
    {
        var walk = new Walk(_steps, _parts.Store, _parts.Time);
        var nothing = new Dictionary<string, InputFile>();
        await Parallel.ForEachAsync(contributors, Side(cancel), async (contributor, stop) =>
        {
            if (contributor.Step is { } from)
            {
                if (_byName.TryGetValue(from, out var source)) await walk.Group(source.Plan, contributor.Key, 0, stop);
            }
            else if (await _items.Find(contributor.Key, nothing, stop) is { } found) await walk.Item(found, stop);
            else await _groups.Remove(name, contributor, stop);
        });
        return walk;
    }

    /// <summary>Whether the file that closes the group is there, and whom it names that nobody has seen.</summary>
    private async Task<(bool Closed, IReadOnlyList<string> Absent)> Closing(Gather gather, GroupName name, IReadOnlyList<Contributor> contributors, CancellationToken cancel)
    {
        if (gather.Closed is not { } template || ClosingFile(gather, template, name.Key) is not { } path || await _parts.Input.Read(path, cancel) is not { } text) return (false, []);
        var folder = path[..(path.LastIndexOf('/') + 1)];
        var known = contributors.Select(contributor => contributor.Key).ToHashSet(StringComparer.Ordinal);
        return (true, [.. text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && !known.Contains(line) && !known.Contains(folder + line))]);
    }

    /// <summary>The file that closes a group, found by reading the group's key back into the metadata that it was made of.</summary>
    private static string? ClosingFile(Gather gather, Algorithms.Template closed, string key)
    {
        if (gather.By is null) return closed.Names.Any() ? null : closed.Source;
        var pattern = PathPattern.Parse(AsPattern(gather.By));
        return pattern.Value?.Match(key) is { } meta ? closed.Expand(inserted => meta.GetValueOrDefault(MetaValue.NameOf(inserted))) : null;
    }

    /// <summary>The groups that a file of the input closes.</summary>
    private IEnumerable<GroupName> ClosedBy(string path)
    {
        foreach (var step in Gathers)
            if (step.Plan.Step.Gather is { Closed: { } closed } gather && PathPattern.Parse(AsPattern(closed)).Value?.Match(path) is { } meta
                && DerivedKey.OfGroup(gather.By, meta, path) is { } key) yield return new GroupName(step.Name, key);
    }

    /// <summary>A template that inserts, as a pattern that catches: <c>${plate}/done.txt</c> as <c>{plate}/done.txt</c>.</summary>
    private static string AsPattern(Algorithms.Template template)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return string.Concat(template.Pieces.Select(piece => !piece.IsName ? piece.Text.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal).Replace("$", "$$", StringComparison.Ordinal)
            : seen.Add(piece.Text) ? $"{{{MetaValue.NameOf(piece.Text)}}}" : $"${{{MetaValue.NameOf(piece.Text)}}}"));
    }
}
