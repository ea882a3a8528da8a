using System.Security.Cryptography;

namespace Yunpipe.Images;

/// <summary>Passes a blob on and says at its end, or as soon as it is too long, when it is not what its descriptor promises. A reader that took all bytes
/// without an exception has the right ones.</summary>
internal sealed class VerifyingStream(Stream inner, BlobDescriptor blob, string place) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _count;
    private bool _ended;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => blob.Size;
    public override long Position { get => _count; set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer) => buffer.IsEmpty ? 0 : Check(buffer, inner.Read(buffer));

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        buffer.IsEmpty ? 0 : Check(buffer, await inner.ReadAsync(buffer, cancellationToken));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    private int Check(Memory<byte> buffer, int count) => Check(buffer.Span, count);

    private int Check(ReadOnlySpan<byte> buffer, int count)
    {
        if (count > 0)
        {
            _count += count;
            if (_count > blob.Size) throw new ImageException(ImageCodes.WrongSize, $"{place} gives more than the {blob.Size} bytes of {blob.Digest} that the manifest promises.", "Push the image again.");
            _hash.AppendData(buffer[..count]);
            // Whoever knows the length may never ask for the end.
            if (_count < blob.Size) return count;
        }
        else if (_count < blob.Size)
            throw new ImageException(ImageCodes.WrongSize, $"{place} gives only {_count} of the {blob.Size} bytes of {blob.Digest}.", "Try again; if it stays so, push the image again.");
        if (_ended) return count;
        _ended = true;
        var digest = Digest.FromHash(_hash.GetHashAndReset());
        return digest == blob.Digest ? count
            : throw new ImageException(ImageCodes.WrongDigest, $"{place} gives other bytes than asked for: {digest} where {blob.Digest} is wanted.", "Try again; if it stays so, push the image again.");
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            _hash.Dispose();
        }
        base.Dispose(disposing);
    }

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
