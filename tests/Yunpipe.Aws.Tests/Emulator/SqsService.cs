using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Yunpipe.Aws.Tests.Emulator;

/// <summary>The part of SQS that Yunpipe uses: standard queues over the JSON protocol. A receipt handle is good for one receipt, and only while that holds.</summary>
internal sealed class SqsService(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Queue> _queues = new();

    /// <summary>How often a message is handed out where SQS may do so twice: 1 for once.</summary>
    public int Deliveries { get; set; } = 1;

    public async Task<HttpResponse> Answer(string action, HttpRequest request, string url)
    {
        var asked = JsonNode.Parse(request.Body)!.AsObject();
        if (action is "CreateQueue" or "GetQueueUrl")
        {
            var name = (string)asked["QueueName"]!;
            if (action == "CreateQueue") _queues.GetOrAdd(name, _ => new Queue());
            return _queues.ContainsKey(name) ? Json(new JsonObject { ["QueueUrl"] = $"{url}/000000000000/{name}" }) : Error("QueueDoesNotExist");
        }
        var queue = _queues.GetValueOrDefault(((string)asked["QueueUrl"]!).Split('/')[^1]);
        if (queue is null) return Error("QueueDoesNotExist");
        switch (action)
        {
            case "SendMessage":
                return Json(Send(queue, asked));
            case "SendMessageBatch":
                return Each(asked, entry => Send(queue, entry));
            case "ReceiveMessage":
                return Json(await Receive(queue, asked));
            case "DeleteMessage":
                lock (queue) queue.Messages.RemoveAll(message => message.Receipts.Contains((string)asked["ReceiptHandle"]!));
                return Json([]);
            case "ChangeMessageVisibility":
                return ChangeVisibility(queue, asked) ? Json([]) : Error("ReceiptHandleIsInvalid");
            case "GetQueueAttributes":
                lock (queue)
                {
                    var now = time.GetUtcNow();
                    var all = new JsonObject
                    {
                        ["ApproximateNumberOfMessages"] = queue.Messages.Count(message => message.Visible <= now).ToString(CultureInfo.InvariantCulture),
                        ["ApproximateNumberOfMessagesNotVisible"] = queue.Messages.Count(message => message.Visible > now).ToString(CultureInfo.InvariantCulture),
                    };
                    if (queue.Redrive is { } redrive) all["RedrivePolicy"] = redrive;
                    var wanted = asked["AttributeNames"]!.AsArray().Select(attribute => (string)attribute!).ToHashSet();
                    return Json(new JsonObject { ["Attributes"] = new JsonObject(all.Where(attribute => wanted.Contains(attribute.Key)).Select(attribute => KeyValuePair.Create(attribute.Key, attribute.Value?.DeepClone()))) });
                }
            default:
                return Error("InvalidAction");
        }
    }

    /// <summary>Makes a queue, and the one where what nobody could work on ends, if it has one.</summary>
    public void Make(string name, string? dead = null)
    {
        var made = _queues.GetOrAdd(name, _ => new Queue());
        if (dead is null) return;
        _queues.GetOrAdd(dead, _ => new Queue());
        made.Redrive = $$"""{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:000000000000:{{dead}}","maxReceiveCount":50}""";
    }

    public void Put(string name, string body) => Send(_queues[name], new JsonObject { ["MessageBody"] = body });

    /// <summary>The bodies in a queue, whoever holds them.</summary>
    public IReadOnlyList<string> Bodies(string name)
    {
        var queue = _queues[name];
        lock (queue) return [.. queue.Messages.Select(message => message.Body)];
    }

    /// <summary>The bodies of all messages that were ever sent to a queue.</summary>
    public IReadOnlyList<string> EverSent(string name)
    {
        var queue = _queues[name];
        lock (queue) return [.. queue.Sent];
    }

    private JsonObject Send(Queue queue, JsonObject asked)
    {
        var body = (string)asked["MessageBody"]!;
        lock (queue) queue.Sent.Add(body);
        var delay = TimeSpan.FromSeconds((int?)asked["DelaySeconds"] ?? 0);
        var message = new Message(Guid.NewGuid().ToString(), body) { Visible = time.GetUtcNow() + delay, Left = Deliveries };
        lock (queue) queue.Messages.Add(message);
        return new JsonObject { ["MessageId"] = message.Id, ["MD5OfMessageBody"] = Md5(body) };
    }

    private async Task<JsonObject> Receive(Queue queue, JsonObject asked)
    {
        var most = (int?)asked["MaxNumberOfMessages"] ?? 1;
        var visibility = TimeSpan.FromSeconds((int?)asked["VisibilityTimeout"] ?? 30);
        var until = time.GetUtcNow() + TimeSpan.FromSeconds((int?)asked["WaitTimeSeconds"] ?? 0);
        while (true)
        {
            var now = time.GetUtcNow();
            var got = new JsonArray();
            lock (queue)
                foreach (var message in queue.Messages.Where(message => message.Visible <= now).Take(most))
                {
                    // One that is delivered twice stays visible to the next who asks.
                    message.Visible = --message.Left > 0 ? now : now + visibility;
                    message.Left = Math.Max(1, message.Left);
                    var receipt = Guid.NewGuid().ToString();
                    message.Receipts.Add(receipt);
                    message.Received++;
                    got.Add((JsonNode)new JsonObject
                    {
                        ["MessageId"] = message.Id, ["ReceiptHandle"] = receipt, ["Body"] = message.Body, ["MD5OfBody"] = Md5(message.Body),
                        ["Attributes"] = new JsonObject { ["ApproximateReceiveCount"] = message.Received.ToString(CultureInfo.InvariantCulture) },
                    });
                }
            if (got.Count > 0 || now >= until) return new JsonObject { ["Messages"] = got };
            await Task.Delay(20);
        }
    }

    private bool ChangeVisibility(Queue queue, JsonObject asked)
    {
        var receipt = (string)asked["ReceiptHandle"]!;
        lock (queue)
        {
            var now = time.GetUtcNow();
            if (queue.Messages.Find(message => message.Receipts.Count > 0 && message.Receipts[^1] == receipt && message.Visible > now) is not { } message) return false;
            message.Visible = now + TimeSpan.FromSeconds((int)asked["VisibilityTimeout"]!);
            return true;
        }
    }

    private static HttpResponse Each(JsonObject asked, Func<JsonObject, JsonObject> answer)
    {
        var done = new JsonArray();
        foreach (var entry in asked["Entries"]!.AsArray())
        {
            var one = answer(entry!.AsObject());
            one["Id"] = (string)entry["Id"]!;
            done.Add((JsonNode)one);
        }
        return Json(new JsonObject { ["Successful"] = done, ["Failed"] = new JsonArray() });
    }

    private static string Md5(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));

    private static HttpResponse Json(JsonObject answer) => HttpResponse.Text(200, "application/x-amz-json-1.0", answer.ToJsonString());

    private static HttpResponse Error(string code) => HttpResponse.Text(400, "application/x-amz-json-1.0", $$"""{"__type":"com.amazonaws.sqs#{{code}}","message":"{{code}}"}""");

    private sealed class Queue
    {
        public List<Message> Messages { get; } = [];
        public string? Redrive { get; set; }
        public List<string> Sent { get; } = [];
    }

    private sealed record Message(string Id, string Body)
    {
        public DateTimeOffset Visible { get; set; }
        public int Left { get; set; }
        public int Received { get; set; }
        public List<string> Receipts { get; } = [];
    }
}
