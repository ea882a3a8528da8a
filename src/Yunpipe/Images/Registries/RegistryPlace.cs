using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Yunpipe.Images.Registries;

/// <summary>One repository of a registry (OCI distribution specification 1.1, "API").</summary>
internal sealed class RegistryPlace : ImagePlace
{
    private readonly RegistryClient _client;
    private readonly System.Collections.Concurrent.ConcurrentDictionary<Digest, string> _begun = new();

    public RegistryPlace(RegistryAddress address, string repository, PlaceUse use, ImagePlaceSettings settings)
    {
        _client = new RegistryClient(address, repository, settings);
        Scope = $"repository:{repository}:{(use == PlaceUse.Write ? "pull,push" : "pull")}";
    }

    public override string Name => $"{_client.Address.Name}/{_client.Repository}";
    public override int AtOnce => 4;
    public override bool WantsPackedLayers => true;

    private string Scope { get; }
    private string Reading => $"reading {_client.Repository}";
    private string Writing => $"writing to {_client.Repository}";

    public override async Task<bool> HasBlob(BlobDescriptor blob, CancellationToken cancel)
    {
        using var response = await _client.Send(new RegistryRequest(HttpMethod.Head, PathOf(blob.Digest), Scope, Reading) { Follow = true }, cancel);
        if (response.StatusCode == HttpStatusCode.NotFound) return false;
        if (!response.IsSuccessStatusCode) throw await _client.Refuse(response, Reading, cancel);
        return response.Content.Headers.ContentLength is not { } size || size == blob.Size
            ? true : throw new ImageException(ImageCodes.WrongSize, $"{Name} has {size} bytes of {blob.Digest} where the manifest promises {blob.Size}.", "Push the image again.");
    }

    public override async Task<bool> TryMount(BlobDescriptor blob, ImagePlace from, CancellationToken cancel)
    {
        if (from is not RegistryPlace other || other._client.Address.Host != _client.Address.Host || other._client.Repository == _client.Repository) return false;
        var path = $"/v2/{_client.Repository}/blobs/uploads/?mount={Uri.EscapeDataString(blob.Digest.ToString())}&from={Uri.EscapeDataString(other._client.Repository)}";
        using var response = await _client.Send(new RegistryRequest(HttpMethod.Post, path, $"{Scope} repository:{other._client.Repository}:pull", Writing) { Content = () => new ByteArrayContent([]) }, cancel);
        if (response.StatusCode == HttpStatusCode.Created) return true;
        // The registry would rather have the bytes, and has begun to wait for them.
        if (response.StatusCode == HttpStatusCode.Accepted && response.Headers.Location is { } session) _begun[blob.Digest] = session.IsAbsoluteUri ? session.AbsoluteUri : session.OriginalString;
        return false;
    }

    public override async Task WriteManifest(ImageDocument manifest, string? tag, CancellationToken cancel)
    {
        using var response = await _client.Send(new RegistryRequest(HttpMethod.Put, $"/v2/{_client.Repository}/manifests/{tag ?? manifest.Digest.ToString()}", Scope, Writing)
        {
            Content = () => new ReadOnlyMemoryContent(manifest.Bytes) { Headers = { ContentType = new MediaTypeHeaderValue(manifest.MediaType) } },
        }, cancel);
        if (!response.IsSuccessStatusCode) throw await _client.Refuse(response, Writing, cancel);
        CheckStored(response, manifest.Digest, _client.Address);
    }

    /// <summary>Page by page (OCI distribution specification, "Listing Tags").</summary>
    public override async Task<IReadOnlyList<string>> Tags(CancellationToken cancel)
    {
        var tags = new List<string>();
        while (true)
        {
            var after = tags.Count == 0 ? "" : $"&last={Uri.EscapeDataString(tags[^1])}";
            using var response = await _client.Send(new RegistryRequest(HttpMethod.Get, $"/v2/{_client.Repository}/tags/list?n=100{after}", Scope, Reading) { Follow = true }, cancel);
            if (response.StatusCode == HttpStatusCode.NotFound) throw Missing(null);
            if (!response.IsSuccessStatusCode) throw await _client.Refuse(response, Reading, cancel);
            var bytes = await Bounded.Read(response.Content, ImageDocument.MaxBytes, cancel) ?? throw ImageDocument.TooLarge(Name);
            var page = ImageJson.TryRead(bytes)?["tags"] is JsonArray list ? list.Select(tag => tag?.ToString() ?? "").Where(tag => tag.Length > 0 && !tags.Contains(tag)).ToList() : [];
            tags.AddRange(page);
            // A page that brings nothing new would come again for ever.
            if (page.Count == 0 || !response.Headers.Contains("Link")) return tags;
        }
    }

