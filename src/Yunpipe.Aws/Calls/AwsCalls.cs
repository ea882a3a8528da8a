using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Yunpipe.Aws.Calls;

/// <summary>A call that AWS refused: its code, such as <c>ThrottlingException</c>, and its sentence.</summary>
public sealed class AwsRefusal(string service, string action, string code, string sentence, int status) : IOException($"{service} refused {action}: {sentence.TrimEnd('.')} ({code}).")
{
    public string Code => code;
    public int Status => status;

    /// <summary>What AWS said, without what was asked.</summary>
    public string Sentence => sentence;
}

/// <summary>Where calls go and in whose name.</summary>
/// <param name="Endpoint">Takes the place of AWS for every service; null is AWS itself.</param>
/// <param name="Keys">Asked for each call: they change while a program runs.</param>
public sealed record CallSettings(string Region, string? Endpoint, Func<CancellationToken, ValueTask<AwsKeys>> Keys)
{
    /// <summary>The suffix of hosts, which differs in some partitions.</summary>
    public string Suffix { get; init; } = "amazonaws.com";
}

/// <summary>What a service answered: its body, and a header of it by name.</summary>
public sealed record CallAnswer(byte[] Body, Func<string, string?> Header);

/// <summary>Calls of services for which no SDK is at hand, by their old protocols. Small on purpose: where an SDK client comes, it takes the place of whoever uses this.
/// What passes – rate limits, faults of the service, broken connections, a clock that is off – is tried again with growing pauses.</summary>
public sealed class AwsCalls(HttpClient http, CallSettings settings, TimeProvider time, Random random)
{
    private const int Tries = 7;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100), LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>How far the clock of AWS is ahead of ours, learned from its answers.</summary>
    private TimeSpan _ahead;

    /// <summary>JSON protocol: <c>X-Amz-Target</c> names the action.</summary>
    /// <param name="target">For example <c>AmazonEC2ContainerServiceV20141113</c>.</param>
    public async Task<TAnswer> Json<TAsked, TAnswer>(string service, string target, string action, TAsked asked, JsonTypeInfo<TAsked> askedType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancel)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(asked, askedType);
        var answer = await Post(service, action, "/", body, [new("content-type", "application/x-amz-json-1.1"), new("x-amz-target", $"{target}.{action}")], cancel);
        return JsonSerializer.Deserialize(answer.Body, answerType) ?? throw new IOException($"{service} answered {action} with nothing.");
    }

    /// <summary>Query protocol: form fields in, XML out.</summary>
    public async Task<string> Query(string service, string version, string action, IEnumerable<KeyValuePair<string, string>> fields, CancellationToken cancel)
    {
        var form = string.Join('&', new KeyValuePair<string, string>[] { new("Action", action), new("Version", version) }.Concat(fields)
            .Select(field => $"{Uri.EscapeDataString(field.Key)}={Uri.EscapeDataString(field.Value)}"));
        return Encoding.UTF8.GetString((await Post(service, action, "/", Encoding.UTF8.GetBytes(form), [new("content-type", "application/x-www-form-urlencoded; charset=utf-8")], cancel)).Body);
    }

    /// <summary>REST protocol: the path names what is acted on.</summary>
    /// <param name="path">Its parts, as they are.</param>
    public Task<CallAnswer> Rest(string service, string action, IEnumerable<string> path, byte[] body, CancellationToken cancel) =>
        Post(service, action, "/" + string.Join('/', path.Select(Uri.EscapeDataString)), body, [new("content-type", "application/json")], cancel);

    private async Task<CallAnswer> Post(string service, string action, string path, byte[] body, IReadOnlyList<KeyValuePair<string, string>> headers, CancellationToken cancel)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                var (status, answer, ahead) = await Once(service, path, body, headers, cancel);
                if (status == HttpStatusCode.OK) return answer;
                var (code, sentence) = CallError.Read(answer.Body, status);
                // Services that speak REST name the error in a header.
                if (answer.Header("x-amzn-ErrorType")?.Split(':')[0] is { Length: > 0 } named) code = named;
                // A signature is good for five minutes around its time: ours is corrected by the answer's.
                if (CallError.IsClock(code, sentence) && tries < Tries) _ahead = ahead;
                else if (!CallError.Passes(code, (int)status) || tries == Tries) throw new AwsRefusal(service, action, code, sentence, (int)status);
            }
            catch (Exception error) when (error is HttpRequestException or IOException and not AwsRefusal || error is OperationCanceledException && !cancel.IsCancellationRequested)
            {
                if (tries == Tries) throw new IOException($"{service} does not answer {action}: {error.Message}", error);
            }
            await Task.Delay(Pause(tries), time, cancel);
        }
    }

    private async Task<(HttpStatusCode Status, CallAnswer Answer, TimeSpan Ahead)> Once(string service, string path, byte[] body, IReadOnlyList<KeyValuePair<string, string>> headers, CancellationToken cancel)
    {
        var (region, address) = Of(service);
        var host = address.IsDefaultPort ? address.Host : string.Create(CultureInfo.InvariantCulture, $"{address.Host}:{address.Port}");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, path)) { Content = new ByteArrayContent(body) };
        foreach (var (name, value) in Signature.Headers(await settings.Keys(cancel), region, service, host, body, headers, time.GetUtcNow() + _ahead, path))
            if (name == "content-type") request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(value);
            else request.Headers.TryAddWithoutValidation(name, value);
        using var answer = await http.SendAsync(request, cancel);
        var found = answer.Headers.ToDictionary(header => header.Key, header => string.Join(',', header.Value), StringComparer.OrdinalIgnoreCase);
        return (answer.StatusCode, new CallAnswer(await answer.Content.ReadAsByteArrayAsync(cancel), name => found.GetValueOrDefault(name)), answer.Headers.Date is { } date ? date - time.GetUtcNow() : _ahead);
    }

    /// <summary>Services are called by what they sign as, which is not everywhere what their hosts are called; IAM has one host for the world.</summary>
    private (string Region, Uri Address) Of(string service)
    {
        var region = service == "iam" && !settings.Region.StartsWith("cn-", StringComparison.Ordinal) ? "us-east-1" : settings.Region;
        var host = service switch { "ecr" => $"api.ecr.{region}", "iam" when region == "us-east-1" => "iam", _ => $"{service}.{region}" };
        return (region, new Uri(settings.Endpoint ?? $"https://{host}.{settings.Suffix}/"));
    }

    /// <summary>Doubling, and anywhere below, so that those who were refused together do not come back together.</summary>
    private TimeSpan Pause(int tries)
    {
        var most = Math.Min(LongestPause.TotalMilliseconds, FirstPause.TotalMilliseconds * Math.Pow(2, tries - 1));
        lock (random) return TimeSpan.FromMilliseconds(most * (0.5 + random.NextDouble() / 2));
    }
}
