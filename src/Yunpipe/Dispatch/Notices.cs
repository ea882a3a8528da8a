using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Dispatch;

/// <summary>Tells people; an <see cref="IOException"/> where it could not be told.</summary>
/// <param name="subject">Plain ASCII, at most 100 letters.</param>
public delegate Task TellPeople(string subject, string text, CancellationToken cancel);

/// <summary>Something that was set aside and that nobody was told of yet. Times in milliseconds, by the clock of whoever tried.</summary>
/// <param name="Began">When it was first tried; 0 where nothing was tried.</param>
internal sealed record AsideNote(string Step, string Job, string Key, string Sentence, long Began, long Ended);

/// <summary>That somebody tells, or has told.</summary>
/// <param name="At">When it was begun.</param>
/// <param name="Ended">Of what was told: what was first tried later is news again.</param>
internal sealed record ToldNote(long At, bool Told, long Ended);

/// <summary>How far a backlog has come. Times in milliseconds; 0 for not yet.</summary>
/// <param name="Finished">When the last one was found to be settled.</param>
/// <param name="Quiet">Since when nothing waits and nothing runs.</param>
/// <param name="Telling">Since when somebody tells of it.</param>
internal sealed record BacklogNote(long Finished = 0, long Began = 0, long Quiet = 0, long Telling = 0, int Aside = 0);

/// <summary>What people hear of: items that were set aside, all new ones in one message, and backlogs that are settled. Whoever tells makes a note first, which only one
/// dispatcher can, and another when it is told; so nothing is told twice, unless a dispatcher dies between the two, and then it is told again rather than never.
/// <code>
/// new/&lt;job&gt;    told/&lt;job&gt;                              then
/// there        none, or of an earlier try             told now
/// there        told                                   new/ is deleted
/// there        being told, for less than ten minutes  somebody does
/// there        being told, for longer                 told now
///
/// backlog.json: what was sent after it was last finished is a backlog; it is settled when for two minutes nothing waited, ran, or was about to close
/// </code></summary>
internal sealed class Notices(string deployment, Notes notes, LookAgain looks, SentLog sent, TimeProvider time, TellPeople tell)
{
    private const string New = "_yunpipe/dispatch/notices/new/", Told = "_yunpipe/dispatch/notices/told/", Backlog = "_yunpipe/dispatch/notices/backlog.json";

    /// <summary>Of one message: what is more is only counted, what is more than that waits for the next.</summary>
    private const int MostNamed = 50, MostAtOnce = 2000, LongestSentence = 500;

    private const long Settling = 115_000, Patience = 600_000;
    private const int MostKnown = 50_000;
    private readonly ConcurrentDictionary<string, long> _known = new(StringComparer.Ordinal);

    /// <summary>Notes that something was set aside. It is told with the next minute, once.</summary>
    public async ValueTask Aside(FailureRecord failure, CancellationToken cancel)
    {
        var name = Notes.NameOf($"{failure.Step}\n{failure.Job}");
        var own = new AsideNote(failure.Step, failure.Job, failure.Key, failure.Sentence, failure.Attempts.Count > 0 ? failure.Attempts[0].Started : 0, failure.Attempts.Count > 0 ? failure.Attempts[^1].Ended : 0);
        if (_known.TryGetValue(name, out var ended) && own.Began <= ended) return;
        if (await Standing(name, cancel) is not { } standing || IsNews(own, standing.Told)) await notes.Put(New + name, JsonSerializer.SerializeToUtf8Bytes(own, DispatchJson.Default.AsideNote), cancel);
        if (_known.Count > MostKnown) _known.Clear();
        _known[name] = own.Ended;
    }

    /// <summary>Tells what there is to tell.</summary>
    /// <param name="idle">True where nothing waits and nothing runs, and this minute sent nothing.</param>
    public async Task Tell(bool idle, CancellationToken cancel)
    {
        var aside = await TellAside(cancel);
        await TellFinished(idle, aside, cancel);
    }

