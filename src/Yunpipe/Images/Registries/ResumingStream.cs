using System.Net;
using System.Net.Http.Headers;

namespace Yunpipe.Images.Registries;

/// <summary>A blob on its way. Where the connection breaks it goes on from the same byte (Range); where the registry cannot do that, from the start,
/// passing over what was read already.</summary>
internal sealed class ResumingStream(RegistryClient client, RegistryRequest request, BlobDescriptor blob, HttpResponseMessage first) : Stream
{
    /// <summary>So much must have come since the last break for it to count as a new one.</summary>
    private const long Progress = 1 << 20;

    private HttpResponseMessage? _response = first;
    private Stream? _stream;
    private long _at, _lastBreak;
    private int _breaks;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => blob.Size;
    public override long Position { get => _at; set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            using var stall = new Stall(client.Settings.Patience, cancellationToken);
            try
            {
                _stream ??= await Body(stall.Token);
                var count = _stream is null ? 0 : await _stream.ReadAsync(buffer, stall.Token);
                // An end that comes too early is a connection that broke, unless the registry says that there is no more.
                if (count == 0 && _at < blob.Size && _response is not null) throw new IOException("the answer ended too early");
                _at += count;
                return count;
            }
            catch (Exception error) when (RegistryClient.IsConnection(error, cancellationToken))
            {
                Drop();
                _breaks = _at - _lastBreak >= Progress ? 1 : _breaks + 1;
                _lastBreak = _at;
                if (_breaks >= Backoff.MaxTries) throw RegistryAnswers.Lost(client.Address.Name, error);
                await Backoff.Wait(client.Settings, _breaks, null, cancellationToken);
                await Reopen(cancellationToken);
            }
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>For readers of archives that know no other way; nothing here waits for a thread that waits for this.</summary>
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    private async Task<Stream?> Body(CancellationToken cancel) => _response is null ? null : await _response.Content.ReadAsStreamAsync(cancel);

    private async Task Reopen(CancellationToken cancel)
    {
        var response = await client.Send(_at == 0 ? request : request with { Headers = headers => headers.Range = new RangeHeaderValue(_at, null) }, cancel);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            // The registry has no more of it than this; whoever checks the size will say so.
            response.Dispose();
            return;
        }
        if (!response.IsSuccessStatusCode) throw await client.Refuse(response, request.Doing, cancel);
        _response = response;
        if (response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == _at) return;
        var stream = await response.Content.ReadAsStreamAsync(cancel);
        _stream = stream;
        var pass = new byte[64 << 10];
        for (var left = _at; left > 0;)
        {
            using var stall = new Stall(client.Settings.Patience, cancel);
            int count;
            try
            {
                count = await stream.ReadAsync(pass.AsMemory(0, (int)Math.Min(left, pass.Length)), stall.Token);
            }
            catch (Exception error) when (RegistryClient.IsConnection(error, cancel))
            {
                throw RegistryAnswers.Lost(client.Address.Name, error);
            }
            if (count == 0) return;
            left -= count;
        }
    }

    private void Drop()
    {
        _stream?.Dispose();
        _response?.Dispose();
        (_stream, _response) = (null, null);
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) Drop();
        base.Dispose(disposing);
    }
}
