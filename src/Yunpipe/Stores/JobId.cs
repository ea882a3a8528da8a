using System.Security.Cryptography;

namespace Yunpipe.Stores;

/// <summary>Names a job by what it computes: the first 160 bits of a SHA-256, as 32 letters and digits (docs/spec/identity.md).</summary>
public readonly record struct JobId
{
    public const int Bytes = 20;

    /// <summary>The letters that an id is made of.</summary>
    public const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    private readonly string? _text;

    private JobId(string text) => _text = text;

    public static JobId FromHash(ReadOnlySpan<byte> hash) => new(Base32(hash[..Bytes]));

    public static JobId Of(ReadOnlySpan<byte> canonical) => FromHash(SHA256.HashData(canonical));

    public static bool TryParse(string? text, out JobId id)
    {
        id = default;
        if (text is not { Length: 32 }) return false;
        foreach (var c in text)
            if (!Alphabet.Contains(c)) return false;
        id = new JobId(text);
        return true;
    }

    /// <summary>Twenty bytes, for a compact index.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Bytes];
        int bits = 0, value = 0, at = 0;
        foreach (var c in ToString())
        {
            value = (value << 5) | (c >= 'a' ? c - 'a' : c - '2' + 26);
            bits += 5;
            if (bits < 8) continue;
            bytes[at++] = (byte)(value >> (bits -= 8));
            value &= (1 << bits) - 1;
        }
        return bytes;
    }

    public override string ToString() => _text ?? new string('a', 32);

    private static string Base32(ReadOnlySpan<byte> bytes)
    {
        Span<char> text = stackalloc char[32];
        int bits = 0, value = 0, at = 0;
        foreach (var b in bytes)
        {
            value = (value << 8) | b;
            bits += 8;
            while (bits >= 5)
            {
                text[at++] = Alphabet[(value >> (bits -= 5)) & 31];
                value &= (1 << bits) - 1;
            }
        }
        return new string(text);
    }
}
