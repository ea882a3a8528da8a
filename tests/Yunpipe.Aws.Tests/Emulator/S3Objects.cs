using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Yunpipe.Aws.Tests.Emulator;

/// <summary>One version of an object. Its bytes are in as many pieces as they came in.</summary>
internal sealed record S3Version(string Id, IReadOnlyList<ReadOnlyMemory<byte>> Pieces, string ETag, DateTimeOffset Changed)
{
    public long Size { get; } = Pieces.Sum(piece => (long)piece.Length);

    public byte[] ToArray() => [.. Pieces.SelectMany(piece => piece.ToArray())];

    /// <summary>Bytes from one place to another, both included, without copying them.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Range(long first, long last)
    {
        var range = new List<ReadOnlyMemory<byte>>();
        long at = 0;
        foreach (var piece in Pieces)
        {
            var (from, to) = (Math.Max(first, at), Math.Min(last, at + piece.Length - 1));
            if (from <= to) range.Add(piece.Slice((int)(from - at), (int)(to - from + 1)));
            at += piece.Length;
        }
        return range;
    }
}

/// <summary>Something happened to an object; later of one key have a greater sequencer.</summary>
internal sealed record S3Event(string Bucket, string Key, bool Created, long Size, string ETag, string Version, string Sequencer, DateTimeOffset Time);

/// <summary>The objects of one bucket, in the order of their keys' bytes.</summary>
internal sealed class S3Objects(string name, TimeProvider time, Action<S3Event> happened)
{
    private readonly SortedSet<string> _keys = new(Comparer<string>.Create(static (a, b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b))));
    private readonly Dictionary<string, List<S3Version>> _versions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<int, (byte[] Bytes, string ETag)>> _uploads = [];
    private long _next;

    /// <summary>True where replaced and deleted objects can still be had by their version.</summary>
    public bool Versioned { get; set; }

    public Lock Gate { get; } = new();

    public int Count => _keys.Count;

    public S3Version? Find(string key, string? version = null) =>
        !_versions.TryGetValue(key, out var versions) || versions.Count == 0 ? null
        : version is not null ? versions.Find(each => each.Id == version)
        : _keys.Contains(key) ? versions[^1] : null;

    public S3Version Put(string key, IReadOnlyList<ReadOnlyMemory<byte>> pieces, string? etag = null)
    {
        var id = (++_next).ToString("x16", CultureInfo.InvariantCulture);
        var version = new S3Version(id, pieces, etag ?? Hash(pieces), time.GetUtcNow());
        if (!_versions.TryGetValue(key, out var versions)) _versions[key] = versions = [];
        if (!Versioned) versions.Clear();
        versions.Add(version);
        _keys.Add(key);
        happened(new S3Event(name, key, true, version.Size, version.ETag, id, id, version.Changed));
        return version;
    }

    public void Delete(string key)
    {
        if (!_keys.Remove(key)) return;
        var sequencer = (++_next).ToString("x16", CultureInfo.InvariantCulture);
        happened(new S3Event(name, key, false, 0, "", sequencer, sequencer, time.GetUtcNow()));
        if (!Versioned) _versions.Remove(key);
    }

    /// <summary>All versions of all keys, those that were replaced or removed too.</summary>
    public IEnumerable<(string Key, string Id)> Versions() => _versions.OrderBy(entry => entry.Key, StringComparer.Ordinal).SelectMany(entry => entry.Value.Select(version => (entry.Key, version.Id)));

    public void DeleteVersion(string key, string id)
    {
        if (!_versions.TryGetValue(key, out var versions)) return;
        versions.RemoveAll(version => version.Id == id);
        if (versions.Count > 0) return;
        _versions.Remove(key);
        _keys.Remove(key);
    }

    /// <summary>Keys behind one, in order.</summary>
    public IEnumerable<string> After(string after) => _keys.Count == 0 || _keys.Comparer.Compare(after, _keys.Max) >= 0 ? [] : _keys.GetViewBetween(after, _keys.Max!).Where(key => key != after);

    public string Begin()
    {
        var id = Guid.NewGuid().ToString("N");
        _uploads[id] = [];
        return id;
    }

    /// <summary>The part's ETag; null where there is no such upload.</summary>
    public string? AddPart(string upload, int number, byte[] bytes)
    {
        if (!_uploads.TryGetValue(upload, out var parts)) return null;
        var etag = Hash([bytes]);
        parts[number] = (bytes, etag);
        return etag;
    }

    public bool Abort(string upload) => _uploads.Remove(upload);

    public bool IsUpload(string upload) => _uploads.ContainsKey(upload);

    public S3Version? Complete(string upload, string key)
    {
        if (!_uploads.Remove(upload, out var parts)) return null;
        // The digest of the parts' digests, and how many there were.
        var digests = parts.Values.SelectMany(part => Convert.FromHexString(part.ETag)).ToArray();
        return Put(key, [.. parts.Values.Select(part => (ReadOnlyMemory<byte>)part.Bytes)], $"{Hash([digests])}-{parts.Count.ToString(CultureInfo.InvariantCulture)}");
    }

    private static string Hash(IReadOnlyList<ReadOnlyMemory<byte>> pieces)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        foreach (var piece in pieces) hash.AppendData(piece.Span);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