    private async Task<int> TellAside(CancellationToken cancel)
    {
        var names = new List<string>();
        await foreach (var name in notes.List(New, null, cancel))
        {
            names.Add(name[New.Length..]);
            if (names.Count == MostAtOnce) break;
        }
        var mine = new ConcurrentBag<(string Name, AsideNote Note)>();
        await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancel }, async (name, stop) =>
        {
            if (await Claim(name, stop) is { } note) mine.Add((name, note));
        });
        if (mine.IsEmpty) return 0;
        var all = mine.OrderBy(entry => entry.Note.Step, StringComparer.Ordinal).ThenBy(entry => entry.Note.Key, StringComparer.Ordinal).ToList();
        try
        {
            await tell(Invariant($"Yunpipe {deployment}: {(all.Count == 1 ? "1 item was" : $"{all.Count} items were")} set aside"), AsideText([.. all.Select(entry => entry.Note)]), cancel);
        }
        catch (IOException)
        {
            foreach (var (name, note) in all) await Remember(name, new ToldNote(0, false, note.Ended), cancel);
            throw;
        }
        await Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancel }, async (entry, stop) =>
        {
            await Remember(entry.Name, new ToldNote(Now(), true, entry.Note.Ended), stop);
            await notes.Delete(New + entry.Name, stop);
        });
        return all.Count;
    }

    /// <summary>What is ours to tell; null where it is told, or another tells it.</summary>
    private async Task<AsideNote?> Claim(string name, CancellationToken cancel)
    {
        if (await notes.Read(New + name, cancel) is not { } pending || JsonSerializer.Deserialize(pending.Content, DispatchJson.Default.AsideNote) is not { } note) return null;
        var standing = await Standing(name, cancel);
        if (standing is { Told: { Told: true } told } && !IsNews(note, told))
        {
            await notes.Delete(New + name, cancel);
            return null;
        }
        if (standing is { Told: { Told: false, At: var at } } && Now() - at < Patience) return null;
        var claim = JsonSerializer.SerializeToUtf8Bytes(new ToldNote(Now(), false, note.Ended), DispatchJson.Default.ToldNote);
        return await notes.Write(Told + name, claim, standing?.Tag, cancel) is null ? null : note;
    }

    private async Task TellFinished(bool idle, int aside, CancellationToken cancel)
    {
        var note = await notes.Read(Backlog, cancel);
        var before = note is { } standing && JsonSerializer.Deserialize(standing.Content, DispatchJson.Default.BacklogNote) is { } read ? read : new BacklogNote();
        // What nobody remembers to have sent is no backlog: nothing is told of it.
        if (sent.Newest <= before.Finished) return;
        var now = Now();
        var state = before with { Began = before.Began > 0 ? before.Began : sent.Oldest(before.Finished), Aside = before.Aside + aside };
        if (!idle || await looks.IsExpecting(cancel)) state = state with { Quiet = 0, Telling = 0 };
        else if (state.Quiet == 0) state = state with { Quiet = now };
        else if (now - Math.Max(state.Quiet, sent.Newest) >= Settling && now - state.Telling >= Patience)
        {
            if (await Write(state with { Telling = now }, note?.Tag) is not { } claimed) return;
            try
            {
                await tell(Invariant($"Yunpipe {deployment}: finished"), FinishedText(state), cancel);
            }
            catch (IOException)
            {
                await Write(state, claimed);
                throw;
            }
            await Write(new BacklogNote(Finished: now), claimed);
            return;
        }
        if (state != before) await Write(state, note?.Tag);

        ValueTask<string?> Write(BacklogNote changed, string? tag) => notes.Write(Backlog, JsonSerializer.SerializeToUtf8Bytes(changed, DispatchJson.Default.BacklogNote), tag, cancel);
    }

    private string AsideText(IReadOnlyList<AsideNote> all)
    {
        var text = new StringBuilder();
        foreach (var note in all.Take(MostNamed)) text.Append(CultureInfo.InvariantCulture, $"{note.Step}, {note.Key}: {(note.Sentence.Length > LongestSentence ? note.Sentence[..LongestSentence] + "…" : note.Sentence)}\n");
        if (all.Count > MostNamed) text.Append(CultureInfo.InvariantCulture, $"… and {all.Count - MostNamed} more.\n");
        return text.Append(CultureInfo.InvariantCulture, $"\nAll others go on. See: yunpipe failures {deployment}\n").ToString();
    }

    private string FinishedText(BacklogNote state)
    {
        var aside = state.Aside switch { 0 => "Nothing was set aside.", 1 => $"1 item was set aside: see yunpipe failures {deployment}.", var many => Invariant($"{many} items were set aside: see yunpipe failures {deployment}.") };
        return $"Everything that was uploaded to {deployment} is worked on: nothing waits and nothing runs. It took {Failure.Duration(TimeSpan.FromMilliseconds(Math.Max(1000, state.Quiet - state.Began)))}. {aside}\n";
    }

    private static bool IsNews(AsideNote note, ToldNote told) => note.Began > told.Ended;

    private async ValueTask<(ToldNote Told, string Tag)?> Standing(string name, CancellationToken cancel) =>
        await notes.Read(Told + name, cancel) is { } note && JsonSerializer.Deserialize(note.Content, DispatchJson.Default.ToldNote) is { } told ? (told, note.Tag) : null;

    private ValueTask Remember(string name, ToldNote told, CancellationToken cancel) => notes.Put(Told + name, JsonSerializer.SerializeToUtf8Bytes(told, DispatchJson.Default.ToldNote), cancel);

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
