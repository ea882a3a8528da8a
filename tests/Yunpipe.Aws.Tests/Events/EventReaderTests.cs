using System.Text;
using System.Text.Json.Nodes;
using Yunpipe.Aws.Events;
using Yunpipe.Aws.Tests.Emulator;

namespace Yunpipe.Aws.Tests.Events;

public sealed class EventReaderTests
{
    /// <summary>Names that somebody has; the first as AWS writes them in notifications.</summary>
    public static TheoryData<string> Names => ["plain.tif", "with space.tif", "a+b.tif", "100%.tif", "%2B.tif", "µ/プレート1/細胞.tif", "quote\"back\\slash.tif", "a=b&c;d#e?f.tif", "trailing/", new string('x', 1024)];

    private static Invocation Read(JsonNode node) => EventReader.Read(Encoding.UTF8.GetBytes(node.ToJsonString()));

    private static S3Event Event(string key, bool created = true) => new("lab-in", key, created, 7, "0123456789abcdef", "v", "0055AED6", new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_key_is_decoded_once_as_each_form_encodes_it(string key)
    {
        var expected = new Happening.Written("lab-in", key, 7, "0123456789abcdef", "0055AED6", 1767323045000);
        Read(EventForms.Bridged(Event(key))).ShouldBeOfType<Invocation.Direct>().Happenings.ShouldBe([expected]);
        Read(EventForms.Notified(Event(key))).ShouldBeOfType<Invocation.Direct>().Happenings.ShouldBe([expected]);
        foreach (var form in (Func<S3Event, JsonObject>[])[EventForms.Bridged, EventForms.Notified, EventForms.ThroughTopic])
            Read(EventForms.Queued([("m1", form(Event(key)).ToJsonString())])).ShouldBeOfType<Invocation.Messages>().All.Single().Happenings.ShouldBe([expected]);
    }

    [Fact]
    public void A_removal_is_told_in_both_forms()
    {
        var expected = new Happening.Removed("lab-in", "a b.tif", "0055AED6");
        Read(EventForms.Bridged(Event("a b.tif", created: false))).ShouldBeOfType<Invocation.Direct>().Happenings.ShouldBe([expected]);
        Read(EventForms.Notified(Event("a b.tif", created: false))).ShouldBeOfType<Invocation.Direct>().Happenings.ShouldBe([expected]);
    }

    [Fact]
    public void A_message_that_cannot_be_read_is_told_alone()
    {
        var messages = Read(EventForms.Queued([("good", EventForms.Bridged(Event("a.tif")).ToJsonString()), ("bad", "not json"), ("strange", "{}"), ("test", """{"Service":"Amazon S3","Event":"s3:TestEvent"}""")]))
            .ShouldBeOfType<Invocation.Messages>().All;
        messages.Select(message => (message.Id, message.Happenings.Count, message.Flaw is null)).ShouldBe([("good", 1, true), ("bad", 0, false), ("strange", 0, false), ("test", 0, true)]);
    }

    [Fact]
    public void The_minute_a_request_and_a_spot_warning_are_told_apart()
    {
        Read(JsonNode.Parse("""{"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}""")!).ShouldBeOfType<Invocation.Minute>();
        Read(JsonNode.Parse("""{"yunpipe": "submit", "prefix": "x/", "dryRun": true}""")!).ShouldBeOfType<Invocation.Asked>().Request.ShouldSatisfyAllConditions(
            request => request.Yunpipe.ShouldBe("submit"), request => request.Prefix.ShouldBe("x/"), request => request.DryRun.ShouldBeTrue());
        Read(JsonNode.Parse("""{"source": "aws.ec2", "detail-type": "EC2 Spot Instance Interruption Warning", "detail": {"instance-id": "i-1", "instance-action": "terminate"}}""")!)
            .ShouldBeOfType<Invocation.Direct>().Happenings.ShouldBe([new Happening.InstanceEnds("i-1")]);
        Read(JsonNode.Parse("""{"source": "aws.health", "detail-type": "x"}""")!).ShouldBeOfType<Invocation.Direct>().Happenings.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("nothing")]
    [InlineData("""{"source": "aws.s3", "detail-type": "Object Created", "detail": {}}""")]
    [InlineData("""{"Records": [{"eventSource": "aws:s3"}]}""")]
    public void What_means_nothing_is_unreadable(string payload) => EventReader.Read(Encoding.UTF8.GetBytes(payload)).ShouldBeOfType<Invocation.Unreadable>();
}
