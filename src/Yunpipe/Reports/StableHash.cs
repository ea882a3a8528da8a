using System.Runtime.InteropServices;

namespace Yunpipe.Reports;

/// <summary>A hash that is the same in every process, unlike that of <see cref="string.GetHashCode()"/>: what a report shows must not depend on who makes it.</summary>
internal static class StableHash
{
    /// <summary>FNV-1a with the final mix of MurmurHash3: neighbouring names fall far apart.</summary>
    public static ulong Of(string text, ulong seed = 0)
    {
        var hash = 14695981039346656037 ^ seed;
        foreach (var b in MemoryMarshal.AsBytes(text.AsSpan())) hash = (hash ^ b) * 1099511628211;
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
        return hash ^ (hash >> 33);
    }
}
