using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Yunpipe.Images;

namespace Yunpipe.Tests;

/// <summary>A registry in memory that does what the OCI distribution specification says, and whatever a test wants it to do instead.</summary>
internal sealed class TestRegistry : IAsyncDisposable
{
    private readonly TinyServer _server;
    private readonly ConcurrentDictionary<string, MemoryStream> _uploads = new();
    private readonly Lock _lock = new();

    public TestRegistry(X509Certificate2? certificate = null) => _server = new TinyServer(Handle, certificate);

    public string Host => $"localhost:{_server.Port}";
    public IReadOnlyCollection<string> Log => _server.Log;

    /// <summary>Blobs by repository and digest.</summary>
    public ConcurrentDictionary<(string Repository, string Digest), byte[]> Blobs { get; } = new();

    /// <summary>Manifests by repository and tag or digest.</summary>
    public ConcurrentDictionary<(string Repository, string Name), (string Type, byte[] Bytes)> Manifests { get; } = new();

    /// <summary>Asked before anything else; an answer that is not null is sent instead.</summary>
    public Func<TinyRequest, Task<TinyAnswer?>> Before { get; set; } = _ => Task.FromResult<TinyAnswer?>(null);

    /// <summary>Answers of the first so many requests that a test chooses.</summary>
    public void Trouble(Func<TinyRequest, bool> when, int times, Func<TinyRequest, TinyAnswer> answer)
    {
        var left = times;
        Before = request => Task.FromResult(when(request) && Interlocked.Decrement(ref left) >= 0 ? answer(request) : null);
    }

    public int Uploads => _uploads.Count;
    public bool Mounts { get; set; } = true;

    public ImagePlaceSettings Settings { get; init; } = new() { Environment = new Dictionary<string, string>(), FirstPause = TimeSpan.FromMilliseconds(5), Patience = TimeSpan.FromSeconds(20) };

    public ImagePlace Open(string repository, PlaceUse use = PlaceUse.Write, ImagePlaceSettings? settings = null) =>
        ImagePlaces.Registry(new ImageReference(Host, repository, null, null), use, settings ?? Settings).Place;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task<TinyAnswer> Handle(TinyRequest request) => await Before(request) ?? await Obey(request);

    private async Task<TinyAnswer> Obey(TinyRequest request)
    {
        var path = request.Path;
        if (path == "/v2/") return new TinyAnswer(200, "{}"u8.ToArray());
        if (!path.StartsWith("/v2/", StringComparison.Ordinal)) return new TinyAnswer(404);
        var parts = path[4..].Split('/');
        if (parts is [.., "blobs", "uploads", ""]) return await Begin(request, string.Join('/', parts[..^3]));
        if (parts is [.., "blobs", "uploads", var id]) return await Continue(request, string.Join('/', parts[..^3]), id);
        var repository = string.Join('/', parts[..^2]);
        return parts[^2] == "blobs" ? Blob(request, repository, parts[^1]) : await Manifest(request, repository, parts[^1]);
    }

    private async Task<TinyAnswer> Begin(TinyRequest request, string repository)
    {
        await request.ReadBody(int.MaxValue);
        if (Mounts && request.Query.TryGetValue("mount", out var digest) && Blobs.TryGetValue((request.Query["from"], digest), out var bytes))
        {
            Blobs[(repository, digest)] = bytes;
            return new TinyAnswer(201).With("Location", $"/v2/{repository}/blobs/{digest}").With("Docker-Content-Digest", digest);
        }
        var id = Guid.NewGuid().ToString();
        _uploads[id] = new MemoryStream();
        return new TinyAnswer(202).With("Location", $"/v2/{repository}/blobs/uploads/{id}?state=a%3Db");
    }

