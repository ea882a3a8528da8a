using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Yunpipe.Images;

namespace Yunpipe.Work;

/// <summary>Digests of files and of directory-style images. A directory's digest is over the sorted relative names and digests of its files.</summary>
public static class ContentDigest
{
    /// <summary>Large enough that reading costs little beside hashing.</summary>
    private const int Block = 256 << 10;

    public static Digest OfFile(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var buffer = ArrayPool<byte>.Shared.Rent(Block);
        try
        {
            var count = RandomAccess.Read(file, buffer, 0);
            // Most sidecars, tables and test files end here.
            if (count < buffer.Length && RandomAccess.Read(file, buffer.AsSpan(count), count) == 0) return Digest.Of(buffer.AsSpan(0, count));
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long at = 0;
            while ((count = RandomAccess.Read(file, buffer, at)) > 0)
            {
                hash.AppendData(buffer.AsSpan(0, count));
                at += count;
            }
            return Digest.FromHash(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Digest, size in bytes and number of files below a directory.</summary>
    public static (Digest Digest, long Size, int Count) OfDirectory(string path)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var names = Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(path, file)).ToList();
        names.Sort(StringComparer.Ordinal);
        long size = 0;
        foreach (var name in names)
        {
            var file = Path.Combine(path, name);
            size += new FileInfo(file).Length;
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}\0{OfFile(file)}\n"));
        }
        return (Digest.FromHash(hash.GetHashAndReset()), size, names.Count);
    }
}

/// <summary>Remembers digests of workflow inputs by path and version while a run lasts; bounded, so that memory does not grow with the items.</summary>
public sealed class DigestCache(int most = 8192)
{
    private readonly ConcurrentDictionary<(string Path, string Version), string> _digests = new();

    /// <summary>Counted here: to be counted the dictionary takes every lock that it has.</summary>
    private int _count;

    public string Of(string path, string version, bool isDirectory)
    {
        if (_digests.TryGetValue((path, version), out var known)) return known;
        var digest = isDirectory ? ContentDigest.OfDirectory(path).Digest.ToString() : ContentDigest.OfFile(path).ToString();
        if (Interlocked.Increment(ref _count) > most)
        {
            _digests.Clear();
            Volatile.Write(ref _count, 1);
        }
        _digests[(path, version)] = digest;
        return digest;
    }
}
