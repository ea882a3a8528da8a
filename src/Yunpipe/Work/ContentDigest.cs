using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Yunpipe.Images;

namespace Yunpipe.Work;

/// <summary>Digests of files and of directory-style images. A directory's digest is over the sorted relative names and digests of its files.</summary>
public static class ContentDigest
{
    public static Digest OfFile(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0, FileOptions.SequentialScan);
        return Digest.FromHash(SHA256.HashData(file));
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

    public string Of(string path, string version, bool isDirectory)
    {
        if (_digests.TryGetValue((path, version), out var known)) return known;
        var digest = isDirectory ? ContentDigest.OfDirectory(path).Digest.ToString() : ContentDigest.OfFile(path).ToString();
        if (_digests.Count >= most) _digests.Clear();
        _digests[(path, version)] = digest;
        return digest;
    }
}
