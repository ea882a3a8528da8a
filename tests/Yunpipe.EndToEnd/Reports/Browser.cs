using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Yunpipe.EndToEnd.Reports;

/// <summary>What a browser made of a page.</summary>
/// <param name="Dom">The document after loading, as HTML.</param>
/// <param name="Requests">Addresses beyond the page itself that were asked for; pictures inside the page are none.</param>
/// <param name="Console">What the page's console says: script errors, refused requests.</param>
internal sealed record Visit(string Dom, IReadOnlyList<string> Requests, IReadOnlyList<string> Console);

/// <summary>Headless Chromium that finds no other host: Debian's package, installed where these tests run as root and it is absent.</summary>
internal static class Browser
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly Lazy<string?> Executable = new(FindOrInstall);

    public static Visit Open(string page)
    {
        using var folder = new ScratchFolder();
        var log = Path.Combine(folder.Root, "net.json");
        var (dom, said) = Run(folder, page, "--dump-dom", $"--log-net-log={log}", "--net-log-capture-mode=Everything");
        return new Visit(dom, Requests(log), [.. said.Split('\n').Where(line => line.Contains(":CONSOLE", StringComparison.Ordinal))]);
    }

    /// <summary>A picture of the page's first window, as PNG.</summary>
    public static byte[] Photograph(string page, bool dark, int width, int height)
    {
        using var folder = new ScratchFolder();
        var picture = Path.Combine(folder.Root, "page.png");
        Run(folder, page, $"--screenshot={picture}", $"--window-size={width},{height}", "--hide-scrollbars", $"--blink-settings=preferredColorScheme={(dark ? 0 : 1)}");
        return File.ReadAllBytes(picture);
    }

    private static (string Out, string Error) Run(ScratchFolder folder, string page, params string[] further)
    {
        if (Executable.Value is not { } chromium)
        {
            Assert.Skip("There is no chromium here, and only root can install it.");
            throw new UnreachableException();
        }
        string[] quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", "--disable-extensions", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--enable-logging=stderr", $"--user-data-dir={folder.Folder("profile")}"];
        var (code, output, error) = Command(chromium, [.. quiet, .. further, new Uri(page).AbsoluteUri]);
        code.ShouldBe(0, error);
        return (output, error);
    }

    /// <summary>Every address that the network stack began to ask for on behalf of the page; what the browser asks for itself has no file behind it.</summary>
    private static List<string> Requests(string log)
    {
        using var read = JsonDocument.Parse(File.ReadAllBytes(log));
        var addresses = new List<string>();
        foreach (var happened in read.RootElement.GetProperty("events").EnumerateArray())
            if (happened.TryGetProperty("params", out var details) && details.ValueKind == JsonValueKind.Object && details.TryGetProperty("url", out var url)
                && details.TryGetProperty("network_isolation_key", out var top) && top.GetString()!.StartsWith("file:", StringComparison.Ordinal))
                addresses.Add(url.GetString()!);
        return addresses;
    }

    private static string? FindOrInstall()
    {
        if (Find() is { } found) return found;
        if (Environment.UserName != "root" || !File.Exists("/usr/bin/apt-get")) return null;
        Command("apt-get", ["install", "-y", "-q", "--no-install-recommends", "chromium", "fonts-liberation"], TimeSpan.FromMinutes(10));
        return Find();
    }

    private static string? Find() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .SelectMany(folder => (string[])[Path.Combine(folder, "chromium"), Path.Combine(folder, "chromium-browser")]).FirstOrDefault(File.Exists);

    private static (int Code, string Out, string Error) Command(string file, IEnumerable<string> arguments, TimeSpan? patience = null)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8 };
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(patience ?? Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{file} did not end in time.");
        }
        return (process.ExitCode, output.Result, error.Result);
    }
}
