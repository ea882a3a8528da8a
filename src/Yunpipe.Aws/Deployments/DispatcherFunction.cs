using System.Text.Json;
using System.Text.Json.Serialization;
using Yunpipe.Aws.Calls;
using Yunpipe.Aws.Events;
using Yunpipe.Dispatch;

namespace Yunpipe.Aws.Deployments;

/// <summary>What a person asks of a deployment's dispatcher (docs/spec/dispatcher.md). Only the dispatcher may send to the queues.</summary>
/// <param name="function">Its name or ARN.</param>
public sealed class DispatcherFunction(LambdaCalls lambda, string function)
{
    /// <summary>Longer than any call of it may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(Stack.Dispatcher.Timeout + 30);

    /// <summary>A call that came to its end too late is made again: what it has sent is not sent twice.</summary>
    private const int Tries = 3;

    public Task<Submitted> Submit(SubmitRequest asked, CancellationToken cancel) => Ask(new DispatchRequest
    {
        Yunpipe = "submit", Keys = asked.Keys, Prefix = asked.Prefix, After = asked.After, FromStep = asked.FromStep, Again = asked.Again, DryRun = asked.DryRun,
    }, again: !asked.Again, answer => JsonSerializer.Deserialize(answer, DispatcherJson.Default.Submitted), cancel);

    /// <param name="jobs">Each <c>step/job</c>.</param>
    public Task<Retried> Retry(IReadOnlyList<string> jobs, CancellationToken cancel) =>
        Ask(new DispatchRequest { Yunpipe = "retry", Jobs = jobs }, again: false, answer => JsonSerializer.Deserialize(answer, DispatcherJson.Default.Retried), cancel);

    private async Task<T> Ask<T>(DispatchRequest asked, bool again, Func<byte[], T?> read, CancellationToken cancel) where T : class
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(asked, EventJson.Default.DispatchRequest);
        for (var tries = 1; ; tries++)
            try
            {
                return read(await lambda.Invoke(function, payload, cancel)) ?? throw new IOException($"The function {function} answered with nothing.");
            }
            catch (FunctionFailure failure) when (again && tries < Tries && failure.Type is "Yunpipe.Late" or "Yunpipe.Failed" or "Sandbox.Timedout")
            {
                continue;
            }
            catch (JsonException error)
            {
                throw new IOException($"The function {function} gave an answer that this release cannot read: {error.Message}", error);
            }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Submitted))]
[JsonSerializable(typeof(Retried))]
internal sealed partial class DispatcherJson : JsonSerializerContext;
