using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Threading.Channels;

namespace Yunpipe.Aws.Tests.Emulator;

/// <summary>The runtime interface of Lambda, as a program under it sees it: calls are handed out one by one, and answers come back.</summary>
internal sealed class SmallLambda : IAsyncDisposable
{
    private readonly Channel<(string Id, byte[] Payload)> _calls = Channel.CreateUnbounded<(string, byte[])>();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<(bool Good, string Text)>> _open = new();
    private readonly TaskCompletionSource<string> _failedToStart = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _next;

    public SmallLambda() => Http = new HttpServer(Answer, _ => Fault.None) { Hang = TimeSpan.Zero };

    public HttpServer Http { get; }

    /// <summary>What the program finds in <c>AWS_LAMBDA_RUNTIME_API</c>.</summary>
    public string Api => Http.Url["http://".Length..];

    /// <summary>The clock of the machine that the program runs on.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>How long a call may take.</summary>
    public TimeSpan Limit { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Done when the program asks for its first call.</summary>
    public Task Ready => _asked.Task;

    /// <summary>Why the program could not start.</summary>
    public Task<string> FailedToStart => _failedToStart.Task;

    public async Task<(bool Good, string Text)> Invoke(string payload)
    {
        var id = $"call-{Interlocked.Increment(ref _next)}";
        var answer = _open[id] = new TaskCompletionSource<(bool, string)>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _calls.Writer.WriteAsync((id, Encoding.UTF8.GetBytes(payload)));
        return await answer.Task.WaitAsync(TimeSpan.FromMinutes(2));
    }

    public ValueTask DisposeAsync() => Http.DisposeAsync();

    private async Task<HttpResponse> Answer(HttpRequest request)
    {
        var path = request.Path.TrimStart('/').Split('/');
        switch (request.Method, path)
        {
            case ("GET", ["2018-06-01", "runtime", "invocation", "next"]):
                _asked.TrySetResult();
                var (id, payload) = await _calls.Reader.ReadAsync();
                var deadline = Time.GetUtcNow().Add(Limit).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
                return new HttpResponse(200, [payload], ("Lambda-Runtime-Aws-Request-Id", id), ("Lambda-Runtime-Deadline-Ms", deadline), ("Content-Type", "application/json"));
            case ("POST", ["2018-06-01", "runtime", "invocation", var call, var how]) when how is "response" or "error" && _open.TryRemove(call, out var open):
                open.SetResult((how == "response", Encoding.UTF8.GetString(request.Body)));
                return HttpResponse.Empty(202);
            case ("POST", ["2018-06-01", "runtime", "init", "error"]):
                _failedToStart.TrySetResult(Encoding.UTF8.GetString(request.Body));
                return HttpResponse.Empty(202);
            default:
                return HttpResponse.Empty(404);
        }
    }
}
