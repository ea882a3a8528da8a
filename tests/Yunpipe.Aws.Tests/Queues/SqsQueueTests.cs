using Amazon.SQS.Model;
using Microsoft.Extensions.Time.Testing;
using Yunpipe.Algorithms;
using Yunpipe.Aws.Connection;
using Yunpipe.Aws.Queues;
using Yunpipe.Aws.Stores;
using Yunpipe.Aws.Tests.Emulator;
using Yunpipe.Aws.Tests.Stores;
using Yunpipe.Items;
using Yunpipe.Queues;
using Yunpipe.Tests.Conformance;
using Yunpipe.Work;

namespace Yunpipe.Aws.Tests.Queues;

/// <summary>Makes a queue of a test.</summary>
internal static class TestQueue
{
    public static async Task<(SqsQueue Queue, string Url)> Make(AwsConnection connection, TimeSpan lease, TimeProvider time, LargeMessages? large = null, Action<string>? refused = null)
    {
        var client = connection.Sqs();
        var url = (await client.CreateQueueAsync(new CreateQueueRequest { QueueName = $"yunpipe-{Guid.NewGuid():N}" })).QueueUrl;
        large ??= new LargeMessages(new S3Bucket(connection.S3(), "none"), S3Layout.Deployment(""));
        return (new SqsQueue(client, new SqsSettings(url, lease, large, refused ?? (_ => { })), time), url);
    }

    public static Job Job(string name, int members = 1) => new()
    {
        Id = Records.Id(name), Step = "blur", Key = name, Origin = "o/" + name, Meta = new Dictionary<string, string> { ["plate"] = "P 1+%" }, Order = 17, Memory = 5, Missing = ["gone.tif"],
        Variables = new Dictionary<string, VariableValue> { ["sigma"] = VariableValue.Of("1.5"), ["channels"] = new(["a", "b"], IsList: true), ["none"] = new([], IsList: true) },
        Inputs =
        [
            new JobInput("image", [.. Enumerable.Range(0, members).Select(n => new InputMember($"k{n}",
                new Part(new ItemFile(Place.Job, $"s/{Records.Id("u")}/häß {n}.tif", "sha256:1", n), [new ItemFile(Place.Input, "a.json", "etag", 3), new ItemFile(Place.Input, "a.zarr", "3-1-x", 9, IsDirectory: true)]),
                new Dictionary<string, string> { ["well"] = "A1" }))]),
        ],
    };
}

/// <summary>Against the small SQS of this process, whose time the test lets pass.</summary>
public sealed class SqsQueueTests : QueueConformance, IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly SmallAws _aws;

    public SqsQueueTests() => _aws = new SmallAws(time: _time);

    protected override TimeSpan LeaseLength => TimeSpan.FromMinutes(1);

    protected override IQueue Open() => TestQueue.Make(_aws.Connect(), LeaseLength, _time).GetAwaiter().GetResult().Queue;

    protected override Task Pass(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => _aws.DisposeAsync();
}

/// <summary>Against whatever AWS_ENDPOINT_URL names, in real time.</summary>
public sealed class GivenSqsQueueTests : QueueConformance
{
    protected override TimeSpan LeaseLength => TimeSpan.FromSeconds(4);

    protected override IQueue Open() => TestQueue.Make(GivenEndpoint.Connect(), LeaseLength, TimeProvider.System).GetAwaiter().GetResult().Queue;

    protected override Task Pass(TimeSpan time) => Task.Delay(time);
}

public sealed class SqsMessageTests : IAsyncLifetime
{
    private readonly SmallAws _aws = new();
    private TestBuckets _buckets = null!;

    public async ValueTask InitializeAsync() => _buckets = await TestBuckets.Make(_aws.Connect());

    public async ValueTask DisposeAsync()
    {
        await _buckets.DisposeAsync();
        await _aws.DisposeAsync();
    }

    private Task<(SqsQueue Queue, string Url)> Queue(Action<string>? refused = null) =>
        TestQueue.Make(_buckets.Connection, TimeSpan.FromMinutes(1), TimeProvider.System, new LargeMessages(_buckets.Work, _buckets.Layout), refused);

