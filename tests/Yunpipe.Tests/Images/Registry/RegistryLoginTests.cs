using System.Collections.Concurrent;
using System.Text;
using Yunpipe.Images;
using Yunpipe.Images.Registries;

namespace Yunpipe.Tests;

/// <summary>A registry that wants a login, in each way that there is.</summary>
public sealed class RegistryLoginTests : IDisposable
{
    private const string User = "ada", Password = "p:ß\"w", Identity = "identity-token";

    private readonly ImageScratch _home = new();
    private readonly SampleImage _image = new();
    private readonly ConcurrentQueue<TinyRequest> _tokens = new();
    private readonly ConcurrentDictionary<string, string> _given = new();

    public void Dispose() => _home.Dispose();

    private static TestRegistry Basic() => Guarded((_, request) => request.Headers.GetValueOrDefault("Authorization") == BasicOf(User, Password) ? null : new TinyAnswer(401).With("WWW-Authenticate", "Basic realm=\"x, y\""));

    private TestRegistry Bearer(bool anonymous = false) => Guarded((registry, request) =>
    {
        if (request.Path == "/token") return Token(request, anonymous);
        var wanted = request.Path == "/v2/" ? "" : request.Method is "GET" or "HEAD" ? "pull" : "push";
        var authorization = request.Headers.GetValueOrDefault("Authorization", "");
        if (authorization.StartsWith("Bearer ", StringComparison.Ordinal) && _given.TryGetValue(authorization[7..], out var scope) && (wanted.Length == 0 || scope.Contains(wanted))) return null;
        return new TinyAnswer(401).With("WWW-Authenticate", $"Bearer realm=\"http://{registry.Host}/token\",service=\"test\",scope=\"repository:lab/x:{wanted}\"");
    });

    private TinyAnswer Token(TinyRequest request, bool anonymous)
    {
        _tokens.Enqueue(request);
        var (authorized, scope) = request.Method == "POST"
            ? Encoding.UTF8.GetString(request.ReadBody(10_000).Result) is var form && form.Contains("grant_type=refresh_token") && form.Contains("refresh_token=" + Identity) ? (true, Uri.UnescapeDataString(form)) : (false, "")
            : (request.Headers.GetValueOrDefault("Authorization") == BasicOf(User, Password), request.Query.GetValueOrDefault("scope", ""));
        if (!authorized && (!anonymous || request.Headers.ContainsKey("Authorization"))) return TestRegistry.Error(401, "UNAUTHORIZED", "no");
        var token = Guid.NewGuid().ToString();
        _given[token] = authorized ? scope : scope.Replace("push", "");
        return new TinyAnswer(200, Encoding.UTF8.GetBytes($$"""{"{{(request.Method == "POST" ? "access_token" : "token")}}":"{{token}}","expires_in":300}"""));
    }

    private static TestRegistry Guarded(Func<TestRegistry, TinyRequest, TinyAnswer?> guard)
    {
        var registry = new TestRegistry();
        registry.Before = request => Task.FromResult(guard(registry, request));
        return registry;
    }

