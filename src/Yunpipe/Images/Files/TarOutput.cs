using System.Text;

namespace Yunpipe.Images.Files;

/// <summary>Writes a tar archive to a stream that cannot seek, entry by entry, each of a size known before (POSIX ustar). The class library's writer wants
/// to seek, or holds an entry in memory.</summary>
internal sealed class TarOutput(Stream stream)
{
    private const int Block = 512;

    /// <summary>Writes one file: what <paramref name="copy"/> writes to the stream must be exactly <paramref name="size"/> bytes.</summary>
    public async Task WriteFile(string name, long size, Func<Stream, Task> copy, CancellationToken cancel)
    {
        await stream.WriteAsync(Header(name, size), cancel);
        await copy(stream);
        await stream.WriteAsync(new byte[(Block - size % Block) % Block], cancel);
    }

    public async Task End(CancellationToken cancel)
    {
        await stream.WriteAsync(new byte[2 * Block], cancel);
        await stream.FlushAsync(cancel);
    }

    /// <summary>Mode, owner and time are the same for all: two archives of one image are the same bytes.</summary>
    private static byte[] Header(string name, long size)
    {
        var header = new byte[Block];
        if (Encoding.UTF8.GetBytes(name, header.AsSpan(0, 100)) > 99) throw new ArgumentException("The name is too long for a tar header.", nameof(name));
        Octal(header.AsSpan(100, 8), 0b110_100_100);
        Octal(header.AsSpan(108, 8), 0);
        Octal(header.AsSpan(116, 8), 0);
        if (size < 1L << 33) Octal(header.AsSpan(124, 12), size);
        else Base256(header.AsSpan(124, 12), size);
        Octal(header.AsSpan(136, 12), 0);
        header[156] = (byte)'0';
        "ustar\0"u8.CopyTo(header.AsSpan(257));
        "00"u8.CopyTo(header.AsSpan(263));
        header.AsSpan(148, 8).Fill((byte)' ');
        Octal(header.AsSpan(148, 7), header.Sum(each => each));
        return header;
    }

    private static void Octal(Span<byte> field, long value)
    {
        for (var i = field.Length - 2; i >= 0; i--, value >>= 3) field[i] = (byte)('0' + (value & 7));
        field[^1] = 0;
    }

    /// <summary>Eleven octal digits end at 8 GiB; GNU's form for more is understood by all.</summary>
    private static void Base256(Span<byte> field, long value)
    {
        for (var i = field.Length - 1; i > 0; i--, value >>= 8) field[i] = (byte)value;
        field[0] = 0x80;
    }
}
