using System.Buffers.Binary;
using System.Text;
using Yunpipe.Stores;

namespace Yunpipe.Dispatch;

/// <summary>Which jobs were put into their queues lately, so that looking at an item again does not send its jobs again. One note for all that one
/// invocation has sent, named by its time; every dispatcher reads the notes of the others. It is written after the messages are: a crash between
/// sends twice, which changes nothing, and never loses.</summary>
internal sealed class SentLog(Notes notes, TimeProvider time, string self)
{
    public const string Prefix = "_yunpipe/dispatch/sent/";

    /// <summary>After this long a message is taken for lost even if its queue is not empty; SQS keeps messages far longer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromHours(12);

    private const int Most = 500_000;
    private readonly Dictionary<UInt128, long> _sent = [];
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private long _written;

    /// <summary>Reads what others have sent since.</summary>
    public async Task Refresh(CancellationToken cancel)
    {
        var oldest = Name(time.GetUtcNow().ToUnixTimeMilliseconds() - (long)Patience.TotalMilliseconds);
        var fresh = new List<string>();
        await foreach (var name in notes.List(Prefix, oldest, cancel))
            if (!_read.Contains(name)) fresh.Add(name);
        await Parallel.ForEachAsync(fresh, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancel }, async (name, stop) =>
        {
            if (await notes.Read(name, stop) is not { } note) return;
            var at = TimeOf(name);
            lock (_lock)
            {
                foreach (var line in Encoding.ASCII.GetString(note.Content).Split('\n'))
                    if (JobId.TryParse(line, out var job)) Remember(job, at);
                _read.Add(name);
            }
        });
    }

    /// <summary>How long ago a job was sent; null where that is not known.</summary>
    public TimeSpan? Age(JobId job)
    {
        lock (_lock)
            return _sent.TryGetValue(Key(job), out var at) ? TimeSpan.FromMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds() - at) : null;
    }

    /// <summary>What was sent of a job counts no more: it is to be sent again. The notes of others still say it, until their next look finds a newer one.</summary>
    public void Forget(JobId job)
    {
        lock (_lock) _sent.Remove(Key(job));
    }

    /// <summary>When something was sent last, in milliseconds; 0 where nothing is known of.</summary>
    public long Newest { get; private set; }

    /// <summary>When something was sent first after a time, as far as is remembered; 0 where nothing was.</summary>
    public long Oldest(long after)
    {
        lock (_lock) return _sent.Values.Where(at => at > after).DefaultIfEmpty(Newest > after ? Newest : 0).Min();
    }

    public async Task Add(IReadOnlyCollection<JobId> jobs, CancellationToken cancel)
    {
        if (jobs.Count == 0) return;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var name = $"{Name(now)}-{self}-{Interlocked.Increment(ref _written)}";
        lock (_lock)
        {
            foreach (var job in jobs) Remember(job, now);
            _read.Add(name);
        }
        await notes.Put(name, Encoding.ASCII.GetBytes(string.Join('\n', jobs)), cancel);
    }

    /// <summary>Deletes notes that say nothing any more.</summary>
    public async Task Clear(CancellationToken cancel)
    {
        var oldest = Name(time.GetUtcNow().ToUnixTimeMilliseconds() - (long)Patience.TotalMilliseconds);
        await foreach (var name in notes.List(Prefix, null, cancel))
        {
            if (string.CompareOrdinal(name, oldest) >= 0) break;
            await notes.Delete(name, cancel);
            lock (_lock) _read.Remove(name);
        }
    }

    private void Remember(JobId job, long at)
    {
        if (_sent.Count >= Most)
        {
            var half = _sent.Values.Order().ElementAt(Most / 2);
            foreach (var old in _sent.Where(entry => entry.Value <= half).Select(entry => entry.Key).ToList()) _sent.Remove(old);
        }
        Newest = Math.Max(Newest, at);
        var key = Key(job);
        if (!_sent.TryGetValue(key, out var known) || known < at) _sent[key] = at;
    }

    private static UInt128 Key(JobId job) => BinaryPrimitives.ReadUInt128LittleEndian(job.ToBytes());

    private static string Name(long at) => Prefix + at.ToString("D13", System.Globalization.CultureInfo.InvariantCulture);

    private static long TimeOf(string name) => long.TryParse(name.AsSpan(Prefix.Length, 13), out var at) ? at : 0;
}
