using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Yunpipe.Algorithms;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;
using Yunpipe.Local.Launchers;
using Yunpipe.Local.Stores;
using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Cli.Commands;

/// <summary>Shows an attempt that is ready, and runs it or a shell in its folder.</summary>
internal sealed class DebugSession(CliContext context, StoreLayout layout, KnownJob job, DebugCommand.Asked asked, DebugAttempt attempt)
{
    private const string Script = "run.sh";

    private readonly Terminal _terminal = context.Terminal;

    public async Task<int> Execute()
    {
        await File.WriteAllTextAsync(Path.Combine(attempt.Folder, Script), ScriptText());
        if (!asked.Json) Show();
        if (asked.Shell) return Shell();
        var done = asked.Show ? null : attempt.Launcher.Run(attempt.Program, attempt.Limits, attempt.Run, context.Interrupts.Stop);
        if (asked.Json) _terminal.Json(ToDocument(done), VerbsJson.Default.DebugDocument);
        else if (done is not null) Tell(done);
        return done is null or { Cause: EndCause.Exited, Exit: 0 } ? ExitCode.AllDone : done.Cause == EndCause.Stopped ? ExitCode.Interrupted : ExitCode.SomeSetAside;
    }

    private void Show()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{JobName.Of(job)}, job {job.Id}\n");
        if (job.Failure is { } failure) text.Append(CultureInfo.InvariantCulture, $"was set aside: {failure.Sentence}\n");
        text.Append(CultureInfo.InvariantCulture, $"""
            {(attempt.Made ? "made again from the workflow as it is now" : $"as in attempt {job.Attempts[^1].Id}, {Words.Path(DebugAttempt.FolderOf(layout, job.Attempts[^1].Id).Root)}")}
            launcher  {attempt.Launcher.Name}{(attempt.Program.Image is { } image ? $", {image}" : "")}
            limits    {LimitsText()}
            folder    {attempt.Folder}

            """);
        foreach (var (name, target) in Inputs()) text.Append(CultureInfo.InvariantCulture, $"input     {Words.Name(name)}{(target is null ? "" : $" → {Words.Name(target)}")}\n");
        foreach (var (name, value) in attempt.Run.Environment) text.Append(CultureInfo.InvariantCulture, $"set       {name}={Words.Argument(value)}\n");
        text.Append(CultureInfo.InvariantCulture, $"command   {CommandPreview.ToLine(attempt.Run.Arguments)}\n");
        _terminal.Out.Write(text.ToString());
    }

    private void Tell(AgentDone done)
    {
        if (LogText() is { Length: > 0 } log) _terminal.Out.Write($"--- it wrote\n{log}{(log.EndsWith('\n') ? "" : "\n")}---\n");
        _terminal.Out.WriteLine($"{Ending(done)} after {Words.Time(TimeSpan.FromMilliseconds(done.Use.Wall))}, with at most {new ByteSize(done.Use.PeakMemory)} of memory.");
        foreach (var (name, size) in Outputs()) _terminal.Out.WriteLine($"output    {Words.Name(name)} ({new ByteSize(size)})");
        _terminal.Out.WriteLine($"Everything is in {attempt.Folder}; delete it when you are done.");
    }

    private static string Ending(AgentDone done) => done.Cause switch
    {
        EndCause.Exited => $"It ended with exit code {done.Exit}",
        EndCause.Signalled => $"It was ended by signal {done.Exit}",
        EndCause.TimedOut => "It was stopped at its timeout",
        EndCause.OutOfMemory => "It ran out of memory",
        EndCause.Stopped => "It was stopped",
        EndCause.DiskFull => "It found the disk full",
        _ => $"It did not run: {done.Message}",
    };

    private int Shell()
    {
        var container = attempt.Launcher as ContainerLauncher;
        var words = container?.Shell(attempt.Program, attempt.Limits, attempt.Run, terminal: _terminal.CanAsk) ?? [context.Environment.GetValueOrDefault("SHELL") is { Length: > 0 } own ? own : "/bin/sh"];
        _terminal.Error.WriteLine($"A shell in {attempt.Folder}: “sh {Script}” runs the command. Leave with “exit”.");
        var start = new ProcessStartInfo(words[0], words.Skip(1)) { WorkingDirectory = attempt.Folder, UseShellExecute = false };
        if (container is null)
            foreach (var (name, value) in attempt.Run.Environment) start.Environment[name] = value;
        // Ctrl-C is for what runs in the shell.
        using var deaf = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        using var shell = Process.Start(start) ?? throw new YunpipeException(new Problem("YP5024", $"“{words[0]}” could not be started."));
        shell.WaitForExit();
        return ExitCode.AllDone;
    }

    /// <summary>The command for a shell: the same arguments, with links at fixed places where the algorithm wants them.</summary>
    private string ScriptText()
    {
        var text = new StringBuilder("#!/bin/sh\n# The command of a job, as Yunpipe runs it.\n");
        text.Append(CultureInfo.InvariantCulture, $"cd {Words.Argument(attempt.Run.Directory)} || exit\n");
        foreach (var link in attempt.Run.Links)
            text.Append(CultureInfo.InvariantCulture, $"mkdir -p {Words.Argument(Path.GetDirectoryName(link.At) ?? "/")} && ln -sfn {Words.Argument(link.To)} {Words.Argument(link.At)}\n");
        foreach (var (name, value) in attempt.Run.Environment) text.Append(CultureInfo.InvariantCulture, $"export {name}={Words.Argument(value)}\n");
        return text.Append(CultureInfo.InvariantCulture, $"exec {CommandPreview.ToLine(attempt.Run.Arguments)}\n").ToString();
    }

    private string LimitsText()
    {
        var limits = new List<string> { string.Create(CultureInfo.InvariantCulture, $"{attempt.Limits.Cpu:0.##} processor{(attempt.Limits.Cpu == 1 ? "" : "s")}") };
        if (attempt.Limits.Memory > 0) limits.Add($"{new ByteSize(attempt.Limits.Memory)} of memory");
        if (attempt.Limits.Gpu > 0) limits.Add($"{attempt.Limits.Gpu} GPU");
        if (attempt.Run.Timeout > 0) limits.Add($"timeout {Duration.Format(TimeSpan.FromMilliseconds(attempt.Run.Timeout))}");
        return string.Join(", ", limits);
    }

    private string LogText()
    {
        var log = Path.Combine(attempt.Folder, "log");
        return File.Exists(log) ? File.ReadAllText(log) : "";
    }

    private IEnumerable<(string Name, string? Target)> Inputs() => Entries("in").Select(entry => (entry.Name, entry.File.LinkTarget));

    private IEnumerable<(string Name, long Size)> Outputs() => Entries("out").Select(entry => (entry.Name, (entry.File as FileInfo)?.Length ?? 0));

    private IEnumerable<(string Name, FileSystemInfo File)> Entries(string name)
    {
        var root = new DirectoryInfo(Path.Combine(attempt.Folder, name));
        if (!root.Exists) return [];
        return root.EnumerateFileSystemInfos("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Where(entry => entry is FileInfo || entry.LinkTarget is not null).Select(entry => (Path.GetRelativePath(root.FullName, entry.FullName), entry)).OrderBy(entry => entry.Item1, StringComparer.Ordinal);
    }

    private DebugDocument ToDocument(AgentDone? done) => new(job.Id.ToString(), job.Step, job.Key, job.Failure?.Sentence, attempt.Made, attempt.Launcher.Name, attempt.Program.Image, attempt.Folder,
        attempt.Run.Arguments, attempt.Run.Environment, attempt.Limits.Cpu, attempt.Limits.Memory, attempt.Limits.Gpu, attempt.Run.Timeout, [.. Inputs().Select(input => input.Name)],
        done is null ? null : new DebugResult(done.Cause.ToString().ToLowerInvariant(), done.Exit, Math.Round(done.Use.Wall / 1000, 3), done.Use.PeakMemory, [.. Outputs().Select(output => output.Name)], LogText(), done.Message));
}

/// <param name="Made">True where it was made again from the workflow, false where a failed attempt's record is repeated.</param>
/// <param name="Timeout">Milliseconds; 0 is none.</param>
internal sealed record DebugDocument(string Job, string Step, string Key, string? Sentence, bool Made, string Launcher, string? Image, string Folder, IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string> Environment, double Cpu, long Memory, int Gpu, long Timeout, IReadOnlyList<string> Inputs, DebugResult? Result);

internal sealed record DebugResult(string Cause, int Exit, double Seconds, long PeakMemory, IReadOnlyList<string> Outputs, string Log, string? Message);
