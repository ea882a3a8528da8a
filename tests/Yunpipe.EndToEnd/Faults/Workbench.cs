using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Yunpipe.Local.Runs;
using Yunpipe.Local.Stores;
using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.EndToEnd.Faults;

/// <summary>A workflow in a folder of its own, run by the published command; afterwards its records and results are read as they lie there.</summary>
internal sealed class Workbench : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly string _command = Published.Find("yunpipe");
    private readonly ScratchFolder _scratch = new();

    public string Root => _scratch.Root;
    public string In { get; }
    public string Out { get; set; }
    public StoreLayout Layout => new(Out);

    /// <summary>Words before the command: another user, another limit.</summary>
    public IReadOnlyList<string> Before { get; set; } = [];

    public int Jobs { get; set; } = 2;

    /// <summary>Added to every run.</summary>
    public IReadOnlyList<string> Options { get; set; } = [];

    public Workbench()
    {
        _ = Published.Agent;
        In = _scratch.Folder("in");
        Out = Path.Combine(Root, "out");
    }

    /// <summary>A file beside the workflow; a script is executable.</summary>
    public string Beside(string name, string text)
    {
        var path = Path.Combine(Root, name);
        File.WriteAllText(path, text);
        if (text.StartsWith("#!", StringComparison.Ordinal)) File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        return path;
    }

    public void Put(string name, string text)
    {
        var path = Path.Combine(In, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>One step: an algorithm made of a script, whose arguments are the input and the output.</summary>
    public void Single(string script, string output = "${stem}.out", string more = "")
    {
        Beside("work.sh", "#!/bin/sh\n" + script);
        Beside("work.yaml", $"name: work\ncommand: [./work.sh, '${{image}}', '${{out}}/{output}']\ninputs: [image]\noutputs: {{out: '{output}'}}\nretry: {{attempts: 1}}\n{more}");
        Beside("workflow.yaml", "input: ./in\nsteps: [{name: work, algorithm: ./work.yaml}]\n");
    }

    /// <summary>One step whose script, run by a shell on this machine or in a container, has the input as $1 and the output as $2.</summary>
    /// <param name="more">Further keys of the algorithm, as JSON.</param>
    public void Shell(string launcher, string script, string output = "${stem}.out", string more = "{}")
    {
        On(launcher);
        var algorithm = new JsonObject
        {
            // A dollar of the shell is not one of ours.
            ["name"] = "work", ["image"] = "yunpipe-test", ["command"] = new JsonArray("/bin/sh", "-c", script.Replace("$", "$$", StringComparison.Ordinal), "work", "${image}", $"${{out}}/{output}"),
            ["inputs"] = new JsonArray("image"), ["outputs"] = new JsonObject { ["out"] = output }, ["retry"] = new JsonObject { ["attempts"] = 1 },
        };
        foreach (var (name, value) in JsonNode.Parse(more)!.AsObject().ToList()) algorithm[name] = value?.DeepClone();
        Beside("work.json", algorithm.ToJsonString());
        Beside("workflow.yaml", "input: ./in\nsteps: [{name: work, algorithm: ./work.json}]\n");
    }

    /// <summary>Chooses the launcher; skips where its engine does not answer.</summary>
    public void On(string launcher)
    {
        if (launcher != "process") _ = Containers.Engines.Find(launcher);
        Options = ["--launcher", launcher];
    }

    public Process Start(params IReadOnlyList<string> more)
    {
        string[] words = [.. Before, _command, "run", Path.Combine(Root, "workflow.yaml"), "--input", In, "--output", Out, "--jobs", $"{Jobs}", "--no-report", .. Options, .. more];
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Root };
        return Process.Start(start)!;
    }

    /// <summary>Runs to the end.</summary>
    public async Task<Ended> Run(params IReadOnlyList<string> more)
    {
        using var process = Start(more);
        return await End(process);
    }

    public static async Task<Ended> End(Process process)
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
            Assert.Fail($"The run did not end within {Patience}. It said: {await output}{await error}");
        }
        return new Ended(process.ExitCode, await output, await error);
    }

    public async Task<IReadOnlyList<Manifest>> Manifests()
    {
        await using var store = FolderStore.OpenToRead(Layout);
        return store is null ? [] : await store.Manifests(null, default).ToListAsync();
    }

    public async Task<IReadOnlyList<FailureRecord>> Failures()
    {
        await using var store = FolderStore.OpenToRead(Layout);
        return store is null ? [] : await store.Failures(null, default).ToListAsync();
    }

    /// <summary>The readable tree: path to digest of the bytes.</summary>
    public SortedDictionary<string, string> View() => Tree(Out);

    public string Viewed(string path) => File.ReadAllText(Path.Combine(Out, path));

    public static SortedDictionary<string, string> Tree(string root)
    {
        var tree = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }))
            if (Path.GetRelativePath(root, file) is var path && !path.StartsWith(StoreLayout.Own + "/", StringComparison.Ordinal))
                tree[path] = Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)));
        return tree;
    }

    /// <summary>What lies in the folder of attempts.</summary>
    public IReadOnlyList<string> Attempts() => Directory.Exists(Layout.Attempts) ? [.. Directory.EnumerateFileSystemEntries(Layout.Attempts).Select(path => Path.GetFileName(path))] : [];

    /// <summary>Processes that this run started and that still live, by the mark in their environment.</summary>
    public IReadOnlyList<int> Processes() => Marked.Find($"{OutputLock.Mark}={Layout.Root}");

    /// <summary>A test that failed half-way leaves no run behind, whose files would hide why.</summary>
    public void Dispose()
    {
        List<int> Left() => [.. Marked.WithArgument(Out), .. Processes()];
        for (var left = Left(); left.Count > 0; left = Left())
        {
            foreach (var pid in left) Posix.Kill(pid, Posix.SigKill);
            _ = Posix.Poll([], 10);
        }
        _scratch.Dispose();
    }
}

/// <summary>How a command ended.</summary>
internal sealed record Ended(int Exit, string Output, string Error)
{
    public string Words => Output + Error;
}
