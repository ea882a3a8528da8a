using System.Net;
using System.Text;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;

namespace Yunpipe.Aws.Calls;

/// <summary>Reads what AWS says when it refuses, in either protocol.</summary>
internal static class CallError
{
    private static readonly string[] Passing = ["Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestLimitExceeded", "TooManyRequestsException", "SlowDown",
        "ServiceUnavailable", "ServiceUnavailableException", "InternalFailure", "InternalServerError", "InternalError", "ServerException", "RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete"];

    public static (string Code, string Sentence) Read(byte[] answer, HttpStatusCode status)
    {
        var text = Encoding.UTF8.GetString(answer);
        try
        {
            if (text.TrimStart().StartsWith('{'))
            {
                using var json = JsonDocument.Parse(text);
                string? Text(string name) => json.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
                // com.amazonaws.ecs#ClusterNotFoundException, or the name alone.
                var type = Text("__type") ?? Text("code") ?? $"{(int)status}";
                return (type[(type.LastIndexOf('#') + 1)..], Text("message") ?? Text("Message") ?? "nothing more was said");
            }
            if (text.TrimStart().StartsWith('<'))
            {
                var elements = XDocument.Parse(text).Descendants().ToList();
                string? Element(string name) => elements.FirstOrDefault(element => element.Name.LocalName == name)?.Value;
                return (Element("Code") ?? $"{(int)status}", Element("Message") ?? "nothing more was said");
            }
        }
        catch (Exception error) when (error is JsonException or XmlException)
        {
            return ($"{(int)status}", $"the answer could not be read: {error.Message}");
        }
        return ($"{(int)status}", text.Length == 0 ? "nothing more was said" : text.Length > 200 ? text[..200] : text);
    }

    /// <summary>True where the same call may succeed a little later.</summary>
    public static bool Passes(string code, int status) => status is 429 or >= 500 || Passing.Contains(code, StringComparer.OrdinalIgnoreCase);

    /// <summary>True where only the time in the signature was wrong.</summary>
    public static bool IsClock(string code, string sentence) =>
        code is "RequestTimeTooSkewed" or "RequestExpired" || code is "InvalidSignatureException" or "SignatureDoesNotMatch" && (sentence.Contains("expired", StringComparison.OrdinalIgnoreCase) || sentence.Contains("not yet current", StringComparison.OrdinalIgnoreCase));
}
