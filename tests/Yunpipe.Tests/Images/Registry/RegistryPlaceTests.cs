using Yunpipe.Images;

namespace Yunpipe.Tests;

public sealed class RegistryPlaceTests
{
    private static readonly int Large = 3 << 20;
    private readonly SampleImage _image = new();

    [Fact]
    public async Task An_image_comes_back_as_it_went_in()
    {
        await using var registry = new TestRegistry();
        await using (var target = registry.Open("lab/x")) await _image.PutInto(target, "1.2");
        await using var source = registry.Open("lab/x", PlaceUse.Read);
        await _image.ShouldBeIn(source, "1.2");
        await _image.ShouldBeIn(source, _image.Document.Digest.ToString());
        (await source.FindManifest("1.3", default)).ShouldBeNull();
        (await source.FindManifest(null, default)).ShouldBeNull();
        registry.Uploads.ShouldBe(0);
    }

    [Fact]
    public async Task Docker_types_go_through_as_they_are()
    {
        var image = new SampleImage(docker: true);
        await using var registry = new TestRegistry();
        await using var place = registry.Open("lab/x");
        await image.PutInto(place, "1");
        registry.Manifests[("lab/x", "1")].Type.ShouldBe(MediaTypes.DockerManifest);
        await image.ShouldBeIn(place, "1");
    }

