using System.Globalization;
using System.Text;

namespace Yunpipe.Aws.Tests.Emulator;

/// <summary>Reads requests off a connection: bodies of known length, in chunks, and in the signed chunks of AWS.</summary>
internal sealed class HttpReader(Stream stream)
{
    private readonly byte[] _buffer = new byte[64 << 10];
    private int _start, _end;

    /// <summary>The next request, or null at the end.</summary>
    public async Task<HttpRequest?> Read(CancellationToken cancel)
    {
        if (await Line(cancel) is not { Length: > 0 } first) return null;
        var words = first.Split(' ');
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await Line(cancel) is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':');
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }
        if (headers.GetValueOrDefault("Expect") == "100-continue") await stream.WriteAsync("HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray(), cancel);
        byte[] body = [];
        if (headers.GetValueOrDefault("Transfer-Encoding") == "chunked") body = await Chunks(new ByteSource(this), cancel);
        else if (headers.TryGetValue("Content-Length", out var length)) await Fill(body = new byte[int.Parse(length, CultureInfo.InvariantCulture)], cancel);
        if (headers.GetValueOrDefault("x-amz-content-sha256", "").StartsWith("STREAMING-", StringComparison.Ordinal)) body = await Chunks(new ByteSource(body), cancel);
        var mark = words[1].IndexOf('?');
        var (path, query) = mark < 0 ? (words[1], "") : (words[1][..mark], words[1][(mark + 1)..]);
        var asked = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=');
            asked[Decoded(equals < 0 ? part : part[..equals])] = equals < 0 ? "" : Decoded(part[(equals + 1)..]);
        }
        return new HttpRequest(words[0], path, asked, headers, body);
    }

    private static string Decoded(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));

    private static async Task<byte[]> Chunks(ByteSource source, CancellationToken cancel)
    {
        using var body = new MemoryStream();
        while (true)
        {
            var line = await source.Line(cancel);
            var size = int.Parse(line.Split(';')[0].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0)
            {
                // Trailers, up to an empty line or the end.
                while (await source.Line(cancel) is { Length: > 0 }) continue;
                return body.ToArray();
            }
            body.Write(await source.Take(size, cancel));
            await source.Line(cancel);
        }
    }

    private async Task<string?> Line(CancellationToken cancel)
    {
        var line = new List<byte>(64);
        while (true)
        {
            if (_start == _end && !await More(cancel)) return line.Count == 0 ? null : Encoding.UTF8.GetString([.. line]);
            var at = Array.IndexOf(_buffer, (byte)'\n', _start, _end - _start);
            var until = at < 0 ? _end : at;
            line.AddRange(_buffer.AsSpan(_start, until - _start));
            _start = at < 0 ? _end : at + 1;
            if (at < 0) continue;
            if (line.Count > 0 && line[^1] == '\r') line.RemoveAt(line.Count - 1);
            return Encoding.UTF8.GetString([.. line]);
        }
    }

    private async Task Fill(Memory<byte> target, CancellationToken cancel)
    {
        var known = Math.Min(target.Length, _end - _start);
        _buffer.AsMemory(_start, known).CopyTo(target);
        _start += known;
        if (known < target.Length) await stream.ReadExactlyAsync(target[known..], cancel);
    }

    private async Task<bool> More(CancellationToken cancel)
    {
        _start = 0;
        _end = await stream.ReadAsync(_buffer, cancel);
        return _end > 0;
    }

    /// <summary>Bytes of a connection, or of a body that was read whole.</summary>
    private sealed class ByteSource
    {
        private readonly HttpReader? _reader;
        private readonly byte[] _bytes = [];
        private int _at;

        public ByteSource(HttpReader reader) => _reader = reader;

        public ByteSource(byte[] bytes) => _bytes = bytes;

        public async Task<string> Line(CancellationToken cancel)
        {
            if (_reader is not null) return await _reader.Line(cancel) ?? throw new IOException("The body ends in the middle.");
            var line = new StringBuilder();
            while (_at < _bytes.Length && _bytes[_at++] is var c && c != '\n')
                if (c != '\r') line.Append((char)c);
            return line.ToString();
        }

        public async Task<byte[]> Take(int size, CancellationToken cancel)
        {
            if (_reader is null) return _bytes[_at..(_at += size)];
            var bytes = new byte[size];
            await _reader.Fill(bytes, cancel);
            return bytes;
        }
    }
}
