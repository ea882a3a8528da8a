using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Yunpipe.Aws.Tests.Emulator;

/// <summary>Lambda as a caller sees it: functions by name, each answered by whatever the test puts behind it.</summary>
internal sealed partial class SmallFunctions
{
    private readonly Dictionary<string, Func<string, Task<(bool Good, string Text)>>> _functions = new(StringComparer.Ordinal);

    /// <summary>Calls that are refused before one is taken, as when too many come at once.</summary>
    public int Throttled { get; set; }

    /// <summary>What was asked, in its order.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Hears of every call before it is answered.</summary>
    public Action<string>? Asking { get; set; }

    public void Put(string name, Func<string, Task<(bool Good, string Text)>> function) => _functions[name] = function;

    /// <summary>Null for what is no call of a function.</summary>
    public async Task<HttpResponse?> Answer(HttpRequest request)
    {
        if (Call().Match(request.Path) is not { Success: true } call) return null;
        if (request.Header("Authorization") is not { } given || !Authorization().IsMatch(given)) return Refused(403, "IncompleteSignatureException", "The request is not signed.");
        var name = Uri.UnescapeDataString(call.Groups[1].Value);
        // By its ARN, too.
        if (!_functions.TryGetValue(name[(name.LastIndexOf(':') + 1)..], out var function)) return Refused(404, "ResourceNotFoundException", $"Function not found: {name}");
        if (Throttled > 0)
        {
            Throttled--;
            return Refused(429, "TooManyRequestsException", "Rate Exceeded.");
        }
        var payload = Encoding.UTF8.GetString(request.Body);
        lock (Asked) Asked.Add(payload);
        Asking?.Invoke(payload);
        var (good, text) = await function(payload);
        return good ? HttpResponse.Text(200, "application/json", text) : HttpResponse.Text(200, "application/json", text, ("X-Amz-Function-Error", "Unhandled"));
    }

    private static HttpResponse Refused(int status, string type, string message) =>
        HttpResponse.Text(status, "application/json", new JsonObject { ["Type"] = "User", ["message"] = message }.ToJsonString(), ("x-amzn-ErrorType", type + ":http://internal.amazon.com/"));

    [GeneratedRegex("^/2015-03-31/functions/([^/]+)/invocations$")]
    private static partial Regex Call();

    [GeneratedRegex("^AWS4-HMAC-SHA256 Credential=[^/]+/[0-9]{8}/eu-central-1/lambda/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=[0-9a-f]{64}$")]
    private static partial Regex Authorization();
}
