namespace Yunpipe.Aws.Calls;

/// <summary>Tells whoever subscribes to a topic (Amazon SNS API reference, version 2010-03-31).</summary>
/// <param name="topic">Its ARN.</param>
public sealed class SnsCalls(AwsCalls calls, string topic)
{
    /// <summary>Letters that a subject may have.</summary>
    private const int MostSubject = 100;

    /// <param name="subject">Printable ASCII; what is longer than 100 letters is cut.</param>
    public Task Publish(string subject, string text, CancellationToken cancel) => calls.Query("sns", "2010-03-31", "Publish",
        [new("TopicArn", topic), new("Subject", subject.Length > MostSubject ? subject[..MostSubject] : subject), new("Message", text)], cancel);
}
