using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Yunpipe.EndToEnd.Containers;

namespace Yunpipe.EndToEnd.Wrapping;

/// <summary>Debian's docker-registry on a port of this machine: with a user and a password, and with certificates of an authority of its own where asked.</summary>
internal sealed class PrivateRegistry : IDisposable
{
    private const string Program = "/usr/bin/docker-registry", User = "lab", Password = "secret";

    /// <summary>bcrypt of the password: the registry takes no other hash.</summary>
    private const string Hash = "lab:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a";

    private readonly ScratchFolder _scratch = new();
    private readonly Process _process;
    private readonly HttpClient _client;
    private readonly StringBuilder _said = new();

    public PrivateRegistry(bool tls = false)
    {
        if (!File.Exists(Program))
        {
            Engines.Variables.GetValueOrDefault("YUNPIPE_ENGINES", "").ShouldBeEmpty($"{Program} is not there: tests/containers/setup.sh installs it.");
            Assert.Skip($"{Program} is not there (tests/containers/setup.sh installs it).");
        }
        var port = FreePort();
        Host = $"127.0.0.1:{port}";
        File.WriteAllText(Path.Combine(_scratch.Root, "htpasswd"), Hash + "\n");
        if (tls) WriteCertificates();
        var login = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"));
        // Both engines and Yunpipe read this form.
        File.WriteAllText(Path.Combine(_scratch.Folder("docker"), "config.json"), $$"""{"auths": {"{{Host}}": {"auth": "{{login}}"} } }""");
        File.WriteAllText(Path.Combine(_scratch.Root, "registries.conf"), $"[[registry]]\nlocation = \"{Host}\"\ninsecure = true\n");
        File.WriteAllText(Path.Combine(_scratch.Root, "config.yml"), $$"""
            version: 0.1
            log:
              level: warn
            storage:
              filesystem:
                rootdirectory: {{_scratch.Folder("data")}}
            http:
              addr: {{Host}}
            {{(tls ? $"  tls:\n    certificate: {_scratch.Root}/server.pem\n    key: {_scratch.Root}/server.key" : "")}}
            auth:
              htpasswd:
                realm: tests
                path: {{_scratch.Root}}/htpasswd
            """);
        _process = Process.Start(new ProcessStartInfo(Program, ["serve", Path.Combine(_scratch.Root, "config.yml")]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _process.ErrorDataReceived += (_, line) => _said.AppendLine(line.Data);
        _process.BeginErrorReadLine();
        _process.OutputDataReceived += (_, line) => _said.AppendLine(line.Data);
        _process.BeginOutputReadLine();
        var handler = new SocketsHttpHandler();
        if (tls)
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { X509Certificate2.CreateFromPem(File.ReadAllText(CaFile)) }, RevocationMode = X509RevocationMode.NoCheck,
            };
        _client = new HttpClient(handler) { BaseAddress = new Uri($"{(tls ? "https" : "http")}://{Host}") };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", login);
        WaitUntilItAnswers();
    }

    /// <summary>As it stands in references.</summary>
    public string Host { get; }

    /// <summary>The authority's certificate.</summary>
    public string CaFile => Path.Combine(_scratch.Root, "ca.pem");

    /// <summary>What engines and Yunpipe need to be let in.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["DOCKER_CONFIG"] = Path.Combine(_scratch.Root, "docker"), ["REGISTRY_AUTH_FILE"] = Path.Combine(_scratch.Root, "docker/config.json"),
        ["CONTAINERS_REGISTRIES_CONF"] = Path.Combine(_scratch.Root, "registries.conf"),
    };

    /// <summary>The digest that the registry gives for a tag, and the manifest's own words.</summary>
    public (string Digest, JsonElement Manifest) Manifest(string repository, string tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v2/{repository}/manifests/{tag}");
        foreach (var type in Yunpipe.Images.MediaTypes.Documents) request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        using var response = _client.Send(request);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, $"{repository}:{tag}");
        using var document = JsonDocument.Parse(response.Content.ReadAsStream());
        return (response.Headers.GetValues("Docker-Content-Digest").Single(), document.RootElement.Clone());
    }

    /// <summary>Runs an engine's client, let in.</summary>
    public string Ask(string engine, params string[] arguments)
    {
        var start = new ProcessStartInfo(engine, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in Environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, $"{engine} {string.Join(' ', arguments)}\n{output}{errors.Result}");
        return output.Trim();
    }

    public void Dispose()
    {
        _client.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _scratch.Dispose();
    }

    private void WaitUntilItAnswers()
    {
        var patience = Stopwatch.StartNew();
        while (true)
            try
            {
                using var response = _client.Send(new HttpRequestMessage(HttpMethod.Get, "/v2/"));
                response.StatusCode.ShouldBe(HttpStatusCode.OK);
                return;
            }
            catch (HttpRequestException error)
            {
                if (_process.HasExited || patience.Elapsed > TimeSpan.FromMinutes(1)) throw new InvalidOperationException($"The registry does not answer:\n{_said}", error);
                Task.Delay(50).Wait();
            }
    }

    private void WriteCertificates()
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest("CN=authority of a test", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var root = authority.CreateSelfSigned(from, to);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var server = request.Create(root, from, to, [1, 2, 3, 4]);
        File.WriteAllText(CaFile, root.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_scratch.Root, "server.pem"), server.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_scratch.Root, "server.key"), key.ExportECPrivateKeyPem());
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
