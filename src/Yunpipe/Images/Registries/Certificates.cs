using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Yunpipe.Images.Registries;

/// <summary>Whom a registry's certificate is believed from: the machine's authorities, the file that was named, and the folders where docker and podman keep
/// authorities (<c>*.crt</c>) and client certificates (<c>*.cert</c> with <c>*.key</c>) for each registry.</summary>
internal sealed class Certificates
{
    private readonly X509Certificate2Collection _authorities = [];

    /// <summary>Set where a certificate was seen and not believed: the other side does speak TLS.</summary>
    public bool Refused { get; private set; }

    public SslClientAuthenticationOptions Options { get; } = new();

    public static Certificates For(RegistryAddress registry, ImagePlaceSettings settings)
    {
        var certificates = new Certificates();
        var clients = new X509Certificate2Collection();
        if (settings.CaFile is { } asked) certificates.Load(asked);
        foreach (var folder in Folders(registry, settings.Environment).Where(Directory.Exists))
        {
            foreach (var file in Directory.EnumerateFiles(folder, "*.crt").Order(StringComparer.Ordinal)) certificates.Load(file);
            foreach (var file in Directory.EnumerateFiles(folder, "*.cert").Order(StringComparer.Ordinal)) clients.Add(Client(file));
        }
        if (clients.Count > 0) certificates.Options.ClientCertificates = clients;
        certificates.Options.RemoteCertificateValidationCallback = certificates.Believes;
        return certificates;
    }

    private static IEnumerable<string> Folders(RegistryAddress registry, IReadOnlyDictionary<string, string> environment)
    {
        if (environment.GetValueOrDefault("HOME") is { Length: > 0 } home)
        {
            yield return Path.Combine(home, ".config/containers/certs.d", registry.Name);
            yield return Path.Combine(home, ".config/docker/certs.d", registry.Name);
        }
        yield return Path.Combine("/etc/containers/certs.d", registry.Name);
        yield return Path.Combine("/etc/docker/certs.d", registry.Name);
    }

    private void Load(string file)
    {
        try
        {
            var before = _authorities.Count;
            _authorities.ImportFromPemFile(file);
            if (_authorities.Count == before) throw Bad(file, "it holds no certificate");
        }
        catch (Exception error) when (error is CryptographicException || DiskTrouble.Is(error))
        {
            throw Bad(file, error.Message.TrimEnd('.'));
        }
    }

    private static X509Certificate2 Client(string file)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(file, Path.ChangeExtension(file, ".key"));
        }
        catch (Exception error) when (error is CryptographicException || DiskTrouble.Is(error))
        {
            throw Bad(file, error.Message.TrimEnd('.'));
        }
    }

    private bool Believes(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None) return true;
        // A name that does not fit is wrong whoever signed it.
        var believed = errors == SslPolicyErrors.RemoteCertificateChainErrors && _authorities.Count > 0 && certificate is X509Certificate2 seen && chain is not null && SignedByOurs(seen, chain);
        Refused |= !believed;
        return believed;
    }

    private bool SignedByOurs(X509Certificate2 certificate, X509Chain sent)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        // What the server sent along lies between its certificate and the authority.
        foreach (var element in sent.ChainElements) chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    private static ImageException Bad(string file, string why) => new(ImageCodes.BadCertificate, $"The certificate file “{file}” cannot be used: {why}.", "It must be PEM text: -----BEGIN CERTIFICATE-----.");
}
