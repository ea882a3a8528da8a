using System.Buffers.Binary;
using System.IO.Compression;

namespace Yunpipe.EndToEnd.Images;

/// <summary>Image files that are not what they say, made byte by byte.</summary>
internal static class OddFiles
{
    /// <summary>A TIFF of 130 bytes whose header claims as many pixels as one likes.</summary>
    public static byte[] TiffThatClaims(uint width, uint height)
    {
        (ushort Tag, uint Value)[] entries = [(256, width), (257, height), (258, 16), (259, 1), (262, 1), (273, 8), (277, 1), (278, height), (279, 100)];
        var bytes = new byte[8 + 2 + (12 * entries.Length) + 4];
        "II*\0"u8.CopyTo(bytes);
        bytes[4] = 8;
        bytes[8] = (byte)entries.Length;
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = bytes.AsSpan(10 + (12 * i), 12);
            BinaryPrimitives.WriteUInt16LittleEndian(entry, entries[i].Tag);
            entry[2] = 4;
            entry[4] = 1;
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], entries[i].Value);
        }
        return bytes;
    }

    /// <summary>A whole and valid PNG of black pixels, a thousandth of their size.</summary>
    public static byte[] BlackPng(int width, int height)
    {
        using var png = new MemoryStream();
        png.Write([0x89, .. "PNG\r\n"u8, 0x1a, 0x0a]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 1; // one bit a pixel, grey
        Chunk(png, "IHDR"u8, header);
        using var pixels = new MemoryStream();
        using (var packed = new ZLibStream(pixels, CompressionLevel.Fastest, leaveOpen: true))
        {
            var row = new byte[1 + ((width + 7) / 8)];
            for (var y = 0; y < height; y++) packed.Write(row);
        }
        Chunk(png, "IDAT"u8, pixels.ToArray());
        Chunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    private static void Chunk(Stream png, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        byte[] body = [.. type, .. data];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        png.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(body));
        png.Write(number);
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xedb88320;
        }
        return ~crc;
    }
}
