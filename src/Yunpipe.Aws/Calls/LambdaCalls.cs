using System.Text.Json;

namespace Yunpipe.Aws.Calls;

/// <summary>A function that was called and gave no answer: why, in its own words or in Lambda's.</summary>
/// <param name="type">Such as <c>Yunpipe.Late</c>, <c>Runtime.ExitError</c> or <c>Sandbox.Timedout</c>.</param>
public sealed class FunctionFailure(string function, string type, string sentence) : IOException($"The function {function} failed: {sentence.TrimEnd('.')} ({type}).")
{
    public string Type => type;
    public string Sentence => sentence;
}

/// <summary>Calls a function and waits for its answer (AWS Lambda API reference, “Invoke”).</summary>
public sealed class LambdaCalls(AwsCalls calls)
{
    /// <param name="function">Its name or ARN.</param>
    public async Task<byte[]> Invoke(string function, byte[] payload, CancellationToken cancel)
    {
        var answer = await calls.Rest("lambda", "Invoke", ["2015-03-31", "functions", function, "invocations"], payload, cancel);
        return answer.Header("X-Amz-Function-Error") is null ? answer.Body : throw Failure(function, answer.Body);
    }

    private static FunctionFailure Failure(string function, byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            string? Text(string name) => json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty(name, out var value) ? value.GetString() : null;
            return new FunctionFailure(function, Text("errorType") ?? "Unhandled", Text("errorMessage") ?? "nothing more was said");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return new FunctionFailure(function, "Unhandled", "its answer could not be read");
        }
    }
}
