using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Yunpipe.Aws.Tests.Emulator;

/// <summary>A request as it came. Path and query are still as in a URL: who needs names decodes them, once.</summary>
internal sealed record HttpRequest(string Method, string Path, IReadOnlyDictionary<string, string> Query, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string? Header(string name) => Headers.GetValueOrDefault(name);

    public string? Asked(string name) => Query.GetValueOrDefault(name);
}

internal sealed record HttpResponse(int Status, IReadOnlyList<ReadOnlyMemory<byte>> Body, params (string Name, string Value)[] Headers)
{
    /// <summary>Of what the body would have, where there is none (HEAD).</summary>
    public long? Length { get; init; }

    public static HttpResponse Empty(int status, params (string, string)[] headers) => new(status, [], headers);

    public static HttpResponse Text(int status, string type, string text, params (string Name, string Value)[] headers) => new(status, [Encoding.UTF8.GetBytes(text)], [.. headers, ("Content-Type", type)]);
}

/// <summary>HTTP/1.1 over a socket on 127.0.0.1, no more of it than the clients of AWS use. What happens to an exchange besides its answer is decided by <see cref="Faults"/>.</summary>
internal sealed class HttpServer : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _ending = new();
    private readonly Func<HttpRequest, Task<HttpResponse>> _answer;
    private readonly Func<HttpRequest, Fault> _fault;

    public HttpServer(Func<HttpRequest, Task<HttpResponse>> answer, Func<HttpRequest, Fault> fault)
    {
        (_answer, _fault) = (answer, fault);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(512);
        _ = Task.Run(Accept);
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}";

    /// <summary>The clock that every answer tells.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How long one that is never to be answered is kept waiting.</summary>
    public TimeSpan Hang { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Added to every answer, as on a long way.</summary>
    public Func<HttpRequest, TimeSpan> Latency { get; set; } = _ => TimeSpan.Zero;

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        _ending.Dispose();
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync(_ending.Token);
                socket.NoDelay = true;
                _ = Task.Run(() => Serve(socket));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task Serve(Socket socket)
    {
        using var closing = socket;
        var stream = new NetworkStream(socket);
        var reader = new HttpReader(stream);
        try
        {
            while (await reader.Read(_ending.Token) is { } request)
                if (!await Exchange(socket, stream, request)) return;
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client has gone, or the test is over.
        }
    }

    /// <summary>False where the connection is over.</summary>
    private async Task<bool> Exchange(Socket socket, NetworkStream stream, HttpRequest request)
    {
        var fault = _fault(request);
        if (fault is Fault.Reset) return Break(socket);
        if (fault is Fault.Error or Fault.SlowDown)
        {
            var (status, code) = fault is Fault.Error ? (500, "InternalError") : (503, "SlowDown");
            await Write(stream, HttpResponse.Text(status, "application/xml", $"<Error><Code>{code}</Code><Message>Please try again.</Message></Error>"));
            return true;
        }
        if (Latency(request) is { Ticks: > 0 } latency) await Task.Delay(latency, _ending.Token);
        var response = await _answer(request);
        // What was done stays done: only nobody learns of it.
        if (fault is Fault.LostAnswer) return Break(socket);
        if (fault is Fault.Silence)
        {
            await Task.Delay(Hang, _ending.Token);
            return Break(socket);
        }
        if (fault is Fault.CutAnswer && response.Body.Sum(part => (long)part.Length) > 1)
        {
            await Write(stream, response, cut: true);
            return Break(socket);
        }
        await Write(stream, response);
        return true;
    }

    private static bool Break(Socket socket)
    {
        // With nothing to linger for, the other side sees a reset.
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
        return false;
    }

    private async Task Write(NetworkStream stream, HttpResponse response, bool cut = false)
    {
        var length = response.Length ?? response.Body.Sum(part => (long)part.Length);
        var head = new StringBuilder().Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {response.Status} {(HttpStatusCode)response.Status}\r\n");
        foreach (var (name, value) in response.Headers) head.Append(name).Append(": ").Append(value).Append("\r\n");
        if (response.Status is not (204 or 304)) head.Append(CultureInfo.InvariantCulture, $"Content-Length: {length}\r\n");
        head.Append(CultureInfo.InvariantCulture, $"Date: {Time.GetUtcNow():r}\r\nx-amz-request-id: 0\r\n\r\n");
        var first = Encoding.UTF8.GetBytes(head.ToString());
        // Head and a small body in one piece.
        if (response.Body.Count == 1 && response.Body[0].Length < 64 << 10 && !cut)
        {
            await stream.WriteAsync((byte[])[.. first, .. response.Body[0].Span], _ending.Token);
            return;
        }
        await stream.WriteAsync(first, _ending.Token);
        foreach (var part in response.Body)
        {
            await stream.WriteAsync(cut ? part[..(part.Length / 2)] : part, _ending.Token);
            if (cut) return;
        }
    }
}
