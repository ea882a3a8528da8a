using System.Diagnostics;
using System.Text.RegularExpressions;
using Yunpipe.Tests;

namespace Yunpipe.EndToEnd.Cli;

/// <summary>How a command ended.</summary>
internal sealed record Said(int Exit, string Out, string Error)
{
    public string All => Out + Error;

    /// <summary>What went wrong where a test wants to see it.</summary>
    public override string ToString() => $"exit code {Exit}\n{Out}{Error}";
}

/// <summary>A folder with images, algorithms and workflows, in which the published command is run as a person would.</summary>
internal sealed partial class CommandBench : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly string _command = Published.Find("yunpipe");
    private readonly ScratchFolder _scratch = new();

    public CommandBench() => _ = Published.Agent;

    public string Root => _scratch.Root;

    public string Command => _command;

    public string At(string path) => Path.Combine(Root, path);

    public string Text(string path) => File.ReadAllText(At(path));

    public CommandBench Put(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), text);
        return this;
    }

    /// <summary>Three small “images” and two steps: one makes them loud, as often as its variable says, the other counts their letters.</summary>
    public CommandBench WithTwoSteps(string more = "")
    {
        foreach (var name in (string[])["a", "b", "c"]) Put($"in/{name}.txt", $"image {name}\n");
        Put("shout.yaml", """
            name: shout
            command: [sh, -c, 'for i in $$(seq $$2); do tr a-z A-Z < "$$1"; done > "$$3"', sh, '${image}', '${times}', '${out}/${stem}.loud']
            inputs: [image]
            outputs: {loud: '${stem}.loud'}
            variables: {times: {type: integer, default: 1, minimum: 1}}

            """);
        Put("count.yaml", """
            name: count
            command: [sh, -c, 'wc -c < "$$1" > "$$2"', sh, '${image}', '${out}/${stem}.count']
            inputs: [image]
            outputs: {count: '${stem}.count'}

            """);
        return Put("workflow.yaml", $"name: demo\ninput: {{location: ./in, pattern: '{{name}}.txt'}}\nsteps:\n  - {{name: shout, algorithm: ./shout.yaml}}\n  - {{name: count, algorithm: ./count.yaml}}\noutput: ./out\n{more}");
    }

    /// <summary>One step made of a shell script, which sees the input as <c>$1</c> and where to write as <c>$2</c>.</summary>
    public CommandBench WithScript(string script, string retry = "1", string more = "")
    {
        Put("work.sh", script);
        Put("work.yaml", $"name: work\ncommand: [sh, '${{script}}', '${{image}}', '${{out}}/${{stem}}.out']\ninputs: [image]\noutputs: {{out: '${{stem}}.out'}}\nvariables: {{script: {{type: file, default: ./work.sh}}}}\nretry: {retry}\n");
        return Put("workflow.yaml", $"name: demo\ninput: ./in\nsteps: [{{name: work, algorithm: ./work.yaml}}]\noutput: ./out\n{more}");
    }

    public Process Start(params IReadOnlyList<string> words) => Start(new Dictionary<string, string>(), words);

    /// <param name="environment">Set for the command, beside what there is.</param>
    public Process Start(IReadOnlyDictionary<string, string> environment, params IReadOnlyList<string> words)
    {
        // Tests that are started in the background hear no Ctrl-C, and would hand that on.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", _command, .. words]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = Root };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Runs <c>yunpipe</c> to its end.</summary>
    public async Task<Said> Yunpipe(params IReadOnlyList<string> words)
    {
        using var process = Start(words);
        return await End(process);
    }

    public async Task<Said> Yunpipe(IReadOnlyDictionary<string, string> environment, params IReadOnlyList<string> words)
    {
        using var process = Start(environment, words);
        return await End(process);
    }

    public static async Task<Said> End(Process process)
    {
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException("The command did not end.");
        }
        return new Said(process.ExitCode, await output, await error);
    }

    /// <summary>Waits for a condition.</summary>
    public static async Task Until(Func<bool> holds, string otherwise)
    {
        var started = Stopwatch.StartNew();
        while (!holds())
        {
            if (started.Elapsed > Patience) Assert.Fail(otherwise);
            await Task.Delay(20);
        }
    }

    /// <summary>Paths and texts of the readable results.</summary>
    public SortedDictionary<string, string> View(string output = "out")
    {
        var view = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(At(output), "*", SearchOption.AllDirectories))
            if (Path.GetRelativePath(At(output), file) is var path && !path.StartsWith("_yunpipe", StringComparison.Ordinal) && path is not ("report.html" or "trace.csv")) view[path] = File.ReadAllText(file);
        return view;
    }

    /// <summary>Compares with a file beside these tests; what differs from run to run and from machine to machine is given a name first.</summary>
    public void Golden(string name, string text) => Tests.Golden.CheckFile($"tests/Yunpipe.EndToEnd/Golden/{name}", Plain(text));

    public string Plain(string text)
    {
        text = System.Text.RegularExpressions.Regex.Replace(text.Replace(Root, "<folder>", StringComparison.Ordinal), $@"\b{System.Text.RegularExpressions.Regex.Escape(Environment.MachineName)}\b", "<host>");
        text = JobIds().Replace(text, "<job>");
        text = Numbers().Replace(text, match => $"\"{match.Groups[1].Value}{match.Groups[2].Value}\":0");
        text = AtOnce().Replace(text, "up to <n> jobs at once");
        text = Processes().Replace(text, "process <pid>");
        return Times().Replace(text, " <time>");
    }

    public void Dispose() => _scratch.Dispose();

    [GeneratedRegex("\\b[a-z2-7]{32}\\b")] private static partial Regex JobIds();
    [GeneratedRegex("\"(seconds|workedSeconds|pauseSeconds|memory|cpu)\":[0-9.]+|\"(jobs)\":[0-9]+(?=})")] private static partial Regex Numbers();
    [GeneratedRegex(" ([0-9.]+ (d|h|min|s) ?)+(?=[.;:, ])")] private static partial Regex Times();
    [GeneratedRegex("up to [0-9]+ jobs? at once")] private static partial Regex AtOnce();
    [GeneratedRegex("process [0-9]+")] private static partial Regex Processes();
}
