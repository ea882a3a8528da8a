using System.Runtime.CompilerServices;
using Yunpipe.Runs;

namespace Yunpipe.Tests.Runs;

public sealed class ReadAheadTests
{
    [Fact]
    public async Task Every_entry_comes_once_and_in_order()
    {
        var seen = await new ReadAhead<int>(7).Of(Numbers(10_000), default).ToListAsync();
        seen.ShouldBe(Enumerable.Range(0, 10_000));
        (await new ReadAhead<int>(7).Of(Numbers(0), default).ToListAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_slow_listing_is_not_waited_for_until_a_block_is_full()
    {
        var goOn = new TaskCompletionSource();
        async IAsyncEnumerable<int> Slow()
        {
            yield return 1;
            await goOn.Task;
            yield return 2;
        }
        await using var entries = new ReadAhead<int>(100).Of(Slow(), default).GetAsyncEnumerator();
        (await entries.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10))).ShouldBeTrue();
        entries.Current.ShouldBe(1);
        goOn.SetResult();
        (await entries.MoveNextAsync()).ShouldBeTrue();
        (await entries.MoveNextAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task It_reads_no_further_ahead_than_it_may()
    {
        var read = 0;
        await using var entries = new ReadAhead<int>(10).Of(Numbers(1000, () => read++), default).GetAsyncEnumerator();
        await entries.MoveNextAsync();
        await Task.Delay(200);
        // A block that was taken, and one that waits.
        Volatile.Read(ref read).ShouldBeInRange(1, 21);
    }

    [Fact]
    public async Task What_the_listing_throws_comes_after_what_it_gave()
    {
        async IAsyncEnumerable<int> Breaks()
        {
            yield return 1;
            yield return 2;
            await Task.Yield();
            throw new IOException("gone");
        }
        var seen = new List<int>();
        var error = await Should.ThrowAsync<IOException>(async () =>
        {
            await foreach (var entry in new ReadAhead<int>(10).Of(Breaks(), default)) seen.Add(entry);
        });
        error.Message.ShouldBe("gone");
        seen.ShouldBe([1, 2]);
    }

    [Fact]
    public async Task Whoever_takes_no_more_ends_the_listing()
    {
        var ended = false;
        async IAsyncEnumerable<int> Endless([EnumeratorCancellation] CancellationToken cancel = default)
        {
            try
            {
                for (var i = 0; ; i++)
                {
                    cancel.ThrowIfCancellationRequested();
                    yield return i;
                    await Task.Yield();
                }
            }
            finally
            {
                ended = true;
            }
        }
        await foreach (var entry in new ReadAhead<int>(10).Of(Endless(), default))
            if (entry == 25) break;
        ended.ShouldBeTrue();
        using var stop = new CancellationTokenSource();
        ended = false;
        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (var entry in new ReadAhead<int>(10).Of(Endless(), stop.Token))
                if (entry == 25) await stop.CancelAsync();
        });
        ended.ShouldBeTrue();
    }

    private static async IAsyncEnumerable<int> Numbers(int count, Action? each = null)
    {
        for (var i = 0; i < count; i++)
        {
            each?.Invoke();
            // Some of it comes late.
            if (i % 100 == 50) await Task.Yield();
            yield return i;
        }
    }
}
