using System.Text;
using System.Text.RegularExpressions;

namespace Yunpipe.Aws.Tests.Emulator;

/// <summary>One topic of SNS: what is published there is kept. The signature of every call is looked at.</summary>
internal sealed partial class SmallSns
{
    public const string Topic = "arn:aws:sns:eu-central-1:111122223333:w-Notices";

    private readonly List<(string Subject, string Text)> _published = [];

    /// <summary>True to refuse, as where a policy does not allow it.</summary>
    public bool Refuses { get; set; }

    public IReadOnlyList<(string Subject, string Text)> Published
    {
        get
        {
            lock (_published) return [.. _published];
        }
    }

    public HttpResponse? Answer(HttpRequest request)
    {
        var text = Encoding.UTF8.GetString(request.Body);
        if (!text.StartsWith("Action=Publish&", StringComparison.Ordinal)) return null;
        var fields = text.Split('&').Select(field => field.Split('=', 2)).ToDictionary(field => field[0], field => Uri.UnescapeDataString(field[1]));
        if (request.Header("Authorization") is not { } given || !Authorization().IsMatch(given)) return Refused(403, "IncompleteSignature", "The request is not signed.");
        if (Refuses) return Refused(403, "AuthorizationError", "User is not authorized to perform: SNS:Publish on resource: " + Topic);
        if (fields["TopicArn"] != Topic || fields["Version"] != "2010-03-31") return Refused(404, "NotFound", "Topic does not exist");
        var subject = fields["Subject"];
        if (subject.Length is 0 or > 100 || subject.Any(c => c is < ' ' or > '~') || Encoding.UTF8.GetByteCount(fields["Message"]) is 0 or > 256 << 10) return Refused(400, "InvalidParameter", "Invalid parameter: Subject or Message");
        lock (_published) _published.Add((subject, fields["Message"]));
        return HttpResponse.Text(200, "text/xml", "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>");
    }

    private static HttpResponse Refused(int status, string code, string message) =>
        HttpResponse.Text(status, "text/xml", $"<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>");

    [GeneratedRegex("^AWS4-HMAC-SHA256 Credential=[^/]+/[0-9]{8}/eu-central-1/sns/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=[0-9a-f]{64}$")]
    private static partial Regex Authorization();
}