    public override ImageException Missing(string? tagOrDigest) => new(ImageCodes.NoImage, tagOrDigest is null ? $"There is no “{Name}” in its registry."
        : $"There is no image “{Name}{(Digest.TryParse(tagOrDigest, out _) ? '@' : ':')}{tagOrDigest}” in its registry.", "Check the name and the tag.");

    /// <summary>What the registry says that it keeps must be what was sent.</summary>
    internal static void CheckStored(HttpResponseMessage response, Digest sent, RegistryAddress address)
    {
        if (Stored(response) is { } stored && stored != sent)
            throw new ImageException(ImageCodes.StoredDifferently, $"{address.Name} keeps {stored} where {sent} was sent.", "Do not use this image; tell whoever runs the registry.");
    }

    protected override async Task<ImageDocument?> Find(string? tagOrDigest, CancellationToken cancel)
    {
        for (var tries = 1; ; tries++)
        {
            using var response = await _client.Send(new RegistryRequest(HttpMethod.Get, $"/v2/{_client.Repository}/manifests/{tagOrDigest ?? ImageNames.Latest}", Scope, Reading)
            {
                Follow = true, Headers = headers => { foreach (var type in MediaTypes.Documents) headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type)); },
            }, cancel);
            if (response.StatusCode == HttpStatusCode.NotFound && response.Content.Headers.ContentType?.MediaType != "text/html") return null;
            if (!response.IsSuccessStatusCode) throw await _client.Refuse(response, Reading, cancel);
            if (response.Content.Headers.ContentType?.MediaType == "text/html") throw RegistryAnswers.WebPage(_client.Address.Host);
            try
            {
                using var stall = new Stall(_client.Settings.Patience, cancel);
                var bytes = await Bounded.Read(response.Content, ImageDocument.MaxBytes, stall.Token) ?? throw ImageDocument.TooLarge(Name);
                if (Stored(response) is { } said && said != Digest.Of(bytes))
                    throw new ImageException(ImageCodes.WrongDigest, $"{Name} gives other bytes than it says: {Digest.Of(bytes)} where {said} is announced.", "Try again; if it stays so, tell whoever runs the registry.");
                return ImageDocument.Detect(bytes, response.Content.Headers.ContentType?.MediaType, Name);
            }
            catch (Exception error) when (RegistryClient.IsConnection(error, cancel))
            {
                if (tries >= Backoff.MaxTries) throw RegistryAnswers.Lost(_client.Address.Name, error);
                await Backoff.Wait(_client.Settings, tries, null, cancel);
            }
        }
    }

    protected override async Task<Stream> Open(BlobDescriptor blob, CancellationToken cancel)
    {
        var request = new RegistryRequest(HttpMethod.Get, PathOf(blob.Digest), Scope, Reading) { Follow = true };
        var response = await _client.Send(request, cancel);
        if (response.IsSuccessStatusCode) return new ResumingStream(_client, request, blob, response);
        if (response.StatusCode != HttpStatusCode.NotFound) throw await _client.Refuse(response, Reading, cancel);
        response.Dispose();
        throw NoBlob(blob);
    }

    protected override Task Write(BlobDescriptor blob, Func<CancellationToken, Task<Stream>> open, IProgress<long>? progress, CancellationToken cancel) =>
        new BlobUpload(_client, Scope, blob, open, progress).Run(_begun.TryRemove(blob.Digest, out var session) ? session : null, cancel);

    public override async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await base.DisposeAsync();
    }

    private string PathOf(Digest digest) => $"/v2/{_client.Repository}/blobs/{digest}";

    private static Digest? Stored(HttpResponseMessage response) =>
        response.Headers.TryGetValues("Docker-Content-Digest", out var values) && Digest.TryParse(values.First(), out var digest) ? digest : null;
}
