using System.Runtime.CompilerServices;

namespace Yunpipe.Runs;

/// <summary>Reads a listing on a thread of its own, at most <paramref name="most"/> entries ahead of who takes them. Each side takes all that the other has left
/// at once, and is woken only where it found nothing to do, so that a wake-up is paid for many entries and not for each.</summary>
internal sealed class ReadAhead<T>(int most)
{
    private readonly Lock _lock = new();
    private List<T> _filled = [];
    private TaskCompletionSource? _taker, _reader;
    private bool _ended;

    /// <summary>The entries of a listing, in its order; what the listing throws comes after those before it.</summary>
    public async IAsyncEnumerable<T> Of(IAsyncEnumerable<T> listing, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var reading = Task.Run(() => Read(listing, ending.Token), CancellationToken.None);
        try
        {
            var taken = new List<T>();
            while (await Take(taken) is { Count: > 0 } block)
            {
                taken = block;
                foreach (var entry in block) yield return entry;
            }
            await reading;
        }
        finally
        {
            await ending.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task Read(IAsyncEnumerable<T> listing, CancellationToken cancel)
    {
        try
        {
            await foreach (var entry in listing.WithCancellation(cancel)) await Add(entry, cancel);
        }
        finally
        {
            lock (_lock)
            {
                _ended = true;
                _taker?.SetResult();
            }
        }
    }

    private async ValueTask Add(T entry, CancellationToken cancel)
    {
        TaskCompletionSource? full = null;
        lock (_lock)
        {
            _filled.Add(entry);
            _taker?.SetResult();
            _taker = null;
            if (_filled.Count >= most) full = _reader = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        if (full is not null) await full.Task.WaitAsync(cancel);
    }

    /// <summary>All that was read meanwhile, in exchange for an empty list; empty at the end.</summary>
    private async ValueTask<List<T>> Take(List<T> used)
    {
        used.Clear();
        while (true)
        {
            TaskCompletionSource wait;
            lock (_lock)
            {
                if (_filled.Count > 0)
                {
                    var filled = _filled;
                    _filled = used;
                    _reader?.SetResult();
                    _reader = null;
                    return filled;
                }
                if (_ended) return _filled;
                wait = _taker = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
            await wait.Task;
        }
    }
}