    private async Task<TinyAnswer> Continue(TinyRequest request, string repository, string id)
    {
        if (!_uploads.TryGetValue(id, out var upload)) return Error(404, "BLOB_UPLOAD_UNKNOWN", "no such upload");
        var here = $"/v2/{repository}/blobs/uploads/{id}?state=a%3Db";
        if (request.Method == "DELETE")
        {
            _uploads.TryRemove(id, out _);
            return new TinyAnswer(204);
        }
        if (request.Method == "GET") return new TinyAnswer(204).With("Location", here).With("Range", $"0-{Math.Max(0, upload.Length - 1)}");
        if (request.Headers.TryGetValue("Content-Range", out var range) && long.Parse(range.Split('-')[0]) != upload.Length) return Error(416, "RANGE", "not where it ended");
        var body = await request.ReadBody(int.MaxValue);
        lock (_lock) upload.Write(body);
        if (request.Method == "PATCH") return new TinyAnswer(202).With("Location", here).With("Range", $"0-{upload.Length - 1}");
        var digest = request.Query["digest"];
        if (Digest.Of(upload.ToArray()).ToString() != digest) return Error(400, "DIGEST_INVALID", "provided digest did not match uploaded content");
        Blobs[(repository, digest)] = upload.ToArray();
        _uploads.TryRemove(id, out _);
        return new TinyAnswer(201).With("Location", $"/v2/{repository}/blobs/{digest}").With("Docker-Content-Digest", digest);
    }

    /// <summary>Keeps the start of an upload and breaks the connection, as a server does whose client's network went.</summary>
    public async Task<TinyAnswer?> CutUpload(TinyRequest request, int after)
    {
        var body = await request.ReadBody(after);
        lock (_lock) _uploads[request.Path.Split('/')[^1]].Write(body);
        throw new TinyServer.Cut();
    }

    public void ForgetUploads() => _uploads.Clear();

    private TinyAnswer Blob(TinyRequest request, string repository, string digest)
    {
        if (!Blobs.TryGetValue((repository, digest), out var bytes)) return Error(404, "BLOB_UNKNOWN", "blob unknown");
        if (request.Method == "HEAD") return new TinyAnswer(200).With("Content-Length", $"{bytes.Length}").With("Docker-Content-Digest", digest);
        if (!request.Headers.TryGetValue("Range", out var range)) return new TinyAnswer(200, bytes);
        var from = int.Parse(range["bytes=".Length..].Split('-')[0]);
        return from >= bytes.Length ? new TinyAnswer(416) : new TinyAnswer(206, bytes[from..]).With("Content-Range", $"bytes {from}-{bytes.Length - 1}/{bytes.Length}");
    }

    private async Task<TinyAnswer> Manifest(TinyRequest request, string repository, string name)
    {
        if (request.Method == "PUT")
        {
            var sent = await request.ReadBody(int.MaxValue);
            var digest = Digest.Of(sent).ToString();
            var missing = Missing(repository, sent);
            if (missing is not null) return Error(400, "MANIFEST_BLOB_UNKNOWN", $"{missing} is not here");
            Manifests[(repository, name)] = Manifests[(repository, digest)] = (request.Headers["Content-Type"], sent);
            return new TinyAnswer(201).With("Docker-Content-Digest", digest);
        }
        if (!Manifests.TryGetValue((repository, name), out var found)) return Error(404, "MANIFEST_UNKNOWN", "manifest unknown");
        return new TinyAnswer(200, found.Bytes).With("Content-Type", found.Type).With("Docker-Content-Digest", Digest.Of(found.Bytes).ToString());
    }

    /// <summary>A registry takes no manifest before its blobs: so an order that is wrong is seen.</summary>
    private string? Missing(string repository, byte[] manifest)
    {
        var document = ImageDocument.Detect(manifest, null, "test");
        return document.IsIndex
            ? ImageIndex.Read(document, "test").Manifests.Select(each => each.Digest.ToString()).FirstOrDefault(digest => !Manifests.ContainsKey((repository, digest)))
            : ImageManifest.Read(document, "test").Blobs.Select(each => each.Digest.ToString()).FirstOrDefault(digest => !Blobs.ContainsKey((repository, digest)));
    }

    public static TinyAnswer Error(int status, string code, string message) =>
        new TinyAnswer(status, Encoding.UTF8.GetBytes($$"""{"errors":[{"code":"{{code}}","message":"{{message}}"}]}""")).With("Content-Type", "application/json");
}
