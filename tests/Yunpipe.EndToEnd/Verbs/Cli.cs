using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Yunpipe.EndToEnd.Verbs;

/// <summary>What the command said.</summary>
internal sealed record Said(int Exit, string Out, string Error)
{
    public JsonElement Json() => JsonDocument.Parse(Out.Split('\n')[0]).RootElement;
}

/// <summary>A folder with two steps over four texts of which one cannot be read, and the published command in it.</summary>
internal sealed partial class Cli : IDisposable
{
    private readonly ScratchFolder _scratch = new();

    public Cli()
    {
        Published.Find("yunpipe-agent");
        foreach (var name in (string[])["a", "b", "c"]) Put($"in/{name}.txt", $"content {name}\n");
        Put("in/bad one.txt", "bad\n");
        Put("copy.yaml", """
            name: copy
            command: [sh, -c, 'echo "copying"; if grep -q bad "$1"; then echo "cannot read it" >&2; exit 3; fi; cp "$1" "$2"; echo "$$SIGMA" >> "$2"', sh, "${image}", "${out}/${stem}.copy"]
            inputs: [image]
            outputs: {out: "${stem}.copy"}
            variables: {sigma: {type: number, default: 1}}
            environment: {SIGMA: "${sigma}"}
            exitCodes: {3: {kind: permanent, says: The file is bad}}
            """);
        Put("upper.yaml", """
            name: upper
            command: [sh, -c, 'tr a-z A-Z < "$1" > "$2"', sh, "${image}", "${out}/${stem}.upper"]
            inputs: [image]
            outputs: {out: "${stem}.upper"}
            """);
        Put("wf.yaml", """
            name: letters
            input: {location: ./in, pattern: "{name}.txt"}
            steps:
              - {name: copy, algorithm: ./copy.yaml}
              - {name: upper, algorithm: ./upper.yaml}
            output: ./out
            """);
    }

    public string Root => _scratch.Root;

    public void Put(string path, string text)
    {
        var full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    public string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    public bool Has(string path) => Path.Exists(Path.Combine(Root, path));

    /// <summary>Every file of the folder, without what is Yunpipe's own and without its reports.</summary>
    public IReadOnlyList<string> Files(string folder) => [.. Directory.EnumerateFiles(Path.Combine(Root, folder), "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Root, file)).Where(file => !file.Contains("/_yunpipe/", StringComparison.Ordinal) && Path.GetFileName(file) is not ("report.html" or "trace.csv")).Order(StringComparer.Ordinal)];

    public Said Do(params string[] arguments) => Type("", arguments);

    public Said Type(string input, params string[] arguments)
    {
        var start = new ProcessStartInfo(Published.Find("yunpipe"), arguments) { WorkingDirectory = Root, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["SHELL"] = "/bin/sh";
        start.Environment["TMPDIR"] = _scratch.Folder("tmp");
        using var process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Said(process.ExitCode, text, error.Result);
    }

    /// <summary>A transcript for a golden file: each command with its exit code and what it said, without what differs from run to run.</summary>
    public string Transcript(params string[][] commands) => string.Concat(commands.Select(command =>
    {
        var said = Do(command);
        return $"$ yunpipe {string.Join(' ', command)}   → {said.Exit}\n{Steady(said.Out)}{(said.Error.Length > 0 ? Steady(said.Error) : "")}\n";
    }));

    /// <summary>Folders, ids, times and memory as words.</summary>
    public string Steady(string text)
    {
        text = TemporaryFolder().Replace(text.Replace(Root, "ROOT", StringComparison.Ordinal), "TEMP");
        text = JobId().Replace(MemoryFolder().Replace(text, "MEMORY"), "JOB");
        text = AttemptId().Replace(text, "ATTEMPT");
        text = JsonTime().Replace(text, "\"$1\":0");
        return Memory().Replace(Seconds().Replace(text, "TIME"), "at most MEMORY");
    }

    public void Dispose() => _scratch.Dispose();

    [GeneratedRegex(@"ROOT/tmp/yunpipe-[A-Za-z0-9-]+")]
    private static partial Regex TemporaryFolder();

    [GeneratedRegex("/dev/shm/yunpipe-[0-9a-f]{16}")]
    private static partial Regex MemoryFolder();

    [GeneratedRegex(@"\b[a-z2-7]{32}\b")]
    private static partial Regex JobId();

    [GeneratedRegex(@"\b1[0-9a-f]{10}-\d+\b")]
    private static partial Regex AttemptId();

    [GeneratedRegex("\"(started|ended|seconds|secondsSpent|peakMemory|pid)\":[0-9.e-]+")]
    private static partial Regex JsonTime();

    [GeneratedRegex(@"\d+(\.\d+)? m?s\b")]
    private static partial Regex Seconds();

    [GeneratedRegex(@"at most [0-9.]+ [KM]iB")]
    private static partial Regex Memory();
}
