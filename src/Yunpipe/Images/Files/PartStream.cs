using Microsoft.Win32.SafeHandles;

namespace Yunpipe.Images.Files;

/// <summary>A part of a file. Many may read one file at a time, since none moves the file's own position.</summary>
internal sealed class PartStream(SafeFileHandle file, long offset, long length) : Stream
{
    private long _at;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => length;
    public override long Position { get => _at; set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer) => Moved(RandomAccess.Read(file, buffer[..Within(buffer.Length)], offset + _at));

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Moved(await RandomAccess.ReadAsync(file, buffer[..Within(buffer.Length)], offset + _at, cancellationToken));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Within(int wanted) => (int)Math.Min(wanted, length - _at);

    private int Moved(int count)
    {
        _at += count;
        return count;
    }
}
