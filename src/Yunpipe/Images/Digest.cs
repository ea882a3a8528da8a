using System.Security.Cryptography;

namespace Yunpipe.Images;

/// <summary>A SHA-256 digest, written <c>sha256:</c> and 64 lower-case hexadecimal digits (OCI image specification, "Digests").</summary>
public readonly record struct Digest
{
    private readonly string? _hex;

    private Digest(string hex) => _hex = hex;

    public string Hex => _hex ?? new string('0', 64);

    public static Digest Of(ReadOnlySpan<byte> content) => new(Convert.ToHexStringLower(SHA256.HashData(content)));

    public static Digest FromHash(ReadOnlySpan<byte> hash) =>
        hash.Length == 32 ? new(Convert.ToHexStringLower(hash)) : throw new ArgumentException("A SHA-256 hash has 32 bytes.", nameof(hash));

    public static bool TryParse(string? text, out Digest digest)
    {
        digest = default;
        if (text is null || !text.StartsWith("sha256:", StringComparison.Ordinal) || text.Length != 71) return false;
        foreach (var c in text.AsSpan(7))
            if (c is not ((>= '0' and <= '9') or (>= 'a' and <= 'f'))) return false;
        digest = new(text[7..]);
        return true;
    }

    public override string ToString() => "sha256:" + Hex;
}
