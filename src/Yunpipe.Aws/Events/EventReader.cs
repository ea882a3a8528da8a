using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Yunpipe.Aws.Events;

/// <summary>Reads what a Lambda function is invoked with. Each form's keys are decoded as AWS encodes them, once:
/// <code>
/// form                                            key
/// EventBridge event of S3                         as it is
/// S3 notification, direct or through SQS or SNS   URL-encoded, “+” for a space
/// </code></summary>
public static class EventReader
{
    /// <summary>An event in an SNS envelope in a queue is two deep; nothing is deeper.</summary>
    private const int Deepest = 3;

    public static Invocation Read(ReadOnlyMemory<byte> payload)
    {
        try
        {
            using var json = JsonDocument.Parse(payload);
            return Read(json.RootElement);
        }
        catch (JsonException error)
        {
            return new Invocation.Unreadable($"The event is not JSON: {error.Message}");
        }
    }

    private static Invocation Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object) return new Invocation.Unreadable("The event is not a JSON object.");
        if (root.TryGetProperty("yunpipe", out _))
            return root.Deserialize(EventJson.Default.DispatchRequest) is { } request ? new Invocation.Asked(request) : new Invocation.Unreadable("The request is empty.");
        if (root.TryGetProperty("Records", out var records) && records.ValueKind == JsonValueKind.Array && records.GetArrayLength() > 0 && Text(records[0], "eventSource") == "aws:sqs")
            return new Invocation.Messages([.. records.EnumerateArray().Select(Message)]);
        if (Text(root, "source") == "aws.events") return new Invocation.Minute();
        var happenings = new List<Happening>();
        return Add(root, happenings, 0) is { } flaw ? new Invocation.Unreadable(flaw) : new Invocation.Direct(happenings);
    }

    private static EventMessage Message(JsonElement record)
    {
        var id = Text(record, "messageId") ?? "";
        var happenings = new List<Happening>();
        var flaw = AddText(Text(record, "body") ?? "", happenings, 0);
        return new EventMessage(id, flaw is null ? happenings : [], flaw);
    }

    private static string? AddText(string text, List<Happening> happenings, int depth)
    {
        if (depth > Deepest) return "The event lies in too many envelopes.";
        try
        {
            using var json = JsonDocument.Parse(text);
            return Add(json.RootElement, happenings, depth);
        }
        catch (JsonException error)
        {
            return $"The event is not JSON: {error.Message}";
        }
    }

    /// <summary>Adds what one event tells; or says why it cannot be read. What is well-formed and of no concern adds nothing.</summary>
    private static string? Add(JsonElement root, List<Happening> happenings, int depth)
    {
        if (root.ValueKind != JsonValueKind.Object) return "The event is not a JSON object.";
        if (root.TryGetProperty("Records", out var records) && records.ValueKind == JsonValueKind.Array)
        {
            foreach (var record in records.EnumerateArray())
                if (Notification(record, happenings) is { } flaw) return flaw;
            return null;
        }
        if (Text(root, "Type") == "Notification" && Text(root, "Message") is { } inside) return AddText(inside, happenings, depth + 1);
        // What S3 sends when a notification is set up.
        if (Text(root, "Event") == "s3:TestEvent") return null;
        return Text(root, "source") switch
        {
            "aws.s3" => Bridged(root, happenings),
            "aws.ec2" when Text(root, "detail-type") == "EC2 Spot Instance Interruption Warning" && root.TryGetProperty("detail", out var detail) && Text(detail, "instance-id") is { } instance => Adds(happenings, new Happening.InstanceEnds(instance)),
            null => "The event says neither where it comes from nor what it is.",
            _ => null,
        };
    }

    private static string? Bridged(JsonElement root, List<Happening> happenings)
    {
        if (!root.TryGetProperty("detail", out var detail) || !detail.TryGetProperty("bucket", out var bucket) || Text(bucket, "name") is not { } name
            || !detail.TryGetProperty("object", out var found) || Text(found, "key") is not { } key) return "The event of S3 names no object.";
        return Text(root, "detail-type") switch
        {
            "Object Created" => Adds(happenings, new Happening.Written(name, key, Number(found, "size"), Tag(Text(found, "etag")), Text(found, "sequencer") ?? "", Time(Text(root, "time")))),
            "Object Deleted" => Adds(happenings, new Happening.Removed(name, key, Text(found, "sequencer") ?? "")),
            _ => null,
        };
    }

    private static string? Notification(JsonElement record, List<Happening> happenings)
    {
        if (record.ValueKind != JsonValueKind.Object || !record.TryGetProperty("s3", out var s3) || !s3.TryGetProperty("bucket", out var bucket) || Text(bucket, "name") is not { } name
            || !s3.TryGetProperty("object", out var found) || Text(found, "key") is not { } encoded) return "The record names no object of S3.";
        var key = Uri.UnescapeDataString(encoded.Replace('+', ' '));
        var what = Text(record, "eventName") ?? "";
        // With the prefix “s3:” in some documents, without it in all messages.
        if (what.StartsWith("s3:", StringComparison.Ordinal)) what = what[3..];
        if (what.StartsWith("ObjectCreated:", StringComparison.Ordinal))
            happenings.Add(new Happening.Written(name, key, Number(found, "size"), Tag(Text(found, "eTag")), Text(found, "sequencer") ?? "", Time(Text(record, "eventTime"))));
        else if (what.StartsWith("ObjectRemoved:", StringComparison.Ordinal) || what.StartsWith("LifecycleExpiration:", StringComparison.Ordinal))
            happenings.Add(new Happening.Removed(name, key, Text(found, "sequencer") ?? ""));
        return null;
    }

    private static string? Adds(List<Happening> happenings, Happening happening)
    {
        happenings.Add(happening);
        return null;
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long Number(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.TryGetInt64(out var number) ? number : 0;

    private static string Tag(string? etag) => (etag ?? "").Trim('"');

    private static long Time(string? text) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time.ToUnixTimeMilliseconds() : 0;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DispatchRequest))]
internal sealed partial class EventJson : JsonSerializerContext;