    private static string Text(Job job) => System.Text.Encoding.UTF8.GetString(JobMessage.Write(new JobMessage { Job = JobRecord.Of(job) }));

    [Fact]
    public async Task A_job_comes_out_as_it_went_in()
    {
        var (queue, _) = await Queue();
        var job = TestQueue.Job("a", members: 3) with { Again = true, Alone = true };
        await queue.Enqueue(job, default);
        var lease = (await queue.Lease(1, TimeSpan.Zero, default))[0];
        Text(lease.Job).ShouldBe(Text(job));
        lease.Job.Variables.ShouldBe(job.Variables);
        lease.Job.Inputs[0].Members.SelectMany(member => member.Part.Sidecars.Prepend(member.Part.File)).ShouldBe(job.Inputs[0].Members.SelectMany(member => member.Part.Sidecars.Prepend(member.Part.File)));
    }

    [Fact]
    public async Task A_job_that_is_too_large_for_a_message_goes_by_way_of_an_object()
    {
        var (queue, url) = await Queue();
        var job = TestQueue.Job("large", members: 2000);
        await queue.Enqueue(job, default);
        _aws.Sqs.Bodies(url.Split('/')[^1]).ShouldHaveSingleItem().Length.ShouldBeLessThan(500);
        Text((await queue.Lease(1, TimeSpan.Zero, default))[0].Job).ShouldBe(Text(job));
    }

    [Fact]
    public async Task Many_are_sent_in_batches_and_all_arrive()
    {
        var (queue, url) = await Queue();
        await queue.Enqueue(Enumerable.Range(0, 57).Select(n => TestQueue.Job($"j{n}", members: n % 10 == 0 ? 600 : 1)), default);
        _aws.Sqs.Bodies(url.Split('/')[^1]).Count.ShouldBe(57);
        var leases = await queue.Lease(100, TimeSpan.Zero, default);
        leases.Select(lease => lease.Job.Key).Distinct().Count().ShouldBe(57);
    }

    [Theory]
    [InlineData("""{"version": 2, "what": []}""", "it is of version 2, and this Yunpipe knows version 1")]
    [InlineData("{", "it cannot be read")]
    [InlineData("""{"version": 1}""", "it must hold either a job or the name of an object")]
    [InlineData("""{"version": 1, "at": "_yunpipe/messages/gone.json"}""", "which is not there")]
    public async Task A_message_that_cannot_be_read_is_told_once_and_left_in_the_queue(string body, string says)
    {
        var told = new List<string>();
        var (queue, url) = await Queue(told.Add);
        await _buckets.Connection.Sqs().SendMessageAsync(new SendMessageRequest { QueueUrl = url, MessageBody = body });
        await queue.Enqueue(TestQueue.Job("good"), default);
        (await queue.Lease(10, TimeSpan.Zero, default)).Select(lease => lease.Job.Key).ShouldBe(["good"]);
        told.ShouldHaveSingleItem().ShouldContain(says);
        _aws.Sqs.Bodies(url.Split('/')[^1]).ShouldContain(body);
    }

    [Fact]
    public async Task A_lease_is_not_renewed_beyond_the_hours_that_sqs_grants()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var aws = new SmallAws(time: time);
        using var connection = aws.Connect();
        var (queue, _) = await TestQueue.Make(connection, TimeSpan.FromHours(5), time);
        await queue.Enqueue(TestQueue.Job("a"), default);
        var lease = (await queue.Lease(1, TimeSpan.Zero, default))[0];
        var renewals = 0;
        for (var hour = 0; hour < 14 && await lease.Renew(default); hour++, renewals++) time.Advance(TimeSpan.FromHours(1));
        renewals.ShouldBe(12);
    }

    [Fact]
    public async Task Who_waits_is_woken_by_a_job()
    {
        var (queue, _) = await Queue();
        var waiting = queue.Lease(1, TimeSpan.FromSeconds(20), default).AsTask();
        await queue.Enqueue(TestQueue.Job("a"), default);
        (await waiting).ShouldHaveSingleItem();
    }
}
