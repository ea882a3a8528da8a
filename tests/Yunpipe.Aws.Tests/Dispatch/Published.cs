using System.Diagnostics;
using Yunpipe.Tests;

namespace Yunpipe.Aws.Tests.Dispatch;

/// <summary>The published dispatcher as a process of its own, as Lambda starts it.</summary>
internal sealed class Published : IDisposable
{
    private readonly Process _process;

    public Published(CloudBench bench)
    {
        var folder = Environment.GetEnvironmentVariable("YUNPIPE_BIN") ?? Path.Combine(Golden.Root, "artifacts/bin");
        var start = new ProcessStartInfo(Path.Combine(folder, "bootstrap")) { RedirectStandardOutput = true };
        foreach (var (name, value) in bench.Environment) start.Environment[name] = value;
        start.Environment["TMPDIR"] = bench.Local.Folder;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is not null)
                lock (Lines) Lines.Add(line.Data);
        };
        _process.BeginOutputReadLine();
    }

    public List<string> Lines { get; } = [];

    /// <summary>The most memory that it has had, in bytes.</summary>
    public long Peak => File.ReadLines($"/proc/{_process.Id}/status").Where(line => line.StartsWith("VmHWM", StringComparison.Ordinal))
        .Select(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) * 1024).First();

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
