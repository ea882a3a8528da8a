using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Yunpipe.Aws.Tests.Work;

/// <summary>The agent as a worker: a process of this machine, told by its environment as in a task definition. The static executable where it was built.</summary>
internal sealed class WorkingAgent : IDisposable
{
    private readonly Process _process;
    private readonly List<JsonObject> _lines = [];
    private readonly Task _reading;

    /// <param name="listens">False for a log that nobody reads before the end.</param>
    public WorkingAgent(DeploymentBench bench, IReadOnlyDictionary<string, string>? more = null, bool listens = true)
    {
        var built = Path.Combine(Environment.GetEnvironmentVariable("YUNPIPE_BIN") ?? "/nowhere", "yunpipe-agent");
        var start = File.Exists(built) ? new ProcessStartInfo(built, ["work"]) : new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "yunpipe-agent.dll"), "work"]);
        IsStatic = File.Exists(built);
        start.RedirectStandardOutput = true;
        foreach (var (name, value) in bench.Aws.Environment) start.Environment[name] = value;
        foreach (var (name, value) in new Dictionary<string, string>
                 {
                     ["YUNPIPE_DEPLOYMENT"] = bench.DeploymentPlace, ["YUNPIPE_STEP"] = "work", ["YUNPIPE_QUEUE_URL"] = bench.QueueUrl, ["YUNPIPE_IDLE"] = "1",
                     ["YUNPIPE_SCRATCH"] = Path.Combine(bench.Folder, "scratch " + Guid.NewGuid().ToString("N")[..6]), ["ECS_CONTAINER_METADATA_URI_V4"] = "http://169.254.170.2/v4/x",
                 }) start.Environment[name] = value;
        foreach (var (name, value) in more ?? new Dictionary<string, string>()) start.Environment[name] = value;
        _process = Process.Start(start)!;
        _reading = listens ? Read() : Task.CompletedTask;
    }

    /// <summary>True for the executable that goes into images; false for the one that the runtime of this machine runs.</summary>
    public bool IsStatic { get; }

    /// <summary>Bytes of memory of its own, now: without pages of its executable, which the kernel drops when it needs them.</summary>
    public long Memory => long.Parse(File.ReadLines($"/proc/{_process.Id}/status").Single(line => line.StartsWith("RssAnon:", StringComparison.Ordinal)).Split(':')[1].Replace("kB", "", StringComparison.Ordinal).Trim(), System.Globalization.CultureInfo.InvariantCulture) << 10;

    public IReadOnlyList<JsonObject> Lines
    {
        get
        {
            lock (_lines) return [.. _lines];
        }
    }

    public void Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>The exit code, once it has ended.</summary>
    public async Task<int> Ended()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await _process.WaitForExitAsync(patience.Token);
        await _reading;
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private async Task Read()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
            lock (_lines) _lines.Add(JsonNode.Parse(line)!.AsObject());
    }
}
