using System.Text;
using System.Text.Json;
using Yunpipe.Aws.Stores;

namespace Yunpipe.Aws.Deployments;

/// <summary>Counts the items of a step that have a result, by the names of their records: a corrected image is one item, however many jobs it was. A record is there too
/// for an item that only failed. It is smaller than any other, so that only records that small are read.</summary>
internal sealed class CurrentJobs(S3Bucket work, string folder, DateTimeOffset since)
{
    /// <summary>Names that one listing after the other brings; where there are more, stretches of them are listed side by side.</summary>
    private const int Few = 1000;

    /// <summary>What <c>"viewed"</c> and its job take: every result that has come to its end has that, and an item that only failed has not.</summary>
    private const int OfResult = 60;

    /// <summary>More small records than this are not looked into: they are taken for items that only failed.</summary>
    private const int MostRead = 1000;

    private readonly Lock _lock = new();
    private readonly List<S3Entry> _small = [];
    private long _lately;

    public long Done { get; private set; }

    /// <summary>When the first of late was done.</summary>
    public DateTimeOffset First { get; private set; } = DateTimeOffset.MaxValue;

    public long Lately => _lately;

    public async Task Count(CancellationToken cancel)
    {
        await Visit(cancel);
        await Parallel.ForEachAsync(_small, new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = cancel }, async (found, stop) =>
        {
            if (await work.Get(found.Key, stop) is { } record && JsonSerializer.Deserialize(record.Bytes, S3Json.Default.ItemRecord) is { Job: not null }) Add(found);
        });
    }

    private async Task Visit(CancellationToken cancel)
    {
        string? last = null;
        var seen = 0;
        await foreach (var found in work.List(folder, cancel))
        {
            Look(found);
            if (++seen < Few) continue;
            last = found.Key;
            break;
        }
        if (last is null) return;
        var bounds = Bounds(last, folder.Length);
        await Parallel.ForEachAsync(Enumerable.Range(0, bounds.Count + 1), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancel }, async (n, stop) =>
        {
            var end = n < bounds.Count ? Encoding.UTF8.GetBytes(bounds[n]) : null;
            await foreach (var found in work.List(folder, stop, n == 0 ? last : bounds[n - 1]))
            {
                if (end is not null && Encoding.UTF8.GetBytes(found.Key).AsSpan().SequenceCompareTo(end) > 0) break;
                Look(found);
            }
        });
    }

    /// <summary>Where stretches of about as many names may begin, behind a name that is there: images are numbered, so each of its digits, and a letter alone before
    /// a digit as of a well, may be a greater one. Ascending.</summary>
    internal static IReadOnlyList<string> Bounds(string name, int from)
    {
        const int most = 160;
        var found = new List<(int At, string Bound)>();
        for (var at = from; at < name.Length && found.Count < most; at++)
        {
            var last = char.IsAsciiDigit(name[at]) ? '9'
                : at + 1 < name.Length && char.IsAsciiDigit(name[at + 1]) && (at == from || !char.IsAsciiLetter(name[at - 1])) ? char.IsAsciiLetterUpper(name[at]) ? 'Z' : char.IsAsciiLetterLower(name[at]) ? 'z' : '\0' : '\0';
            for (var next = (char)(name[at] + 1); next <= last; next++) found.Add((at, name[..at] + next));
        }
        return [.. found.OrderByDescending(bound => bound.At).ThenBy(bound => bound.Bound, StringComparer.Ordinal).Select(bound => bound.Bound)];
    }

    private void Look(S3Entry found)
    {
        var key = found.Key[folder.Length..];
        var least = JsonSerializer.SerializeToUtf8Bytes(new ItemRecord { Key = key }, S3Json.Default.ItemRecord).Length;
        lock (_lock)
            // Of a name that was cut the record has the whole.
            if (found.Size >= least + OfResult && Encoding.UTF8.GetByteCount(key) <= S3Layout.LongestName) Count(found);
            else if (_small.Count < MostRead) _small.Add(found);
    }

    private void Add(S3Entry found)
    {
        lock (_lock) Count(found);
    }

    private void Count(S3Entry found)
    {
        Done++;
        if (found.Changed < since) return;
        _lately++;
        if (found.Changed < First) First = found.Changed;
    }
}
