using System.Net;

namespace Yunpipe.Images.Registries;

/// <summary>The bytes of a blob from some offset on, as the body of a request: opened when they are wanted, never in memory.</summary>
internal sealed class SentContent : HttpContent
{
    private const int Block = 128 << 10;

    private readonly BlobDescriptor _blob;
    private readonly long _offset;
    private readonly Func<CancellationToken, Task<Stream>> _open;
    private readonly IProgress<long>? _progress;
    private readonly Stall _stall;

    public SentContent(BlobDescriptor blob, long offset, Func<CancellationToken, Task<Stream>> open, IProgress<long>? progress, Stall stall)
    {
        (_blob, _offset, _open, _progress, _stall) = (blob, offset, open, progress, stall);
        Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue("application/octet-stream");
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _blob.Size - _offset;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, _stall.Token);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await using var source = await _open(cancellationToken);
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(Block);
        try
        {
            long at = 0;
            int count;
            while ((count = await source.ReadAsync(buffer.AsMemory(0, Block), cancellationToken)) > 0)
            {
                // What the registry has already is read all the same: the digest is over the whole.
                var skip = (int)Math.Clamp(_offset - at, 0, count);
                at += count;
                if (skip < count) await stream.WriteAsync(buffer.AsMemory(skip, count - skip), cancellationToken);
                _stall.Moved();
                if (at >= _offset) _progress?.Report(at);
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
