using Microsoft.Extensions.Time.Testing;
using Yunpipe.Algorithms;
using Yunpipe.Queues;
using Yunpipe.Work;

namespace Yunpipe.Tests.Conformance;

/// <summary>What every queue promises: a job is handed out under a lease, and again when the lease ends without an answer.</summary>
public abstract class QueueConformance
{
    private static readonly CancellationToken None = CancellationToken.None;

    protected abstract IQueue Open();

    /// <summary>Lets time pass for the queue.</summary>
    protected abstract Task Pass(TimeSpan time);

    protected abstract TimeSpan LeaseLength { get; }

    private static Job Job(string name) => new()
    {
        Id = Records.Id(name), Step = "blur", Key = name, Origin = name, Meta = new Dictionary<string, string>(), Variables = new Dictionary<string, VariableValue>(), Inputs = [],
    };

    private static async Task<List<string>> Keys(IQueue queue, int most = 10) => [.. (await queue.Lease(most, TimeSpan.Zero, None)).Select(lease => lease.Job.Key)];

    [Fact]
    public async Task A_leased_job_is_nobody_elses()
    {
        await using var queue = Open();
        await queue.Enqueue(Job("a"), None);
        (await Keys(queue)).ShouldBe(["a"]);
        (await Keys(queue)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_lease_gives_no_more_than_was_asked_for()
    {
        await using var queue = Open();
        foreach (var name in "abcde") await queue.Enqueue(Job(name.ToString()), None);
        var two = await Keys(queue, 2);
        two.Count.ShouldBe(2);
        (await Keys(queue)).Concat(two).Order().ShouldBe(["a", "b", "c", "d", "e"]);
    }

    [Fact]
    public async Task A_completed_job_never_comes_again()
    {
        await using var queue = Open();
        await queue.Enqueue(Job("a"), None);
        await (await queue.Lease(1, TimeSpan.Zero, None))[0].Complete(None);
        await Pass(LeaseLength * 2);
        (await Keys(queue)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_lease_that_lapses_hands_the_job_out_again()
    {
        await using var queue = Open();
        await queue.Enqueue(Job("a"), None);
        var lease = (await queue.Lease(1, TimeSpan.Zero, None))[0];
        await Pass(LeaseLength * 1.1);
        (await Keys(queue)).ShouldBe(["a"]);
        (await lease.Renew(None)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_renewed_lease_holds()
    {
        await using var queue = Open();
        await queue.Enqueue(Job("a"), None);
        var lease = (await queue.Lease(1, TimeSpan.Zero, None))[0];
        for (var i = 0; i < 4; i++)
        {
            await Pass(LeaseLength * 0.6);
            (await lease.Renew(None)).ShouldBeTrue();
            (await Keys(queue)).ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task A_job_that_is_to_be_tried_again_comes_once_as_it_was_changed()
    {
        await using var queue = Open();
        await queue.Enqueue(Job("a"), None);
        var lease = (await queue.Lease(1, TimeSpan.Zero, None))[0];
        await lease.Retry(lease.Job with { Memory = 5, Alone = true }, LeaseLength * 0.5, None);
        (await Keys(queue)).ShouldBeEmpty();
        await Pass(LeaseLength * 0.6);
        var again = await queue.Lease(10, TimeSpan.Zero, None);
        again.Select(each => (each.Job.Key, each.Job.Memory, each.Job.Alone)).ShouldBe([("a", 5, true)]);
        await again[0].Complete(None);
        await Pass(LeaseLength * 2);
        (await Keys(queue)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_job_that_is_given_back_comes_at_once_or_after_its_delay()
    {
        await using var queue = Open();
        await queue.Enqueue(Job("a"), None);
        await (await queue.Lease(1, TimeSpan.Zero, None))[0].GiveBack(TimeSpan.Zero, None);
        var again = await queue.Lease(1, TimeSpan.Zero, None);
        await again[0].GiveBack(LeaseLength * 0.5, None);
        (await Keys(queue)).ShouldBeEmpty();
        await Pass(LeaseLength * 0.6);
        (await Keys(queue)).ShouldBe(["a"]);
    }
}

public sealed class MemoryQueueTests : QueueConformance
{
    private readonly FakeTimeProvider _time = new();

    protected override TimeSpan LeaseLength => TimeSpan.FromMinutes(1);

    protected override IQueue Open() => new MemoryQueue(_time, LeaseLength);

    protected override Task Pass(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Somebody_who_waits_is_woken_by_a_job()
    {
        await using var queue = new MemoryQueue(TimeProvider.System, LeaseLength);
        var waiting = queue.Lease(1, TimeSpan.FromSeconds(20), default).AsTask();
        await queue.Enqueue(new Job
        {
            Id = Records.Id("a"), Step = "blur", Key = "a", Origin = "a", Meta = new Dictionary<string, string>(), Variables = new Dictionary<string, VariableValue>(), Inputs = [],
        }, default);
        (await waiting).Count.ShouldBe(1);
    }
}
