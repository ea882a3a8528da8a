using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Yunpipe.Aws.Tests.Emulator;

/// <summary>Settings of whole buckets, old versions, and the end of a bucket.</summary>
internal sealed partial class S3Service
{
    private static readonly string[] Kept = ["publicAccessBlock", "policy", "lifecycle", "tagging", "notification", "encryption", "ownershipControls"];

    /// <summary>What was set for a bucket: name of the setting to its document.</summary>
    public ConcurrentDictionary<(string Bucket, string Setting), string> Settings { get; } = new();

    /// <summary>The region that all buckets are in; null for the first of AWS, which has no name.</summary>
    public string? Region { get; set; } = "eu-central-1";

    public void Remove(string name) => _buckets.TryRemove(name, out _);

    public IReadOnlyCollection<string> Names => [.. _buckets.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Null for what is not about the bucket as a whole.</summary>
    private HttpResponse? OfWhole(HttpRequest request, string name)
    {
        if (Array.Find(Kept, request.Query.ContainsKey) is { } setting)
        {
            if (!_buckets.ContainsKey(name)) return Error(404, "NoSuchBucket");
            if (request.Method == "PUT")
            {
                Settings[(name, setting)] = Encoding.UTF8.GetString(request.Body);
                return HttpResponse.Empty(200);
            }
            if (request.Method != "GET") return Error(405, "MethodNotAllowed");
            return Settings.TryGetValue((name, setting), out var document) ? HttpResponse.Text(200, "application/xml", document)
                : setting == "notification" ? Xml("NotificationConfiguration", "") : Error(404, setting == "tagging" ? "NoSuchTagSet" : "NoSuchConfiguration");
        }
        if (request.Query.ContainsKey("location"))
            return !_buckets.ContainsKey(name) ? Error(404, "NoSuchBucket") : HttpResponse.Text(200, "application/xml", $"<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{Region}</LocationConstraint>");
        if (request.Method == "PUT" && request.Query.Count == 0 && _buckets.ContainsKey(name)) return Error(409, "BucketAlreadyOwnedByYou");
        if (request.Method == "DELETE")
        {
            if (!_buckets.TryGetValue(name, out var bucket)) return Error(404, "NoSuchBucket");
            if (bucket.Versions().Any()) return Error(409, "BucketNotEmpty");
            _buckets.TryRemove(name, out _);
            return HttpResponse.Empty(204);
        }
        if (request.Method == "GET" && request.Query.ContainsKey("versions"))
        {
            if (!_buckets.TryGetValue(name, out var bucket)) return Error(404, "NoSuchBucket");
            var most = int.Parse(request.Asked("max-keys") ?? "1000", CultureInfo.InvariantCulture);
            lock (bucket.Gate)
                return Xml("ListVersionsResult", $"<Name>{name}</Name><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>" + string.Concat(bucket.Versions().Take(most).Select(version =>
                    $"<Version><Key>{Encoded(version.Key)}</Key><VersionId>{version.Id}</VersionId><IsLatest>true</IsLatest><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;x&quot;</ETag><Size>1</Size></Version>")));
        }
        if (request.Method == "POST" && request.Query.ContainsKey("delete") && _buckets.TryGetValue(name, out var emptied))
        {
            lock (emptied.Gate)
                foreach (Match found in ObjectElement().Matches(Encoding.UTF8.GetString(request.Body)))
                {
                    var key = WebUtility.HtmlDecode(found.Groups[1].Value);
                    if (found.Groups[2].Success) emptied.DeleteVersion(key, found.Groups[2].Value);
                    else emptied.Delete(key);
                }
            return Xml("DeleteResult", "");
        }
        return null;
    }

    [GeneratedRegex("<Object>.*?<Key>(.*?)</Key>(?:.*?<VersionId>(.*?)</VersionId>)?.*?</Object>", RegexOptions.Singleline)]
    private static partial Regex ObjectElement();
}
