using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Yunpipe.Items;

/// <summary>Remembers which keys or paths there have been in 16 bytes each, however long they are: 128 bits of SHA-256, so that two keys are never taken for one.</summary>
public sealed class SeenKeys
{
    private readonly HashSet<UInt128> _seen = [];

    public int Count => _seen.Count;

    /// <summary>False where it was there before.</summary>
    public bool Add(string key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(key.AsSpan()), hash);
        return _seen.Add(BinaryPrimitives.ReadUInt128LittleEndian(hash));
    }
}
