using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Yunpipe.Images;
using Yunpipe.Images.Registries;

namespace Yunpipe.Tests;

public sealed class RegistryTlsTests : IDisposable
{
    private readonly ImageScratch _home = new();
    private readonly SampleImage _image = new();
    private readonly X509Certificate2 _authority, _server;

    public RegistryTlsTests()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        _server = Sign("localhost");
    }

    public void Dispose()
    {
        _home.Dispose();
        _authority.Dispose();
        _server.Dispose();
    }

    private X509Certificate2 Sign(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(_authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }

    private ImagePlace Open(TestRegistry registry, string? ca = null) =>
        registry.Open("lab/x", settings: registry.Settings with { CaFile = ca, Environment = new Dictionary<string, string> { ["HOME"] = _home.Root } });

    private string Ca(string path = "ca.crt")
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_home.At(path))!);
        File.WriteAllText(_home.At(path), _authority.ExportCertificatePem());
        return _home.At(path);
    }

    [Fact]
    public async Task An_authority_of_ones_own_is_believed_when_it_is_named()
    {
        await using var registry = new TestRegistry(_server);
        await using var place = Open(registry, Ca());
        await _image.PutInto(place, "1");
        await _image.ShouldBeIn(place, "1");
    }

    [Theory]
    [InlineData(".config/containers/certs.d")]
    [InlineData(".config/docker/certs.d")]
    public async Task The_folders_of_docker_and_podman_are_looked_at(string folder)
    {
        await using var registry = new TestRegistry(_server);
        Ca($"{folder}/{registry.Host}/ca.crt");
        await using var place = Open(registry);
        (await place.FindManifest("1", default)).ShouldBeNull();
    }

    [Fact]
    public async Task A_certificate_of_nobody_or_of_another_name_is_not_believed_nor_gone_around()
    {
        await using (var registry = new TestRegistry(_server))
        await using (var place = Open(registry))
        {
            await place.FindManifest("1", default).ShouldSay(ImageCodes.NotTrusted, "--ca");
            registry.Log.ShouldBeEmpty();
        }
        using var other = Sign("other.org");
        await using (var registry = new TestRegistry(other))
        await using (var place = Open(registry, Ca()))
        {
            await place.FindManifest("1", default).ShouldSay(ImageCodes.NotTrusted);
            registry.Log.ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task Plain_http_is_spoken_with_this_machine_only_unless_asked()
    {
        await using var registry = new TestRegistry();
        await using (var place = Open(registry)) (await place.FindManifest("1", default)).ShouldBeNull();
        // Any address of this machine that is not loopback is another machine to a client.
        new RegistryAddress("localhost:5000").IsLoopback.ShouldBeTrue();
        new RegistryAddress("127.0.0.1:5000").IsLoopback.ShouldBeTrue();
        new RegistryAddress("[::1]:5000").IsLoopback.ShouldBeTrue();
        new RegistryAddress("registry.org").IsLoopback.ShouldBeFalse();
        new RegistryAddress("localhost.evil.org").IsLoopback.ShouldBeFalse();
        new RegistryAddress("127.0.0.1.evil.org").IsLoopback.ShouldBeFalse();
    }

    [Fact]
    public async Task A_token_server_without_encryption_gets_no_login()
    {
        await using var registry = new TestRegistry(_server);
        await using var tokens = new TestRegistry();
        Directory.CreateDirectory(_home.At(".docker"));
        File.WriteAllText(_home.At(".docker/config.json"), $$$"""{"auths":{"{{{registry.Host}}}":{"auth":"YWRhOmI="} } }""");
        registry.Trouble(_ => true, 100, _ => new TinyAnswer(401).With("WWW-Authenticate", $"Bearer realm=\"http://{tokens.Host}/token\""));
        await using var place = Open(registry, Ca());
        await place.FindManifest("1", default).ShouldSay(ImageCodes.PlainHttp, "unprotected");
        tokens.Log.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_blob_that_is_sent_for_without_encryption_is_not_fetched()
    {
        await using var registry = new TestRegistry(_server);
        await using var storage = new TestRegistry();
        registry.Trouble(request => request.Path.Contains("/blobs/"), 100, _ => new TinyAnswer(307).With("Location", $"http://{storage.Host}/x"));
        await using var place = Open(registry, Ca());
        await RegistryPlaceTests.Read(place, _image.Config).ShouldSay(ImageCodes.PlainHttp);
        storage.Log.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(null, "ca.pem")]
    [InlineData("nonsense", "no certificate")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "ca.pem")]
    public async Task A_certificate_file_that_cannot_be_used_is_said(string? content, string words)
    {
        await using var registry = new TestRegistry(_server);
        if (content is not null) File.WriteAllText(_home.At("ca.pem"), content);
        await Task.Run(() => Open(registry, _home.At("ca.pem"))).ShouldSay(ImageCodes.BadCertificate, words);
    }
}
