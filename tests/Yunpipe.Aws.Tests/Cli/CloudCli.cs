using System.Diagnostics;
using Yunpipe.Aws.Connection;
using Yunpipe.Aws.Stores;
using Yunpipe.Aws.Tests.Emulator;

namespace Yunpipe.Aws.Tests.Cli;

/// <summary>A bucket as its tests use it.</summary>
internal sealed record CliBucket(S3Bucket Bucket, AwsConnection Connection) : IDisposable
{
    public string Name => Bucket.Name;

    public Task Put(string key, string text) => Bucket.Put(key, System.Text.Encoding.UTF8.GetBytes(text), default);

    public async Task<string?> Text(string key) => await Bucket.Get(key, default) is { } found ? System.Text.Encoding.UTF8.GetString(found.Bytes) : null;

    public void Dispose() => Connection.Dispose();
}

/// <summary>The published <c>yunpipe</c> in an own folder, with a small AWS in its environment.</summary>
internal sealed class CloudCli : IAsyncDisposable
{
    private readonly string _bin;

    private readonly bool _own;

    /// <param name="aws">That of somebody else; null for one of its own.</param>
    public CloudCli(SmallAws? aws = null)
    {
        (Aws, _own) = (aws ?? new SmallAws(), aws is null);
        _bin = Environment.GetEnvironmentVariable("YUNPIPE_BIN") ?? "";
        Assert.SkipUnless(File.Exists(Path.Combine(_bin, "yunpipe")), "YUNPIPE_BIN does not say where the published yunpipe lies.");
        Folder = Directory.CreateTempSubdirectory("yunpipe-cloud-").FullName;
        foreach (var (name, script) in ((string, string)[])[("upper", "tr a-z A-Z <\"$1\" >\"$2\""), ("mark", "{ cat \"$1\"; echo '!'; } >\"$2\"")])
        {
            var path = Path.Combine(Folder, name + ".sh");
            File.WriteAllText(path, $"#!/bin/sh\necho {name} >>{Folder}/ran\n{script}\n");
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            File.WriteAllText(Path.Combine(Folder, name + ".yaml"), $"{{name: {name}, command: [{name}.sh, \"${{image}}\", \"${{out}}/${{stem}}.{name}\"], inputs: [image], outputs: {{out: \"${{stem}}.{name}\"}}}}\n");
        }
        File.WriteAllText(Path.Combine(Folder, "workflow.yaml"), "{input: ./in, steps: [{name: upper, algorithm: ./upper.yaml}, {name: mark, algorithm: ./mark.yaml}], output: ./out}\n");
    }

    public SmallAws Aws { get; }
    public string Folder { get; }

    /// <summary>How many processes of algorithms have run since it was asked last.</summary>
    public int Ran()
    {
        var file = Path.Combine(Folder, "ran");
        if (!File.Exists(file)) return 0;
        var count = File.ReadLines(file).Count();
        File.Delete(file);
        return count;
    }

    public void Put(string bucket, string key, string text) => Aws.S3.Bucket(bucket).Put(key, [System.Text.Encoding.UTF8.GetBytes(text)]);

    public string? Object(string bucket, string key) => Aws.S3.Bucket(bucket).Find(key) is { } found ? System.Text.Encoding.UTF8.GetString(found.ToArray()) : null;

    /// <summary>A bucket of this test, wherever S3 is.</summary>
    public async Task<CliBucket> Bucket(string name)
    {
        var connection = Aws.Connect();
        var bucket = new S3Bucket(connection.S3(), $"{name}-{Guid.NewGuid():N}"[..30]);
        await bucket.Client.PutBucketAsync(new Amazon.S3.Model.PutBucketRequest { BucketName = bucket.Name });
        return new CliBucket(bucket, connection);
    }

    public string? Text(string path) => File.Exists(Path.Combine(Folder, path)) ? File.ReadAllText(Path.Combine(Folder, path)) : null;

    public Task<(int Exit, string Out, string Error)> Do(params string[] words) => Run(Path.Combine(_bin, "yunpipe"), words);

    /// <summary>A line as a person types it.</summary>
    public Task<(int Exit, string Out, string Error)> Shell(string line) => Run("sh", ["-c", line]);

    public async ValueTask DisposeAsync()
    {
        if (_own) await Aws.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>A command that goes on until the test ends it; what it writes is for the test to read. Tests that run in the background hear no Ctrl-C, and would hand that on.</summary>
    public Process Start(params string[] words) => Process.Start(Told("env", ["--default-signal=INT", Path.Combine(_bin, "yunpipe"), .. words]))!;

    private async Task<(int, string, string)> Run(string file, string[] words)
    {
        using var process = Process.Start(Told(file, words))!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await output, await error);
    }

    private ProcessStartInfo Told(string file, string[] words)
    {
        var start = new ProcessStartInfo(file, words) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in Aws.Environment) start.Environment[name] = value;
        start.Environment["PATH"] = $"{_bin}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["XDG_CACHE_HOME"] = Path.Combine(Folder, "cache");
        return start;
    }
}
