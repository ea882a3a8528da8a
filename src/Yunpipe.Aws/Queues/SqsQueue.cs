using System.Text;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.SQS;
using Amazon.SQS.Model;
using Yunpipe.Aws.Connection;
using Yunpipe.Aws.Stores;
using Yunpipe.Queues;
using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Aws.Queues;

/// <summary>How a step's queue is used.</summary>
/// <param name="Url">The queue's URL.</param>
/// <param name="LeaseLength">Whole seconds, at most 12 hours.</param>
/// <param name="Large">Where jobs go that are too large for a message.</param>
/// <param name="Refused">Hears of messages that cannot be read, one sentence each; they stay in the queue.</param>
public sealed record SqsSettings(string Url, TimeSpan LeaseLength, LargeMessages Large, Action<string> Refused);

/// <summary>Jobs that are too large for a message, as objects of the work bucket. A lifecycle rule removes them, some time after the queue would have lost them.</summary>
public sealed record LargeMessages(S3Bucket Bucket, S3Layout Layout)
{
    /// <summary>Bytes that any queue takes, with room for what carries them.</summary>
    public int Most { get; init; } = 250_000;
}

/// <summary>A step's queue in SQS. Jobs may come twice; what settles a job is its manifest, never the queue.
/// <code>
/// lease       receive, up to ten at once, waiting up to 20 s; held for LeaseLength
/// renew       visibility set to LeaseLength again, until the 12 hours after which SQS takes a message back are over
/// give back   visibility 0, or the pause
/// retry       the job as it is to be tried next is sent with its pause; then the old message is deleted
/// </code></summary>
public sealed class SqsQueue(IAmazonSQS client, SqsSettings settings, TimeProvider time) : IQueue
{
    /// <summary>SQS hands out, and takes, this many at most.</summary>
    private const int Batch = 10;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20), LongestDelay = TimeSpan.FromMinutes(15), LongestHold = TimeSpan.FromHours(12);
    private const string Visible = "ApproximateNumberOfMessages", Hidden = "ApproximateNumberOfMessagesNotVisible", Delayed = "ApproximateNumberOfMessagesDelayed";
    private readonly Recent<string, bool> _refused = new(1000);

    public async ValueTask Enqueue(Job job, CancellationToken cancel) => await Send(job, TimeSpan.Zero, cancel);

    /// <summary>Sends many, ten a request and several requests at once; each that SQS did not take is sent again alone.</summary>
    public Task Enqueue(IEnumerable<Job> jobs, CancellationToken cancel) => Parallel.ForEachAsync(Batches(jobs), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancel }, async (batch, stop) =>
    {
        var bodies = new List<string>(batch.Count);
        foreach (var job in batch) bodies.Add(await Body(job, stop));
        // Together no more than one message may have.
        while (bodies.Count > 0)
        {
            var take = 0;
            for (var bytes = 0; take < bodies.Count && (bytes += Encoding.UTF8.GetByteCount(bodies[take])) <= settings.Large.Most; take++) continue;
            await SendTogether(bodies[..Math.Max(1, take)], stop);
            bodies.RemoveRange(0, Math.Max(1, take));
        }
    });

    public async ValueTask<IReadOnlyList<Lease>> Lease(int most, TimeSpan wait, CancellationToken cancel)
    {
        var leases = new List<Lease>();
        while (leases.Count < most)
        {
            var request = new ReceiveMessageRequest
            {
                QueueUrl = settings.Url, MaxNumberOfMessages = Math.Min(Batch, most - leases.Count), VisibilityTimeout = Seconds(settings.LeaseLength),
                // Who has some already does not wait for more.
                WaitTimeSeconds = leases.Count > 0 ? 0 : Seconds(wait < LongestWait ? wait : LongestWait),
            };
            var received = await Call("receive from", () => client.ReceiveMessageAsync(request, cancel), cancel);
            if (received.Messages is not { Count: > 0 } messages) break;
            foreach (var message in messages)
                if (await Open(message, cancel) is { } lease) leases.Add(lease);
        }
        return leases;
    }

    /// <summary>How many messages wait, delayed ones included, and how many are held; approximate, and late by up to a minute.</summary>
    public async Task<(long Waiting, long Held)> Count(CancellationToken cancel)
    {
        var found = await Attributes(settings.Url, [Visible, Hidden, Delayed], cancel);
        return (Number(found, Visible) + Number(found, Delayed), Number(found, Hidden));
    }

    /// <summary>How many messages ended in the queue for those that nobody could work on; 0 where there is none.</summary>
    public async Task<long> CountDead(CancellationToken cancel)
    {
        if (!(await Attributes(settings.Url, ["RedrivePolicy"], cancel)).TryGetValue("RedrivePolicy", out var policy)) return 0;
        using var json = JsonDocument.Parse(policy);
        if (!json.RootElement.TryGetProperty("deadLetterTargetArn", out var arn) || arn.GetString() is not { } target) return 0;
        // In the same account and region, as SQS demands it.
        var url = settings.Url[..(settings.Url.LastIndexOf('/') + 1)] + target[(target.LastIndexOf(':') + 1)..];
        return Number(await Attributes(url, [Visible], cancel), Visible);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async ValueTask<Lease?> Open(Message message, CancellationToken cancel)
    {
        var (read, flaw) = JobMessage.Read(Encoding.UTF8.GetBytes(message.Body));
        JobRecord? job = read?.Job;
        try
        {
            if (read?.At is { } key) job = await settings.Large.Bucket.Get(key, cancel) is { } found ? JsonSerializer.Deserialize(found.Bytes, MessageJson.Default.JobMessage)?.Job : null;
            if (job is not null) return new SqsLease(this, job.ToJob(), message.ReceiptHandle, time.GetUtcNow());
            flaw ??= $"its job was to be in the object “{read?.At}”, which is not there";
        }
        catch (Exception error) when (error is JsonException or InvalidDataException)
        {
            flaw = error.Message;
        }
        // It stays, and comes again: somebody may have a release that can read it. It is told once.
        if (!_refused.Find(message.MessageId)) settings.Refused($"A message in {settings.Url} was left there, since {flaw!.TrimEnd('.')}.");
        _refused.Keep(message.MessageId, true);
        return null;
    }

    private async Task Send(Job job, TimeSpan delay, CancellationToken cancel)
    {
        var body = await Body(job, cancel);
        await Call("send to", () => client.SendMessageAsync(new SendMessageRequest { QueueUrl = settings.Url, MessageBody = body, DelaySeconds = Seconds(delay < LongestDelay ? delay : LongestDelay) }, cancel), cancel);
    }

    private async Task SendTogether(IReadOnlyList<string> bodies, CancellationToken cancel)
    {
        var entries = bodies.Select((body, at) => new SendMessageBatchRequestEntry($"m{at}", body)).ToList();
        var sent = await Call("send to", () => client.SendMessageBatchAsync(new SendMessageBatchRequest { QueueUrl = settings.Url, Entries = entries }, cancel), cancel);
        foreach (var failed in sent.Failed ?? [])
            await Call("send to", () => client.SendMessageAsync(new SendMessageRequest { QueueUrl = settings.Url, MessageBody = entries.First(entry => entry.Id == failed.Id).MessageBody }, cancel), cancel);
    }

    /// <summary>The message for a job; one that is too large is written to the bucket first.</summary>
    private async Task<string> Body(Job job, CancellationToken cancel)
    {
        var whole = JobMessage.Write(new JobMessage { Job = JobRecord.Of(job) });
        if (whole.Length <= settings.Large.Most) return Encoding.UTF8.GetString(whole);
        // Called by its content, so that sending it again writes the same object.
        var key = settings.Large.Layout.Message(job.Step, $"{job.Id}-{JobId.Of(whole)}");
        await settings.Large.Bucket.Put(key, whole, cancel);
        return Encoding.UTF8.GetString(JobMessage.Write(new JobMessage { At = key }));
    }

    private async Task<Dictionary<string, string>> Attributes(string url, List<string> names, CancellationToken cancel) =>
        (await Call("count", () => client.GetQueueAttributesAsync(new GetQueueAttributesRequest { QueueUrl = url, AttributeNames = names }, cancel), cancel)).Attributes ?? [];

    private static long Number(Dictionary<string, string> attributes, string name) => attributes.TryGetValue(name, out var text) && long.TryParse(text, out var count) ? count : 0;

    private Task<T> Call<T>(string verb, Func<Task<T>> call, CancellationToken cancel) => AwsErrors.Guard($"{verb} the queue {settings.Url}", call, cancel);

    private static int Seconds(TimeSpan time) => (int)Math.Ceiling(time.TotalSeconds);

    private static IEnumerable<List<Job>> Batches(IEnumerable<Job> jobs) => jobs.Chunk(Batch).Select(chunk => chunk.ToList());

    private sealed class SqsLease(SqsQueue queue, Job job, string receipt, DateTimeOffset received) : Lease(job)
    {
        public override TimeSpan Length => queue.Length;

        public override ValueTask<bool> Renew(CancellationToken cancel)
        {
            var left = received + LongestHold - queue.Now - TimeSpan.FromMinutes(1);
            return left <= TimeSpan.Zero ? ValueTask.FromResult(false) : Hide(left < Length ? left : Length, cancel);
        }

        public override async ValueTask Complete(CancellationToken cancel) =>
            await queue.Call("delete from", () => queue.Client.DeleteMessageAsync(queue.Url, receipt, cancel), cancel);

        public override async ValueTask GiveBack(TimeSpan delay, CancellationToken cancel) => await Hide(delay, cancel);

        public override async ValueTask Retry(Job changed, TimeSpan delay, CancellationToken cancel)
        {
            await queue.Send(changed, delay, cancel);
            await Complete(cancel);
        }

        /// <summary>False where the message is not ours any more.</summary>
        private async ValueTask<bool> Hide(TimeSpan time, CancellationToken cancel) => await queue.Call("change a message of", async () =>
        {
            try
            {
                await queue.Client.ChangeMessageVisibilityAsync(queue.Url, receipt, Seconds(time), cancel);
                return true;
            }
            catch (AmazonServiceException error) when (error is ReceiptHandleIsInvalidException or MessageNotInflightException || error.ErrorCode is "InvalidParameterValue")
            {
                return false;
            }
        }, cancel);
    }

    private IAmazonSQS Client => client;

    private string Url => settings.Url;

    private TimeSpan Length => settings.LeaseLength;

    private DateTimeOffset Now => time.GetUtcNow();
}
