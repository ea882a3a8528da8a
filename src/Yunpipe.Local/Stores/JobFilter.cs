using System.Buffers.Binary;
using Yunpipe.Stores;

namespace Yunpipe.Local.Stores;

/// <summary>Says of most jobs that they have no manifest, without asking the database: a Bloom filter of 2 MiB. It never says so of one that was added;
/// of others it is unsure in 0.2 % at a million jobs, and the database answers.</summary>
internal sealed class JobFilter
{
    private const int Bits = 1 << 24;
    private readonly ulong[] _bits = new ulong[Bits / 64];

    public void Add(JobId job)
    {
        foreach (var at in Places(job.ToBytes())) Interlocked.Or(ref _bits[at >> 6], 1UL << (int)(at & 63));
    }

    public bool MayHold(JobId job)
    {
        foreach (var at in Places(job.ToBytes()))
            if ((Volatile.Read(ref _bits[at >> 6]) & (1UL << (int)(at & 63))) == 0) return false;
        return true;
    }

    /// <summary>An id is a hash already: its bytes are as good as any other.</summary>
    private static ReadOnlySpan<uint> Places(ReadOnlySpan<byte> id) => (uint[])
    [
        BinaryPrimitives.ReadUInt32LittleEndian(id) % Bits, BinaryPrimitives.ReadUInt32LittleEndian(id[4..]) % Bits,
        BinaryPrimitives.ReadUInt32LittleEndian(id[8..]) % Bits, BinaryPrimitives.ReadUInt32LittleEndian(id[12..]) % Bits,
    ];
}
