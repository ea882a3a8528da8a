namespace Yunpipe.Images;

/// <summary>How far something is that takes long with images. Bytes; what need not be moved counts as done.</summary>
/// <param name="Doing">Half a sentence: <c>packing layers</c>.</param>
/// <param name="Total">0 where nobody knows how much there is.</param>
public readonly record struct CopyProgress(string Doing, long Done, long Total);

/// <summary>Copies blobs between two places, several at once: what is there stays, what can be mounted is, the rest streams. No blob is held in memory.</summary>
public sealed class BlobCopy(ImagePlace from, ImagePlace to, IProgress<CopyProgress>? progress = null)
{
    private const string Doing = "writing";

    private readonly Lock _lock = new();
    private readonly HashSet<Digest> _done = [];
    private long _arrived, _total, _moved;
    private int _skipped, _mounted;

    /// <summary>Bytes that went over the wire or to the disk.</summary>
    public long Moved => Interlocked.Read(ref _moved);

    /// <summary>Blobs that were there already.</summary>
    public int Skipped => _skipped;

    /// <summary>Blobs that the registry took from another of its repositories.</summary>
    public int Mounted => _mounted;

    /// <summary>Copies blobs that were not copied by this before.</summary>
    public async Task Copy(IEnumerable<BlobDescriptor> blobs, CancellationToken cancel)
    {
        BlobDescriptor[] wanted;
        lock (_lock) wanted = [.. blobs.Where(blob => _done.Add(blob.Digest))];
        Report(0, wanted.Sum(blob => blob.Size));
        // The largest first: the end is then not one long wait for the last.
        await Parallel.ForEachAsync(wanted.OrderByDescending(blob => blob.Size), new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Max(1, Math.Min(from.AtOnce, to.AtOnce)), CancellationToken = cancel,
        }, async (blob, stop) => await Copy(blob, stop));
    }

    private async Task Copy(BlobDescriptor blob, CancellationToken cancel)
    {
        if (await to.HasBlob(blob, cancel)) Interlocked.Increment(ref _skipped);
        else if (await to.TryMount(blob, from, cancel)) Interlocked.Increment(ref _mounted);
        else
        {
            var arrived = new Arrived(this);
            await to.WriteBlob(blob, stop => from.OpenBlob(blob, stop), arrived, cancel);
            arrived.Report(blob.Size);
            Interlocked.Add(ref _moved, blob.Size);
            return;
        }
        Report(blob.Size, 0);
    }

    private void Report(long arrived, long total)
    {
        lock (_lock)
        {
            (_arrived, _total) = (_arrived + arrived, _total + total);
            progress?.Report(new CopyProgress(Doing, _arrived, _total));
        }
    }

    /// <summary>Adds to the whole what one blob gained, or lost where it is sent again.</summary>
    private sealed class Arrived(BlobCopy copy) : IProgress<long>
    {
        private long _last;

        public void Report(long value) => copy.Report(value - Interlocked.Exchange(ref _last, value), 0);
    }
}
