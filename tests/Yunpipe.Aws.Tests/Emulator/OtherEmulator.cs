using System.Diagnostics;
using Yunpipe.Aws.Connection;
using Yunpipe.Tests;

[assembly: AssemblyFixture(typeof(Yunpipe.Aws.Tests.Emulator.OtherEmulator))]

namespace Yunpipe.Aws.Tests.Emulator;

/// <summary>An S3 and SQS that others wrote (tests/aws-emulator), started once for all tests that ask for it. It knows no conditions on writes.</summary>
public sealed class OtherEmulator : IDisposable
{
    private readonly Lazy<string?> _url;
    private Process? _process;

    public OtherEmulator() => _url = new Lazy<string?>(Start);

    /// <summary>Skips the test where the emulator cannot be started, as on a machine without node.</summary>
    public AwsConnection Connect()
    {
        if (_url.Value is not { } url)
        {
            Assert.Skip("The emulator in tests/aws-emulator could not be started: it needs node and npm.");
            return null!;
        }
        return new AwsConnection(new Dictionary<string, string> { ["AWS_ENDPOINT_URL"] = url, ["AWS_REGION"] = "us-east-1", ["AWS_ACCESS_KEY_ID"] = "test", ["AWS_SECRET_ACCESS_KEY"] = "test" });
    }

    public void Dispose()
    {
        if (_process is null) return;
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5000)) _process.Kill();
        _process.Dispose();
    }

    private string? Start()
    {
        var folder = Path.Combine(Golden.Root, "tests/aws-emulator");
        try
        {
            if (!Directory.Exists(Path.Combine(folder, "node_modules")))
                using (var install = Process.Start(new ProcessStartInfo("npm", ["ci", "--silent"]) { WorkingDirectory = folder, RedirectStandardOutput = true })!) install.WaitForExit();
            _process = Process.Start(new ProcessStartInfo("node", ["start.mjs"]) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
            return _process.StandardOutput.ReadLine();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
