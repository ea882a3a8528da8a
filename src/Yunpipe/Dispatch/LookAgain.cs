using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Yunpipe.Stores;

namespace Yunpipe.Dispatch;

/// <summary>Something that is to be looked at later: a group (<paramref name="Step"/> is its gather), a directory-style image, or an item.</summary>
/// <param name="Changed">When it last changed, in milliseconds.</param>
/// <param name="Pause">How long was waited before, in seconds: the next wait is longer where nothing happens.</param>
internal sealed record Look(string Key, string? Step, bool IsDirectory, long Changed, int Pause = 0)
{
    public string Name => Notes.NameOf($"{Step}\n{IsDirectory}\n{Key}");
}

/// <summary>What is due, with all notes that said so.</summary>
internal sealed record DueLook(Look Look, IReadOnlyList<string> Notes);

/// <summary>Reminders: <c>_yunpipe/dispatch/look/&lt;what&gt;/&lt;written&gt;-&lt;due&gt;-&lt;who&gt;</c>. Every change of a group adds one, so that its due time moves on; the newest rules.
/// Whoever has looked deletes exactly the notes that were there before, so that a change in between is never lost.</summary>
internal sealed class LookAgain(Notes notes, TimeProvider time, string self)
{
    private const string Prefix = "_yunpipe/dispatch/look/";

    /// <summary>Of those that were written last: what still changes is among them.</summary>
    private const int MostAsked = 200;
    private readonly ConcurrentDictionary<string, long> _touched = new(StringComparer.Ordinal);
    private long _written;

    /// <summary>Notes that something changed: it is due when it was left alone for so long. Of changes that follow each other closely the first is
    /// written down, and made due later by as much as the others go unwritten, so that it is never looked at before them.</summary>
    public async ValueTask Touch(Look look, TimeSpan quiet, CancellationToken cancel)
    {
        var now = Now();
        var unwritten = Math.Max(2_000, (long)quiet.TotalMilliseconds / 4);
        if (_touched.TryGetValue(look.Name, out var last) && now - last < unwritten) return;
        if (_touched.Count > 50_000) _touched.Clear();
        _touched[look.Name] = now;
        await Put(look with { Changed = now, Pause = 0 }, now + (long)quiet.TotalMilliseconds + unwritten, cancel);
    }

    /// <summary>Looks again after a pause that is twice the last one, from ten minutes to six hours.</summary>
    public ValueTask Later(Look look, CancellationToken cancel)
    {
        var pause = Math.Clamp(look.Pause * 2, 600, 21_600);
        return Put(look with { Pause = pause }, Now() + pause * 1000L, cancel);
    }

    /// <summary>Looks again at a time.</summary>
    public ValueTask At(Look look, long due, CancellationToken cancel) => Put(look, due, cancel);

    /// <summary>What is due, the longest due first.</summary>
    public async Task<IReadOnlyList<DueLook>> Due(int most, CancellationToken cancel)
    {
        var now = Now();
        var due = new List<(long Due, string Newest, List<string> Notes)>();
        var (what, names) = ("", new List<string>());
        void End()
        {
            if (names.Count > 0 && TimeOf(names[^1], 1) is var when && when <= now) due.Add((when, names[^1], names));
            names = [];
        }
        await foreach (var name in notes.List(Prefix, null, cancel))
        {
            var own = name[..name.LastIndexOf('/')];
            if (own != what) End();
            what = own;
            names.Add(name);
        }
        End();
        var looks = new List<DueLook>();
        foreach (var (_, newest, all) in due.OrderBy(entry => entry.Due).Take(most))
            if (await notes.Read(newest, cancel) is { } note && JsonSerializer.Deserialize(note.Content, DispatchJson.Default.Look) is { } look) looks.Add(new DueLook(look, all));
        return looks;
    }

    /// <summary>True where a change of it is not settled yet.</summary>
    public async ValueTask<bool> IsWaiting(Look look, CancellationToken cancel)
    {
        await foreach (var _ in notes.List($"{Prefix}{look.Name}/", null, cancel)) return true;
        return false;
    }

    /// <summary>True where something changed and may still change, such as a group or an image that grows. What was looked at and is only looked at again does not count:
    /// it may wait for what nobody uploads.</summary>
    public async ValueTask<bool> IsExpecting(CancellationToken cancel)
    {
        var newest = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var name in notes.List(Prefix, null, cancel)) newest[name[..name.LastIndexOf('/')]] = name;
        foreach (var name in newest.Values.OrderByDescending(name => name[(name.LastIndexOf('/') + 1)..], StringComparer.Ordinal).Take(MostAsked))
            if (await notes.Read(name, cancel) is { } note && JsonSerializer.Deserialize(note.Content, DispatchJson.Default.Look) is { Pause: 0 }) return true;
        return false;
    }

    public async Task Done(DueLook look, CancellationToken cancel)
    {
        _touched.TryRemove(look.Look.Name, out _);
        foreach (var name in look.Notes) await notes.Delete(name, cancel);
    }

    private ValueTask Put(Look look, long due, CancellationToken cancel) => notes.Put(string.Create(CultureInfo.InvariantCulture,
        $"{Prefix}{look.Name}/{Now():D13}-{Interlocked.Increment(ref _written):D6}-{due:D13}-{self}"), JsonSerializer.SerializeToUtf8Bytes(look, DispatchJson.Default.Look), cancel);

    private static long TimeOf(string name, int part)
    {
        var words = name[(name.LastIndexOf('/') + 1)..].Split('-');
        return words.Length > 2 && long.TryParse(words[part == 0 ? 0 : 2], NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? at : 0;
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
