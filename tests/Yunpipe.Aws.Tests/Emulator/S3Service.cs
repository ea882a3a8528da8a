using System.Collections.Concurrent;
using System.Globalization;
using System.Security;
using System.Text;
using System.Text.RegularExpressions;

namespace Yunpipe.Aws.Tests.Emulator;

/// <summary>The part of S3 that Yunpipe uses, path style, with the conditions that its commit protocol rests on:
/// <code>
/// request                          condition                      answer
/// PUT key                          If-None-Match: * and exists    412
///                                  If-Match and other or absent   412 or 404
/// GET or HEAD key                  If-Match and other             412
/// </code></summary>
internal sealed partial class S3Service(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, S3Objects> _buckets = new();

    /// <summary>Hears of every object that is created or removed.</summary>
    public event Action<S3Event>? Happened;

    /// <summary>Most keys in a page of a listing.</summary>
    public int PageSize { get; set; } = 1000;

    /// <summary>True to say “forbidden” for what is not there, as S3 does to whoever may list only parts of a bucket.</summary>
    public bool HidesAbsent { get; set; }

    /// <summary>Buckets that answer nothing but this.</summary>
    public ConcurrentDictionary<string, (int Status, string Code)> Refuses { get; } = new();

    public S3Objects Bucket(string name) => _buckets.GetOrAdd(name, _ => new S3Objects(name, time, happened => Happened?.Invoke(happened)));

    /// <param name="conflict">True to answer as S3 does where two write one key at once.</param>
    public HttpResponse Answer(HttpRequest request, bool conflict)
    {
        var path = request.Path.TrimStart('/');
        var slash = path.IndexOf('/');
        var (name, key) = slash < 0 ? (path, "") : (path[..slash], Uri.UnescapeDataString(path[(slash + 1)..]));
        if (Refuses.TryGetValue(name, out var refused)) return request.Method == "HEAD" ? HttpResponse.Empty(refused.Status) : Error(refused.Status, refused.Code);
        if (key.Length == 0) return OfBucket(request, name);
        if (!_buckets.TryGetValue(name, out var bucket)) return Error(404, "NoSuchBucket");
        if (Encoding.UTF8.GetByteCount(key) > 1024) return Error(400, "KeyTooLongError");
        if (conflict && request.Method == "PUT" && (request.Header("If-None-Match") ?? request.Header("If-Match")) is not null) return Error(409, "ConditionalRequestConflict");
        lock (bucket.Gate)
            return request.Method switch
            {
                "GET" or "HEAD" => Get(request, bucket, key),
                "PUT" when request.Asked("partNumber") is { } number => Part(request, bucket, int.Parse(number, CultureInfo.InvariantCulture)),
                "PUT" => Put(request, bucket, key),
                "DELETE" when request.Asked("uploadId") is { } upload => bucket.Abort(upload) ? HttpResponse.Empty(204) : Error(404, "NoSuchUpload"),
                "DELETE" => Delete(bucket, key, request.Asked("versionId")),
                "POST" when request.Query.ContainsKey("uploads") => Xml("InitiateMultipartUploadResult", $"<Bucket>{name}</Bucket><Key>{SecurityElement.Escape(key)}</Key><UploadId>{bucket.Begin()}</UploadId>"),
                "POST" when request.Asked("uploadId") is { } upload => Complete(request, bucket, key, upload),
                _ => Error(405, "MethodNotAllowed"),
            };
    }

    private HttpResponse OfBucket(HttpRequest request, string name)
    {
        if (OfWhole(request, name) is { } answer) return answer;
        if (request.Method == "PUT" && !request.Query.ContainsKey("versioning"))
        {
            Bucket(name);
            return HttpResponse.Empty(200);
        }
        if (!_buckets.TryGetValue(name, out var bucket)) return Error(404, "NoSuchBucket");
        lock (bucket.Gate)
            switch (request.Method)
            {
                case "HEAD":
                    return HttpResponse.Empty(200);
                case "PUT":
                    bucket.Versioned = true;
                    return HttpResponse.Empty(200);
                case "GET":
                    return List(request, bucket, name);
                default:
                    return Error(405, "MethodNotAllowed");
            }
    }

    private HttpResponse List(HttpRequest request, S3Objects bucket, string name)
    {
        var prefix = request.Asked("prefix") ?? "";
        var after = request.Asked("continuation-token") is { } token ? Encoding.UTF8.GetString(Convert.FromBase64String(token)) : request.Asked("start-after") ?? "";
        var delimiter = request.Asked("delimiter");
        var most = Math.Min(PageSize, int.Parse(request.Asked("max-keys") ?? "1000", CultureInfo.InvariantCulture));
        Func<string, string> encode = request.Asked("encoding-type") == "url" ? Encoded : SecurityElement.Escape!;
        var text = new StringBuilder();
        var folders = new HashSet<string>(StringComparer.Ordinal);
        var count = 0;
        string? last = null, next = null;
        // One before the prefix itself, which may be a key too.
        var from = string.CompareOrdinal(after, prefix) >= 0 || prefix.Length == 0 ? after : prefix[..^1];
        foreach (var key in bucket.After(from))
        {
            if (!key.StartsWith(prefix, StringComparison.Ordinal) || Encoding.UTF8.GetBytes(key).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(after)) <= 0)
            {
                if (string.CompareOrdinal(key, prefix) > 0 && !key.StartsWith(prefix, StringComparison.Ordinal)) break;
                continue;
            }
            var folder = delimiter is not null && key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal) is >= 0 and var at ? key[..(at + delimiter.Length)] : null;
            if (folder is not null && folders.Contains(folder)) { last = key; continue; }
            if (count == most)
            {
                next = last;
                break;
            }
            count++;
            last = key;
            if (folder is not null) folders.Add(folder);
            else if (bucket.Find(key) is { } found)
                text.Append(CultureInfo.InvariantCulture, $"<Contents><Key>{encode(key)}</Key><LastModified>{Iso(found.Changed)}</LastModified><ETag>&quot;{found.ETag}&quot;</ETag><Size>{found.Size}</Size><StorageClass>STANDARD</StorageClass></Contents>");
        }
        foreach (var folder in folders) text.Append(CultureInfo.InvariantCulture, $"<CommonPrefixes><Prefix>{encode(folder)}</Prefix></CommonPrefixes>");
        var head = $"<Name>{name}</Name><Prefix>{encode(prefix)}</Prefix><KeyCount>{count}</KeyCount><MaxKeys>{most}</MaxKeys><IsTruncated>{(next is null ? "false" : "true")}</IsTruncated>"
            + (request.Asked("encoding-type") is { } type ? $"<EncodingType>{type}</EncodingType>" : "")
            + (next is null ? "" : $"<NextContinuationToken>{Convert.ToBase64String(Encoding.UTF8.GetBytes(next))}</NextContinuationToken>");
        return Xml("ListBucketResult", head + text);
    }

    private HttpResponse Get(HttpRequest request, S3Objects bucket, string key)
    {
        if (bucket.Find(key, request.Asked("versionId")) is null && HidesAbsent) return request.Method == "HEAD" ? HttpResponse.Empty(403) : Error(403, "AccessDenied");
        if (bucket.Find(key, request.Asked("versionId")) is not { } found) return request.Method == "HEAD" ? HttpResponse.Empty(404) : Error(404, "NoSuchKey");
        if (request.Header("If-Match") is { } wanted && wanted.Trim('"') != found.ETag) return request.Method == "HEAD" ? HttpResponse.Empty(412) : Error(412, "PreconditionFailed");
        (string, string)[] headers = [("ETag", $"\"{found.ETag}\""), ("Last-Modified", found.Changed.ToString("R", CultureInfo.InvariantCulture)), ("Accept-Ranges", "bytes"), .. Version(bucket, found)];
        if (request.Method == "HEAD") return HttpResponse.Empty(200, headers) with { Length = found.Size };
        if (request.Header("Range") is not { } range || ByteRange().Match(range) is not { Success: true } bytes) return new HttpResponse(200, found.Pieces, headers);
        var first = long.Parse(bytes.Groups[1].Value, CultureInfo.InvariantCulture);
        if (first >= found.Size) return Error(416, "InvalidRange");
        var last = bytes.Groups[2].Length == 0 ? found.Size - 1 : Math.Min(found.Size - 1, long.Parse(bytes.Groups[2].Value, CultureInfo.InvariantCulture));
        return new HttpResponse(206, found.Range(first, last), [.. headers, ("Content-Range", $"bytes {first}-{last}/{found.Size}")]);
    }

    private HttpResponse Put(HttpRequest request, S3Objects bucket, string key)
    {
        var standing = bucket.Find(key);
        if (request.Header("If-None-Match") == "*" && standing is not null) return Error(412, "PreconditionFailed");
        if (request.Header("If-Match") is { } wanted && wanted.Trim('"') != standing?.ETag) return standing is null ? Error(404, "NoSuchKey") : Error(412, "PreconditionFailed");
        if (request.Header("x-amz-copy-source") is not { } source)
        {
            var version = bucket.Put(key, [request.Body]);
            return HttpResponse.Empty(200, [("ETag", $"\"{version.ETag}\""), .. Version(bucket, version)]);
        }
        if (Source(source) is not { } from) return Error(404, "NoSuchKey");
        if (from.Size > 5L << 30) return Error(400, "InvalidRequest");
        var copy = bucket.Put(key, from.Pieces, from.ETag);
        return Xml("CopyObjectResult", $"<ETag>&quot;{copy.ETag}&quot;</ETag><LastModified>{Iso(copy.Changed)}</LastModified>");
    }

    private HttpResponse Part(HttpRequest request, S3Objects bucket, int number)
    {
        var bytes = request.Body;
        if (request.Header("x-amz-copy-source") is { } source)
        {
            if (Source(source) is not { } from) return Error(404, "NoSuchKey");
            var range = ByteRange().Match(request.Header("x-amz-copy-source-range") ?? $"bytes=0-{from.Size - 1}");
            bytes = [.. from.Range(long.Parse(range.Groups[1].Value, CultureInfo.InvariantCulture), long.Parse(range.Groups[2].Value, CultureInfo.InvariantCulture)).SelectMany(piece => piece.ToArray())];
        }
        if (bucket.AddPart(request.Asked("uploadId") ?? "", number, bytes) is not { } etag) return Error(404, "NoSuchUpload");
        return request.Header("x-amz-copy-source") is null ? HttpResponse.Empty(200, ("ETag", $"\"{etag}\"")) : Xml("CopyPartResult", $"<ETag>&quot;{etag}&quot;</ETag>");
    }

    private static HttpResponse Complete(HttpRequest request, S3Objects bucket, string key, string upload)
    {
        if (!bucket.IsUpload(upload)) return Error(404, "NoSuchUpload");
        if (request.Header("If-None-Match") == "*" && bucket.Find(key) is not null) return Error(412, "PreconditionFailed");
        var version = bucket.Complete(upload, key)!;
        return Xml("CompleteMultipartUploadResult", $"<Key>{SecurityElement.Escape(key)}</Key><ETag>&quot;{version.ETag}&quot;</ETag>");
    }

    private static HttpResponse Delete(S3Objects bucket, string key, string? version)
    {
        if (version is null) bucket.Delete(key);
        else bucket.DeleteVersion(key, version);
        return HttpResponse.Empty(204);
    }

    private S3Version? Source(string source)
    {
        var path = Uri.UnescapeDataString(source).TrimStart('/');
        var slash = path.IndexOf('/');
        return slash > 0 && _buckets.TryGetValue(path[..slash], out var bucket) ? bucket.Find(path[(slash + 1)..]) : null;
    }

    private static (string, string)[] Version(S3Objects bucket, S3Version version) => bucket.Versioned ? [("x-amz-version-id", version.Id)] : [];

    private static HttpResponse Xml(string root, string inner) => HttpResponse.Text(200, "application/xml", $"<?xml version=\"1.0\" encoding=\"UTF-8\"?><{root} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{inner}</{root}>");

    private static HttpResponse Error(int status, string code) => HttpResponse.Text(status, "application/xml", $"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>{code}</Message></Error>");

    /// <summary>As S3 encodes keys in a listing: like a form, with a plus for a space, and slashes left alone.</summary>
    private static string Encoded(string key) => Uri.EscapeDataString(key).Replace("%20", "+", StringComparison.Ordinal).Replace("%2F", "/", StringComparison.Ordinal);

    /// <summary>Whole seconds, as S3 keeps them.</summary>
    private static string Iso(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'.000Z'", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"bytes=(\d+)-(\d*)")]
    private static partial Regex ByteRange();
}
