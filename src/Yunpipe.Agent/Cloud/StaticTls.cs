using System.Runtime.InteropServices;

namespace Yunpipe.Agent.Cloud;

/// <summary>OpenSSL is linked into the agent, and images have their certificates anywhere or nowhere: the agent brings its own. It says so in the native environment
/// alone, after ours was copied, so that no process of an algorithm sees it.</summary>
internal static partial class StaticTls
{
    private const string Certificates = "/opt/yunpipe/ca.pem";

    public static void Prepare()
    {
        // A configuration of the image's OpenSSL is for another build.
        _ = setenv("OPENSSL_CONF", "/dev/null", 1);
        if (File.Exists(Certificates)) _ = setenv("SSL_CERT_FILE", Certificates, 1);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
