using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Yunpipe.Tests;

/// <summary>A request as it came in. The body is read when the handler wants it.</summary>
internal sealed record TinyRequest(string Method, string Path, IReadOnlyDictionary<string, string> Query, IReadOnlyDictionary<string, string> Headers, Func<int, Task<byte[]>> ReadBody)
{
    /// <summary>Reads the body and keeps nothing of it; answers with its length.</summary>
    public required Func<Task<long>> PassOver { get; init; }

    public override string ToString() => $"{Method} {Path}";
}

/// <summary>An answer, and how it goes wrong.</summary>
internal sealed record TinyAnswer(int Status, byte[]? Body = null)
{
    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Closes the connection after so many bytes of the body; 0 sends not even the headers.</summary>
    public int? CutAfter { get; init; }

    /// <summary>Says this length, whatever is sent.</summary>
    public long? Claims { get; init; }

    /// <summary>Sends nothing, and keeps the connection until the client gives up.</summary>
    public bool Hangs { get; init; }

    /// <summary>Sends zeros without end, and never said how many.</summary>
    public bool Endless { get; init; }

    public TinyAnswer With(string name, string value)
    {
        Headers[name] = value;
        return this;
    }
}

/// <summary>HTTP/1.1 over a socket of this machine, just enough to misbehave in every way that a real server can.</summary>
internal sealed class TinyServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<TinyRequest, Task<TinyAnswer>> _handle;
    private readonly X509Certificate2? _certificate;
    private readonly Task _loop;

    public TinyServer(Func<TinyRequest, Task<TinyAnswer>> handle, X509Certificate2? certificate = null)
    {
        (_handle, _certificate) = (handle, certificate);
        _listener.Start();
        _loop = Accept();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Every request, as “METHOD path”.</summary>
    public ConcurrentQueue<string> Log { get; } = new();

    private async Task Accept()
    {
        try
        {
            while (true) _ = Serve(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task Serve(TcpClient client)
    {
        using var _ = client;
        try
        {
            Stream stream = client.GetStream();
            if (_certificate is not null)
            {
                var tls = new SslStream(stream);
                await tls.AuthenticateAsServerAsync(_certificate);
                stream = tls;
            }
            await using (stream)
                while (await Read(stream) is { } request)
                {
                    Log.Enqueue(request.ToString());
                    if (!await Answer(stream, request, await _handle(request))) return;
                }
        }
        catch (Exception error) when (error is IOException or SocketException or System.Security.Authentication.AuthenticationException or OperationCanceledException or Cut)
        {
            // The other side went, or this one is to go in the middle.
        }
    }

    private async Task<TinyRequest?> Read(Stream stream)
    {
        var head = new List<byte>();
        var one = new byte[1];
        while (head.Count < 4 || !(head[^1] == '\n' && head[^3] == '\n'))
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0) return null;
            head.Add(one[0]);
            if (head.Count > 1 || char.IsAsciiLetterUpper((char)one[0])) continue;
            // A client that tries TLS hears what real servers say.
            await stream.WriteAsync("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"u8.ToArray(), _stop.Token);
            return null;
        }
        var lines = Encoding.ASCII.GetString(head.ToArray()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var words = lines[0].Split(' ');
        // A header may come several times, as Accept does from docker: they are one list.
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2)).GroupBy(pair => pair[0], StringComparer.OrdinalIgnoreCase)
            .ToDictionary(pairs => pairs.Key, pairs => string.Join(", ", pairs.Select(pair => pair.ElementAtOrDefault(1) ?? "")), StringComparer.OrdinalIgnoreCase);
        var target = words[1].Split('?', 2);
        var query = (target.ElementAtOrDefault(1) ?? "").Split('&', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('=', 2))
            .GroupBy(part => Uri.UnescapeDataString(part[0])).ToDictionary(part => part.Key, part => string.Join(' ', part.Select(each => Uri.UnescapeDataString(each[1]))));
        byte[]? body = null;
        return new TinyRequest(words[0], Uri.UnescapeDataString(target[0]), query, headers, async most => body ??= await Body(stream, headers, most))
        {
            PassOver = async () =>
            {
                var left = await Length(stream, headers);
                var (whole, buffer) = (left, new byte[64 << 10]);
                while (left > 0) left -= await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), _stop.Token) is var count and > 0 ? count : throw new Cut();
                body = [];
                return whole;
            },
        };
    }

    private async Task<byte[]> Body(Stream stream, IReadOnlyDictionary<string, string> headers, int most)
    {
        var body = new byte[Math.Min(await Length(stream, headers), most)];
        await stream.ReadExactlyAsync(body, _stop.Token);
        return body;
    }

    private async Task<long> Length(Stream stream, IReadOnlyDictionary<string, string> headers)
    {
        if (headers.GetValueOrDefault("Expect") == "100-continue") await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), _stop.Token);
        return long.Parse(headers.GetValueOrDefault("Content-Length", "0"));
    }

    /// <summary>False where the connection is to end.</summary>
    private async Task<bool> Answer(Stream stream, TinyRequest request, TinyAnswer answer)
    {
        await request.ReadBody(int.MaxValue);
        if (answer.Hangs) await Task.Delay(Timeout.Infinite, _stop.Token);
        if (answer.CutAfter == 0) return false;
        var body = answer.Body ?? [];
        var head = new StringBuilder($"HTTP/1.1 {answer.Status} x\r\n");
        if (!answer.Endless && !answer.Headers.ContainsKey("Content-Length") && answer.Status is not (204 or 304)) head.Append($"Content-Length: {answer.Claims ?? body.Length}\r\n");
        foreach (var (name, value) in answer.Headers) head.Append($"{name}: {value}\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), _stop.Token);
        if (request.Method == "HEAD") return true;
        while (answer.Endless) await stream.WriteAsync(new byte[64 << 10], _stop.Token);
        await stream.WriteAsync(body.AsMemory(0, Math.Min(answer.CutAfter ?? body.Length, body.Length)), _stop.Token);
        await stream.FlushAsync(_stop.Token);
        return answer.CutAfter is null && (answer.Claims ?? body.Length) == body.Length;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _loop;
        _stop.Dispose();
    }

    /// <summary>Thrown by a handler to close the connection without a word.</summary>
    internal sealed class Cut : Exception;
}
