using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Yunpipe.Aws.Tests.Emulator;

/// <summary>Events as AWS writes them (Amazon S3 user guide, “EventBridge event message structure” and “Event message structure”).</summary>
internal static class EventForms
{
    public static JsonObject Bridged(S3Event happened) => new()
    {
        ["version"] = "0", ["id"] = "17793124-05d4-b198-2fde-7ededc63b103", ["detail-type"] = happened.Created ? "Object Created" : "Object Deleted", ["source"] = "aws.s3",
        ["account"] = "111122223333", ["time"] = Time(happened), ["region"] = "eu-central-1", ["resources"] = new JsonArray($"arn:aws:s3:::{happened.Bucket}"),
        ["detail"] = new JsonObject { ["version"] = "0", ["bucket"] = new JsonObject { ["name"] = happened.Bucket }, ["object"] = Object(happened, happened.Key, "etag"), ["reason"] = "PutObject" },
    };

    public static JsonObject Notified(S3Event happened) => new()
    {
        ["Records"] = new JsonArray(new JsonObject
        {
            ["eventVersion"] = "2.1", ["eventSource"] = "aws:s3", ["awsRegion"] = "eu-central-1", ["eventTime"] = Time(happened), ["eventName"] = happened.Created ? "ObjectCreated:Put" : "ObjectRemoved:Delete",
            ["s3"] = new JsonObject { ["s3SchemaVersion"] = "1.0", ["bucket"] = new JsonObject { ["name"] = happened.Bucket }, ["object"] = Object(happened, Encoded(happened.Key), "eTag") },
        }),
    };

    public static JsonObject ThroughTopic(S3Event happened) => new() { ["Type"] = "Notification", ["TopicArn"] = "arn:aws:sns:eu-central-1:1:t", ["Message"] = Notified(happened).ToJsonString() };

    /// <summary>A batch of messages, as an event source mapping hands it to a function.</summary>
    public static JsonObject Queued(IEnumerable<(string Id, string Body)> messages) => new()
    {
        ["Records"] = new JsonArray([.. messages.Select(message => new JsonObject
        {
            ["messageId"] = message.Id, ["receiptHandle"] = "r", ["body"] = message.Body, ["attributes"] = new JsonObject { ["ApproximateReceiveCount"] = "1" }, ["eventSource"] = "aws:sqs",
        })]),
    };

    /// <summary>As a form field: unreserved characters and slashes stay, a space is a plus.</summary>
    private static string Encoded(string key)
    {
        var text = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(key))
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'_' or (byte)'.' or (byte)'*' or (byte)'/') text.Append((char)b);
            else text.Append(b == ' ' ? "+" : $"%{b:X2}");
        return text.ToString();
    }

    private static JsonObject Object(S3Event happened, string key, string tag)
    {
        var told = new JsonObject { ["key"] = key, ["sequencer"] = happened.Sequencer };
        if (!happened.Created) return told;
        told["size"] = happened.Size;
        told[tag] = happened.ETag;
        return told;
    }

    private static string Time(S3Event happened) => happened.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