    [Theory]
    [InlineData(1000, new[] { "POST", "PUT" })]
    [InlineData(3 << 20, new[] { "POST", "PATCH", "PUT" })]
    public async Task A_small_blob_goes_in_one_piece_and_a_large_one_streams(int size, string[] methods)
    {
        await using var registry = new TestRegistry();
        await using var place = registry.Open("lab/x");
        var (blob, bytes) = new SampleImage(sizes: [size]).Blobs[0];
        await place.WriteBlob(blob, bytes, default);
        registry.Log.Skip(1).Select(line => line.Split(' ')[0]).ShouldBe(methods);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_registry_that_is_busy_is_asked_again(int status)
    {
        await using var registry = new TestRegistry();
        await using var place = registry.Open("lab/x");
        registry.Trouble(request => request.Path.Contains("/manifests/") || request.Path.Contains("/blobs/"), 4, _ => new TinyAnswer(status));
        await _image.PutInto(place, "1");
        await _image.ShouldBeIn(place, "1");
    }

    [Theory]
    [InlineData(401, ImageCodes.NeedsLogin, "log in")]
    [InlineData(403, ImageCodes.Denied, "does not allow reading lab/x")]
    [InlineData(429, ImageCodes.TooManyRequests, "fewer requests")]
    [InlineData(500, ImageCodes.RegistryBroken, "fails with 500")]
    [InlineData(502, ImageCodes.RegistryBroken, "fails with 502")]
    [InlineData(400, ImageCodes.Refused, "answers 400 (NAME_INVALID: no such name)")]
    [InlineData(418, ImageCodes.Refused, "418")]
    public async Task What_a_registry_refuses_is_one_sentence(int status, string code, string words)
    {
        await using var registry = new TestRegistry();
        await using var place = registry.Open("lab/x");
        registry.Trouble(request => request.Path != "/v2/", 100, _ => TestRegistry.Error(status, "NAME_INVALID", "no such name"));
        await place.FindManifest("1", default).ShouldSay(code, words);
        await place.HasBlob(_image.Config, default).ShouldSay(code);
        await place.OpenBlob(_image.Config, default).ShouldSay(code, words);
        await place.WriteManifest(_image.Document, "1", default).ShouldSay(code);
        await place.WriteBlob(_image.Blobs[0].Blob, _image.Blobs[0].Bytes, default).ShouldSay(code);
    }

    [Fact]
    public async Task Retry_after_is_heard()
    {
        await using var registry = new TestRegistry();
        var time = new WaitsSeen();
        await using var place = registry.Open("lab/x", settings: registry.Settings with { Time = time });
        registry.Trouble(request => request.Path.Contains("/manifests/"), 1, _ => new TinyAnswer(429).With("Retry-After", "2"));
        (await place.FindManifest("1", default)).ShouldBeNull();
        time.Waits.ShouldBe([TimeSpan.FromSeconds(2)]);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(404)]
    public async Task A_web_page_is_no_registry(int status)
    {
        await using var registry = new TestRegistry();
        await using var place = registry.Open("lab/x");
        registry.Trouble(_ => true, 100, _ => new TinyAnswer(status, "<html>Sign in</html>"u8.ToArray()).With("Content-Type", "text/html"));
        await place.FindManifest("1", default).ShouldSay(ImageCodes.NotARegistry, "Check the name");
    }

    [Fact]
    public async Task A_manifest_of_100_megabytes_is_not_read()
    {
        await using var registry = new TestRegistry();
        await using var place = registry.Open("lab/x");
        registry.Trouble(request => request.Path.Contains("/manifests/"), 1, _ => new TinyAnswer(200, new byte[100]) { Claims = 100 << 20 });
        await place.FindManifest("1", default).ShouldSay(ImageCodes.TooLarge);
        registry.Trouble(request => request.Path.Contains("/manifests/"), 1, _ => new TinyAnswer(200) { Endless = true });
        await place.FindManifest("1", default).ShouldSay(ImageCodes.TooLarge);
    }

    [Fact]
    public async Task A_manifest_that_is_not_what_was_asked_for_is_refused()
    {
        await using var registry = new TestRegistry();
        await using var place = registry.Open("lab/x");
        await _image.PutInto(place, "1");
        var other = new SampleImage(seed: 5).Document;
        registry.Manifests[("lab/x", _image.Document.Digest.ToString())] = (other.MediaType, other.Bytes.ToArray());
        await place.FindManifest(_image.Document.Digest.ToString(), default).ShouldSay(ImageCodes.WrongDigest);
        registry.Trouble(request => request.Path.Contains("/manifests/"), 1, _ => new TinyAnswer(200, other.Bytes.ToArray()).With("Docker-Content-Digest", _image.Document.Digest.ToString()));
        await place.FindManifest("1", default).ShouldSay(ImageCodes.WrongDigest);
    }

    [Fact]
    public async Task A_registry_that_keeps_something_else_is_not_believed()
    {
        await using var registry = new TestRegistry();
        await using var place = registry.Open("lab/x");
        registry.Trouble(request => request.Method == "PUT", 100, _ => new TinyAnswer(201).With("Docker-Content-Digest", Digest.Of([]).ToString()));
        await place.WriteManifest(_image.Document, "1", default).ShouldSay(ImageCodes.StoredDifferently);
        await place.WriteBlob(_image.Config, _image.Blobs[^1].Bytes, default).ShouldSay(ImageCodes.StoredDifferently);
    }

    [Fact]
    public async Task Blobs_that_are_wrong_short_or_long_are_seen()
    {
        await using var registry = new TestRegistry();
        await using var place = registry.Open("lab/x");
        await _image.PutInto(place, "1");
        var (blob, bytes) = _image.Blobs[1];
        var key = ("lab/x", blob.Digest.ToString());
        var wrong = bytes.ToArray();
        wrong[100] ^= 1;
        registry.Blobs[key] = wrong;
        await Read(place, blob).ShouldSay(ImageCodes.WrongDigest);
        registry.Blobs[key] = bytes[..^1];
        await Read(place, blob).ShouldSay(ImageCodes.WrongSize);
        await place.HasBlob(blob, default).ShouldSay(ImageCodes.WrongSize);
        registry.Blobs[key] = [.. bytes, 0];
        await Read(place, blob).ShouldSay(ImageCodes.WrongSize);
        registry.Blobs.TryRemove(key, out _);
        await Read(place, blob).ShouldSay(ImageCodes.NoBlob);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_download_that_breaks_goes_on_where_it_was(bool ranges)
    {
        await using var registry = new TestRegistry();
        await using var place = registry.Open("lab/x");
        var image = new SampleImage(sizes: [Large]);
        await image.PutInto(place, "1");
        var (blob, bytes) = image.Blobs[0];
        var served = 0;
        registry.Before = request =>
        {
            if (request.Method != "GET" || !request.Path.EndsWith(blob.Digest.ToString())) return Task.FromResult<TinyAnswer?>(null);
            var from = ranges && request.Headers.TryGetValue("Range", out var range) ? int.Parse(range["bytes=".Length..^1]) : 0;
            var answer = new TinyAnswer(from > 0 ? 206 : 200, bytes[from..]) { CutAfter = ++served < 3 ? 1 << 20 : null };
            return Task.FromResult<TinyAnswer?>(from > 0 ? answer.With("Content-Range", $"bytes {from}-{bytes.Length - 1}/{bytes.Length}") : answer);
        };
        (await Read(place, blob)).ShouldBe(bytes);
        served.ShouldBe(3);
    }

    [Fact]
    public async Task A_connection_that_always_breaks_is_said()
    {
        await using var registry = new TestRegistry();
        await using var place = registry.Open("lab/x");
        await _image.PutInto(place, "1");
        registry.Trouble(request => request.Path.Contains("/manifests/"), 100, _ => new TinyAnswer(200, new byte[100]) { CutAfter = 0 });
        await place.FindManifest("1", default).ShouldSay(ImageCodes.ConnectionLost, "again and again");
        registry.Trouble(request => request.Path.Contains("/manifests/"), 100, _ => new TinyAnswer(200, new byte[100]) { CutAfter = 50 });
        await place.FindManifest("1", default).ShouldSay(ImageCodes.ConnectionLost);
        registry.Trouble(request => request.Path.Contains("/blobs/"), 100, _ => new TinyAnswer(200, new byte[_image.Blobs[1].Bytes.Length]) { CutAfter = 5 });
        await Read(place, _image.Blobs[1].Blob).ShouldSay(ImageCodes.ConnectionLost);
    }

    [Fact]
    public async Task A_registry_that_says_nothing_is_not_waited_for_for_ever()
    {
        await using var registry = new TestRegistry();
        await using var place = registry.Open("lab/x", settings: registry.Settings with { Patience = TimeSpan.FromMilliseconds(400) });
        registry.Trouble(request => request.Path != "/v2/", 100, _ => new TinyAnswer(200) { Hangs = true });
        await place.FindManifest("1", default).ShouldSay(ImageCodes.ConnectionLost, "said nothing");
    }

    [Fact]
    public async Task An_upload_that_breaks_goes_on_where_the_registry_says()
    {
        await using var registry = new TestRegistry();
        await using var place = registry.Open("lab/x");
        var (blob, bytes) = new SampleImage(sizes: [Large]).Blobs[0];
        var cuts = 0;
        registry.Before = request => request.Method == "PATCH" && cuts++ < 2 ? registry.CutUpload(request, 1 << 20) : Task.FromResult<TinyAnswer?>(null);
        await place.WriteBlob(blob, bytes, default);
        registry.Blobs[("lab/x", blob.Digest.ToString())].ShouldBe(bytes);
        registry.Log.Count(line => line.StartsWith("POST")).ShouldBe(1);
        cuts.ShouldBe(3);
    }

    [Fact]
    public async Task A_small_upload_that_breaks_starts_clean()
    {
        await using var registry = new TestRegistry();
        await using var place = registry.Open("lab/x");
        var (blob, bytes) = _image.Blobs[1];
        var cuts = 0;
        registry.Before = request => request.Method == "PUT" && cuts++ < 2 ? registry.CutUpload(request, 100) : Task.FromResult<TinyAnswer?>(null);
        await place.WriteBlob(blob, bytes, default);
        registry.Blobs[("lab/x", blob.Digest.ToString())].ShouldBe(bytes);
        registry.Uploads.ShouldBe(0);
    }

    [Fact]
    public async Task A_login_that_ends_in_the_middle_of_an_upload_is_renewed()
    {
        await using var registry = new TestRegistry();
        await using var place = registry.Open("lab/x");
        var (blob, bytes) = new SampleImage(sizes: [Large]).Blobs[0];
        registry.Trouble(request => request.Method == "PATCH", 1, _ => new TinyAnswer(401).With("WWW-Authenticate", "Basic realm=x"));
        await place.WriteBlob(blob, bytes, default);
        registry.Trouble(request => request.Method == "PATCH", 2, _ => new TinyAnswer(401).With("WWW-Authenticate", "Basic realm=x"));
        var (other, content) = new SampleImage(seed: 7, sizes: [Large]).Blobs[0];
        await place.WriteBlob(other, content, default).ShouldSay(ImageCodes.NeedsLogin);
        registry.Uploads.ShouldBe(0);
    }

    [Fact]
    public async Task An_upload_that_the_registry_forgot_starts_clean()
    {
        await using var registry = new TestRegistry();
        await using var place = registry.Open("lab/x");
        var (blob, bytes) = new SampleImage(sizes: [Large]).Blobs[0];
        var cuts = 0;
        registry.Before = async request =>
        {
            if (request.Method != "PATCH" || cuts++ > 0) return null;
            await request.ReadBody(1 << 20);
            registry.ForgetUploads();
            throw new TinyServer.Cut();
        };
        await place.WriteBlob(blob, bytes, default);
        registry.Blobs[("lab/x", blob.Digest.ToString())].ShouldBe(bytes);
        registry.Log.Count(line => line.StartsWith("POST")).ShouldBe(2);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(3 << 20)]
    public async Task An_upload_whose_answer_is_lost_is_not_sent_again(int size)
    {
        await using var registry = new TestRegistry();
        await using var place = registry.Open("lab/x");
        var (blob, bytes) = new SampleImage(sizes: [size]).Blobs[0];
        var puts = 0;
        registry.Before = async request =>
        {
            if (request.Method != "PUT") return null;
            puts++;
            await request.ReadBody(int.MaxValue);
            registry.Blobs[("lab/x", blob.Digest.ToString())] = bytes;
            throw new TinyServer.Cut();
        };
        await place.WriteBlob(blob, bytes, default);
        puts.ShouldBe(1);
    }

    [Fact]
    public async Task An_upload_that_always_breaks_is_said_and_taken_back()
    {
        await using var registry = new TestRegistry();
        await using var place = registry.Open("lab/x");
        var (blob, bytes) = new SampleImage(sizes: [Large]).Blobs[0];
        registry.Before = request => request.Method == "PATCH" ? throw new TinyServer.Cut() : Task.FromResult<TinyAnswer?>(null);
        await place.WriteBlob(blob, bytes, default).ShouldSay(ImageCodes.ConnectionLost);
        registry.Uploads.ShouldBe(0);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(3 << 20)]
    public async Task A_source_that_is_wrong_ends_the_upload_with_its_own_words(int size)
    {
        await using var registry = new TestRegistry();
        await using var place = registry.Open("lab/x");
        var (blob, bytes) = new SampleImage(sizes: [size]).Blobs[0];
        bytes[7] ^= 1;
        await place.WriteBlob(blob, bytes, default).ShouldSay(ImageCodes.WrongDigest);
        await place.WriteBlob(blob, bytes.AsMemory(0, bytes.Length - 1), default).ShouldSay(ImageCodes.WrongSize);
        (registry.Uploads, registry.Blobs.Count).ShouldBe((0, 0));
    }

    [Fact]
    public async Task Cancelling_an_upload_takes_it_back()
    {
        await using var registry = new TestRegistry();
        await using var place = registry.Open("lab/x");
        using var stop = new CancellationTokenSource();
        var (blob, bytes) = new SampleImage(sizes: [Large]).Blobs[0];
        registry.Before = async request =>
        {
            if (request.Method == "PATCH") await stop.CancelAsync();
            return null;
        };
        await Should.ThrowAsync<OperationCanceledException>(place.WriteBlob(blob, _ => Task.FromResult<Stream>(new MemoryStream(bytes)), null, stop.Token));
        registry.Uploads.ShouldBe(0);
    }

    [Fact]
    public async Task Nobody_at_home_is_said_at_once()
    {
        var registry = new TestRegistry();
        await using var place = registry.Open("lab/x");
        await registry.DisposeAsync();
        await place.FindManifest("1", default).ShouldSay(ImageCodes.Unreachable, "Check the name and the network");
        await using var nowhere = new Yunpipe.Images.Registries.RegistryPlace(new("registry.invalid"), "lab/x", PlaceUse.Read, registry.Settings);
        await nowhere.FindManifest("1", default).ShouldSay(ImageCodes.Unreachable, "registry.invalid");
    }

    internal static async Task<byte[]> Read(ImagePlace place, BlobDescriptor blob)
    {
        await using var stream = await place.OpenBlob(blob, default);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        return copy.ToArray();
    }

    /// <summary>A clock whose timers come at once, and are remembered.</summary>
    private sealed class WaitsSeen : TimeProvider
    {
        public List<TimeSpan> Waits { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime > TimeSpan.Zero) Waits.Add(dueTime);
            return base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? TimeSpan.FromMilliseconds(1) : dueTime, period);
        }
    }
}
