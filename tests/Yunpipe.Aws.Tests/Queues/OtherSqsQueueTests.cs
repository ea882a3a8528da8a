using Yunpipe.Aws.Tests.Emulator;
using Yunpipe.Queues;
using Yunpipe.Tests.Conformance;

namespace Yunpipe.Aws.Tests.Queues;

/// <summary>Against an SQS that others wrote, in real time.</summary>
public sealed class OtherSqsQueueTests(OtherEmulator emulator) : QueueConformance
{
    protected override TimeSpan LeaseLength => TimeSpan.FromSeconds(4);

    protected override IQueue Open() => TestQueue.Make(emulator.Connect(), LeaseLength, TimeProvider.System).GetAwaiter().GetResult().Queue;

    protected override Task Pass(TimeSpan time) => Task.Delay(time);
}

public sealed class FaultySqsQueueTests
{
    /// <summary>A queue may hand a job out twice, and does where an answer is lost. It may not lose one.</summary>
    [Fact]
    public async Task Where_one_request_in_twenty_fails_every_job_comes_and_the_queue_is_empty_in_the_end()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow);
        var faults = new Faults(0.05, seed: 11);
        await using var aws = new SmallAws(faults, time) { Suspended = true };
        using var connection = aws.Connect(TimeSpan.FromSeconds(2));
        var (queue, url) = await TestQueue.Make(connection, TimeSpan.FromMinutes(1), time);
        aws.Suspended = false;
        await queue.Enqueue(Enumerable.Range(0, 200).Select(n => TestQueue.Job($"j{n}")), default);
        var seen = new HashSet<string>();
        for (var round = 0; round < 50 && aws.Sqs.Bodies(url.Split('/')[^1]).Count > 0; round++)
        {
            var leases = await queue.Lease(40, TimeSpan.Zero, default);
            await Parallel.ForEachAsync(leases, async (lease, stop) =>
            {
                lock (seen) seen.Add(lease.Job.Key);
                await lease.Renew(stop);
                if (lease.Job.Key.EndsWith('7') && !lease.Job.Alone) await lease.Retry(lease.Job with { Alone = true }, TimeSpan.FromSeconds(30), stop);
                else await lease.Complete(stop);
            });
            time.Advance(TimeSpan.FromMinutes(2));
        }
        aws.Sqs.Bodies(url.Split('/')[^1]).ShouldBeEmpty();
        seen.Count.ShouldBe(200);
        faults.Made.ShouldBeGreaterThan(10);
    }
}
