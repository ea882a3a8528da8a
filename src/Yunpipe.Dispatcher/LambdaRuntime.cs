using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Yunpipe.Dispatcher;

/// <summary>One invocation: its payload, and until when it must be answered.</summary>
internal sealed record LambdaCall(string Id, byte[] Payload, DateTimeOffset Deadline);

/// <summary>The runtime interface of Lambda (AWS Lambda developer guide, “Using the Lambda runtime API for custom runtimes”).
/// <code>
/// GET  /2018-06-01/runtime/invocation/next             waits for a call, however long
/// POST /2018-06-01/runtime/invocation/ID/response      its answer
/// POST /2018-06-01/runtime/invocation/ID/error         or why there is none
/// POST /2018-06-01/runtime/init/error                  the program cannot work at all
/// </code></summary>
internal sealed class LambdaRuntime(HttpClient http, string api) : IDisposable
{
    private readonly string _root = $"http://{api}/2018-06-01/runtime/";

    public async Task<LambdaCall> Next(CancellationToken cancel)
    {
        using var answer = await http.GetAsync(new Uri(_root + "invocation/next"), HttpCompletionOption.ResponseContentRead, cancel);
        answer.EnsureSuccessStatusCode();
        var id = Header(answer, "Lambda-Runtime-Aws-Request-Id") ?? throw new IOException("Lambda gave a call without an id.");
        var deadline = long.TryParse(Header(answer, "Lambda-Runtime-Deadline-Ms"), NumberStyles.None, CultureInfo.InvariantCulture, out var at) ? DateTimeOffset.FromUnixTimeMilliseconds(at) : DateTimeOffset.MaxValue;
        return new LambdaCall(id, await answer.Content.ReadAsByteArrayAsync(cancel), deadline);
    }

    public Task Answer(string id, byte[] answer, CancellationToken cancel) => Post($"invocation/{id}/response", answer, null, cancel);

    public Task Fail(string id, string type, string sentence, CancellationToken cancel) => Post($"invocation/{id}/error", Error(type, sentence), type, cancel);

    public Task FailToStart(string type, string sentence, CancellationToken cancel) => Post("init/error", Error(type, sentence), type, cancel);

    public void Dispose() => http.Dispose();

    private async Task Post(string path, byte[] body, string? errorType, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_root + path)) { Content = new ByteArrayContent(body) };
        if (errorType is not null) request.Headers.TryAddWithoutValidation("Lambda-Runtime-Function-Error-Type", errorType);
        using var answer = await http.SendAsync(request, cancel);
        // Whoever answers too late is told so; the call is lost to us, and comes again.
        if (answer.StatusCode is not (HttpStatusCode.Accepted or HttpStatusCode.OK or HttpStatusCode.BadRequest or HttpStatusCode.Gone)) answer.EnsureSuccessStatusCode();
    }

    private static byte[] Error(string type, string sentence)
    {
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory))
        {
            json.WriteStartObject();
            json.WriteString("errorType", type);
            json.WriteString("errorMessage", sentence);
            json.WriteStartArray("stackTrace");
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return memory.ToArray();
    }

    private static string? Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
}