    private static string BasicOf(string user, string password) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));

    private ImagePlace Open(TestRegistry registry, params (string Name, string Value)[] environment) => registry.Open("lab/x", settings: registry.Settings with
    {
        Environment = environment.ToDictionary(pair => pair.Name, pair => pair.Value).Append(new("HOME", _home.Root)).ToDictionary(),
    });

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_home.At(path))!);
        File.WriteAllText(_home.At(path), text);
    }

    private void LogIn(TestRegistry registry, string password = Password, string file = ".docker/config.json") =>
        Write(file, $$$"""{"auths":{"other.org":{"auth":"eDp5"},"{{{registry.Host}}}":{"auth":"{{{Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{password}"))}}}"} } }""");

    private string Helper(string script)
    {
        Write("bin/docker-credential-test", "#!/bin/sh\n" + script);
        File.SetUnixFileMode(_home.At("bin/docker-credential-test"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return _home.At("bin") + ":/usr/bin:/bin";
    }

    [Fact]
    public async Task A_name_and_a_password_of_docker_open_a_registry()
    {
        await using var registry = Basic();
        LogIn(registry);
        await using var place = Open(registry);
        await _image.PutInto(place, "1");
        await _image.ShouldBeIn(place, "1");
    }

    [Fact]
    public async Task A_token_is_fetched_once_for_each_scope()
    {
        await using var registry = Bearer();
        LogIn(registry);
        await using (var place = Open(registry))
        {
            await _image.PutInto(place, "1");
            await _image.ShouldBeIn(place, "1");
        }
        var token = _tokens.ShouldHaveSingleItem();
        token.Query["service"].ShouldBe("test");
        token.Query["scope"].ShouldBe("repository:lab/x:pull,push");
        token.Query["account"].ShouldBe(User);
    }

    [Fact]
    public async Task A_token_that_is_no_longer_taken_is_changed_for_a_new_one()
    {
        await using var registry = Bearer();
        LogIn(registry);
        await using var place = Open(registry);
        await _image.PutInto(place, "1");
        _given.Clear();
        await _image.ShouldBeIn(place, "1");
        _tokens.Count.ShouldBe(2);
    }

    [Fact]
    public async Task What_is_public_is_read_without_a_login_and_not_written()
    {
        await using var registry = Bearer(anonymous: true);
        LogIn(registry);
        await using (var place = Open(registry)) await _image.PutInto(place, "1");
        File.Delete(_home.At(".docker/config.json"));
        await using var anyone = Open(registry);
        await _image.ShouldBeIn(anyone, "1");
        await anyone.WriteManifest(_image.Document, "2", default).ShouldSay(ImageCodes.NeedsLogin, "docker login");
    }

    [Fact]
    public async Task An_identity_token_is_changed_for_an_access_token()
    {
        await using var registry = Bearer();
        Write(".docker/config.json", $$$"""{"auths":{"{{{registry.Host}}}":{"identitytoken":"{{{Identity}}}"} } }""");
        await using var place = Open(registry);
        await _image.PutInto(place, "1");
        _tokens.ShouldAllBe(request => request.Method == "POST");
    }

    [Fact]
    public async Task A_mount_asks_for_both_repositories()
    {
        await using var registry = Bearer();
        LogIn(registry);
        await using var place = Open(registry);
        await _image.PutInto(place, "1");
        await using var other = registry.Open("lab/y", settings: registry.Settings with { Environment = new Dictionary<string, string> { ["HOME"] = _home.Root } });
        (await other.TryMount(_image.Config, place, default)).ShouldBeTrue();
        _tokens.Last().Query["scope"].ShouldBe("repository:lab/y:pull,push repository:lab/x:pull");
    }

    [Fact]
    public async Task Without_a_login_or_with_a_wrong_one_it_is_said_which()
    {
        foreach (var registry in new[] { Basic(), Bearer() })
        {
            await using var _ = registry;
            Write(".docker/config.json", "{}");
            await using (var place = Open(registry)) await place.FindManifest("1", default).ShouldSay(ImageCodes.NeedsLogin, $"docker login {registry.Host}");
            LogIn(registry, "wrong");
            await using (var place = Open(registry))
            {
                var error = await Should.ThrowAsync<ImageException>(place.FindManifest("1", default));
                error.Problem.Code.ShouldBe(ImageCodes.LoginRefused);
                error.Message.ShouldContain(".docker/config.json");
                error.Message.ShouldNotContain("wrong");
            }
        }
    }

    [Theory]
    [InlineData("REGISTRY_AUTH_FILE", "mine/auth.json", "mine/auth.json")]
    [InlineData("XDG_RUNTIME_DIR", "run", "run/containers/auth.json")]
    [InlineData("XDG_CONFIG_HOME", "config", "config/containers/auth.json")]
    [InlineData("UNUSED", "", ".config/containers/auth.json")]
    [InlineData("DOCKER_CONFIG", "docker", "docker/config.json")]
    public async Task Logins_of_podman_and_docker_are_found_where_they_are_kept(string variable, string value, string file)
    {
        await using var registry = Basic();
        LogIn(registry, file: file);
        await using var place = Open(registry, (variable, _home.At(value)));
        (await place.FindManifest("1", default)).ShouldBeNull();
    }

    [Fact]
    public async Task The_login_for_the_longest_part_of_a_name_counts()
    {
        await using var registry = Basic();
        var right = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"));
        Write(".config/containers/auth.json", $$$"""{"auths":{"{{{registry.Host}}}":{"auth":"eDp5"},"{{{registry.Host}}}/lab":{"auth":"{{{right}}}"},"{{{registry.Host}}}/la":{"auth":"eDp5"} } }""");
        await using var place = Open(registry);
        (await place.FindManifest("1", default)).ShouldBeNull();
    }

    [Fact]
    public async Task Docker_keeps_the_login_of_its_hub_under_an_address()
    {
        Write(".docker/config.json", """{"auths":{"https://index.docker.io/v1/":{"auth":"YWRhOmI="}}}""");
        var login = await new LoginFiles(new Dictionary<string, string> { ["HOME"] = _home.Root }).Find(new RegistryAddress("docker.io"), "lab/x", default);
        (login!.User, login.Password).ShouldBe(("ada", "b"));
        login.ToString().ShouldNotContain("b\"");
    }

    [Theory]
    [InlineData("credHelpers")]
    [InlineData("credsStore")]
    public async Task A_helper_is_asked_for_the_login(string key)
    {
        await using var registry = Basic();
        var path = Helper($$"""read server; [ "$1" = get ] && [ "$server" = "{{registry.Host}}" ] && echo '{"ServerURL":"x","Username":"{{User}}","Secret":"p:ß\"w"}'""");
        Write(".docker/config.json", key == "credsStore" ? """{"credsStore":"test"}""" : $$$"""{"credHelpers":{"{{{registry.Host}}}":"test"}}""");
        await using var place = Open(registry, ("PATH", path));
        (await place.FindManifest("1", default)).ShouldBeNull();
    }

    [Fact]
    public async Task A_helper_can_hold_an_identity_token()
    {
        await using var registry = Bearer();
        var path = Helper($$"""echo '{"Username":"<token>","Secret":"{{Identity}}"}'""");
        Write(".docker/config.json", """{"credsStore":"test"}""");
        await using var place = Open(registry, ("PATH", path));
        (await place.FindManifest("1", default)).ShouldBeNull();
    }

    [Theory]
    [InlineData("echo credentials not found in native keychain; exit 1", ImageCodes.NeedsLogin, "log in")]
    [InlineData("echo the keyring is locked >&2; exit 1", ImageCodes.BadLogin, "the keyring is locked")]
    [InlineData("exit 3", ImageCodes.BadLogin, "ended with 3")]
    [InlineData("echo hello", ImageCodes.BadLogin, "not a name and a secret")]
    public async Task A_helper_that_fails_is_said(string script, string code, string words)
    {
        await using var registry = Basic();
        var path = Helper(script);
        Write(".docker/config.json", """{"credsStore":"test"}""");
        await using var place = Open(registry, ("PATH", path));
        await place.FindManifest("1", default).ShouldSay(code, words);
    }

    [Fact]
    public async Task A_helper_that_hangs_is_ended()
    {
        var path = Helper("exec sleep 1000");
        await LoginProgram.Get("test", "x", new Dictionary<string, string> { ["PATH"] = path }, TimeSpan.FromMilliseconds(300), default).ShouldSay(ImageCodes.BadLogin, "did not answer");
        await LoginProgram.Get("none", "x", new Dictionary<string, string> { ["PATH"] = path }, TimeSpan.FromSeconds(5), default).ShouldSay(ImageCodes.BadLogin, "“docker-credential-none” is not there");
    }

    [Theory]
    [InlineData("nonsense", "no JSON")]
    [InlineData("""{"auths":{"HOST":{"auth":"not base 64!"}}}""", "base 64")]
    [InlineData("""{"auths":{"HOST":{"auth":"YWRh"}}}""", "base 64")]
    public async Task A_file_of_logins_that_cannot_be_read_is_said(string text, string words)
    {
        await using var registry = Basic();
        Write(".docker/config.json", text.Replace("HOST", registry.Host));
        await using var place = Open(registry);
        await place.FindManifest("1", default).ShouldSay(ImageCodes.BadLogin, words, ".docker/config.json");
    }

    [Fact]
    public async Task The_login_does_not_follow_a_blob_to_another_host()
    {
        await using var registry = Basic();
        await using var storage = new TestRegistry();
        var leaked = new ConcurrentQueue<string>();
        storage.Before = request =>
        {
            if (request.Headers.TryGetValue("Authorization", out var login)) leaked.Enqueue(login);
            return Task.FromResult<TinyAnswer?>(new TinyAnswer(200, _image.Blobs[0].Bytes));
        };
        LogIn(registry);
        var guard = registry.Before;
        registry.Before = async request => await guard(request) ?? (request.Method == "GET" && request.Path.Contains("/blobs/") ? new TinyAnswer(307).With("Location", $"http://{storage.Host}/bucket/x?signature=1") : null);
        await using var place = Open(registry);
        await _image.PutInto(place, "1");
        (await RegistryPlaceTests.Read(place, _image.Blobs[0].Blob)).ShouldBe(_image.Blobs[0].Bytes);
        storage.Log.ShouldBe(["GET /bucket/x"]);
        leaked.ShouldBeEmpty();
    }

    [Fact]
    public async Task Redirects_in_a_circle_end()
    {
        await using var registry = new TestRegistry();
        registry.Trouble(request => request.Path.Contains("/blobs/"), 100, request => new TinyAnswer(307).With("Location", request.Path));
        await using var place = Open(registry);
        await RegistryPlaceTests.Read(place, _image.Blobs[0].Blob).ShouldSay(ImageCodes.NotARegistry, "without end");
    }

    [Theory]
    [InlineData("Bearer realm=\"https://a/t\",service=\"s, t\",scope=\"repository:x:pull,push\"", "Bearer", "https://a/t", "s, t")]
    [InlineData("Basic realm=\"x\", Bearer realm=\"https://a/t\" , service=s", "Bearer", "https://a/t", "s")]
    [InlineData("Negotiate, Basic realm=a\\b", "Basic", "a\\b", null)]
    [InlineData("bearer realm=\"a\\\"b\"", "bearer", "a\"b", null)]
    public void Challenges_are_read(string header, string scheme, string realm, string? service)
    {
        var challenge = Challenge.Choose([header])!;
        (challenge.Scheme, challenge["realm"], challenge["service"]).ShouldBe((scheme, realm, service));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Negotiate")]
    [InlineData("=,=\"")]
    public void What_cannot_be_met_is_no_challenge(string header) => Challenge.Choose([header]).ShouldBeNull();
}
