using System.Diagnostics;
using Yunpipe.Work;

namespace Yunpipe.Agent;

/// <summary>Runs one process for one attempt and watches three things at once: its output, its end, and the worker.
/// <code>
/// waiting on          happens              then
/// output              bytes / end          log them / stop watching
/// process             ended                kill what it left, drain output, answer
/// worker              "stop"               TERM to the group, KILL after the grace
/// worker              end of connection    KILL all, end the agent
/// time                timeout              TERM to the group, KILL after the grace
/// </code></summary>
internal sealed class JobProcess(AgentRun run, IReadOnlyDictionary<string, string> environment, AgentLines worker)
{
    /// <summary>One buffer for the agent's life; it runs one process at a time.</summary>
    private static readonly byte[] Buffer = new byte[64 << 10];
    private static readonly bool IsContainer = Environment.ProcessId == 1;

    private readonly long _started = Stopwatch.GetTimestamp();
    private EndCause? _ending;
    private TimeSpan? _killAt;

    /// <summary>The answer, or null when the worker is gone.</summary>
    public AgentDone? Run()
    {
        using var log = new JobLog(run.Log, run.LogLimit);
        var links = new FixedPlaces(run.Links);
        try
        {
            if (links.Make() is { } flaw) return NotStarted(flaw);
            return RunProcess(log);
        }
        catch (IOException error)
        {
            ChildTree.KillAll();
            return Failure.IsDiskFull(error.Message)
                ? Answer(EndCause.DiskFull, 0, default, log.Tail, log.Bytes, null)
                : Answer(EndCause.AgentFailed, 0, default, log.Tail, log.Bytes, error.Message);
        }
        finally
        {
            links.Remove();
        }
    }

    private AgentDone? RunProcess(JobLog log)
    {
        var path = run.Environment.GetValueOrDefault("PATH") ?? environment.GetValueOrDefault("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        if (run.Arguments.Count == 0) return NotStarted("The command is empty.");
        if (Spawn.Find(run.Arguments[0], path.Split(':')) is not { } file)
            return NotStarted($"The program “{run.Arguments[0]}” was not found{(run.Arguments[0].Contains('/') ? "" : " in PATH")}.");

        using var files = new Redirection();
        if (files.Open(run) is { } closed) return NotStarted(closed);

        // Only a container has a counter of its own.
        var oomBefore = IsContainer ? OomCounter.Read() : -1;
        var (reader, writer) = Posix.Pipe();
        var pid = -1;
        var pidFd = -1;
        try
        {
            (pid, var error) = Spawn.Start(file, run.Arguments, Variables(), run.Directory, files.Stdin, files.Stdout(writer), files.Stderr(writer));
            Posix.Close(writer);
            writer = -1;
            if (error != 0) return NotStarted(SpawnError(file, run.Directory, error));
            if (IsContainer) PreferForOutOfMemory(pid);
            pidFd = Posix.OpenPid(pid);
            if (Watch(pid, pidFd, reader, log) is not { } ended) return null;

            // What it left in its group or elsewhere dies with it; only then is the output complete.
            Posix.Kill(-pid, Posix.SigKill);
            ChildTree.KillAll();
            if (IsContainer) SharedMemory.Clear();
            Drain(reader, log);
            var failed = !ended.Exited || ended.ExitCode != 0;
            var cause = _ending ?? (failed && oomBefore >= 0 && OomCounter.Read() > oomBefore ? EndCause.OutOfMemory
                : ended.Exited ? EndCause.Exited : EndCause.Signalled);
            var tail = log.Finish();
            return Answer(cause, ended.Exited ? ended.ExitCode : ended.Signal, ended, tail, log.Bytes, null);
        }
        finally
        {
            Posix.Close(reader);
            Posix.Close(writer);
            Posix.Close(pidFd);
        }
    }

    /// <summary>Until the process has ended; null when the worker has gone.</summary>
    private Posix.Ended? Watch(int pid, int pidFd, int reader, JobLog log)
    {
        Span<Posix.PollFd> fds = stackalloc Posix.PollFd[3];
        var outputOpen = true;
        while (true)
        {
            fds[0] = new Posix.PollFd { Fd = pidFd, Events = Posix.PollIn };
            fds[1] = new Posix.PollFd { Fd = worker.Input, Events = Posix.PollIn };
            fds[2] = new Posix.PollFd { Fd = outputOpen ? reader : -1, Events = Posix.PollIn };
            // A stop may have come in one piece with its run.
            while (worker.HasLine)
                if (worker.Read(AgentJson.Default.AgentRequest) is { Stop: { } stop } && stop.Attempt == run.Attempt) End(pid, EndCause.Stopped);
            _ = Posix.Poll(fds, NextWait(pidFd < 0));
            if (fds[2].Happened != 0)
            {
                var count = Posix.Read(reader, Buffer);
                if (count == 0) outputOpen = false;
                else log.Write(Buffer.AsSpan(0, count));
            }
            if ((pidFd < 0 || fds[0].Happened != 0) && Posix.Wait(pid, hang: false) is { } ended) return ended;
            if (fds[1].Happened != 0 && !worker.Fill())
            {
                ChildTree.KillAll();
                return null;
            }
            Advance(pid);
        }
    }

    private void Advance(int pid)
    {
        var elapsed = Stopwatch.GetElapsedTime(_started);
        if (_killAt is { } killAt && elapsed >= killAt)
        {
            Posix.Kill(-pid, Posix.SigKill);
            _killAt = elapsed + TimeSpan.FromSeconds(1);
        }
        else if (run.Timeout > 0 && _ending is null && elapsed.TotalMilliseconds >= run.Timeout) End(pid, EndCause.TimedOut);
    }

    private void End(int pid, EndCause cause)
    {
        if (_ending is not null) return;
        _ending = cause;
        _killAt = Stopwatch.GetElapsedTime(_started) + TimeSpan.FromMilliseconds(run.Grace);
        Posix.Kill(-pid, Posix.SigTerm);
    }

    /// <summary>Milliseconds until something is due; without a pid descriptor the end is looked for every few milliseconds.</summary>
    private int NextWait(bool blind)
    {
        var due = _killAt ?? (run.Timeout > 0 ? TimeSpan.FromMilliseconds(run.Timeout) : Timeout.InfiniteTimeSpan);
        if (due == Timeout.InfiniteTimeSpan) return blind ? 5 : -1;
        var left = (due - Stopwatch.GetElapsedTime(_started)).TotalMilliseconds;
        return (int)Math.Clamp(Math.Ceiling(left), 0, blind ? 5 : int.MaxValue);
    }

    private static void Drain(int reader, JobLog log)
    {
        Span<Posix.PollFd> fd = [new Posix.PollFd { Fd = reader, Events = Posix.PollIn }];
        while (Posix.Poll(fd, 0) > 0)
        {
            var count = Posix.Read(reader, Buffer);
            if (count == 0) return;
            log.Write(Buffer.AsSpan(0, count));
        }
    }

    /// <summary>When the container is out of memory the kernel should take the algorithm, not the agent that reports it.</summary>
    private static void PreferForOutOfMemory(int pid)
    {
        try
        {
            using var score = File.OpenHandle($"/proc/{pid}/oom_score_adj", FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            RandomAccess.Write(score, "1000"u8, 0);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended already, or /proc is read-only: the kernel then chooses by size, which is nearly always the algorithm.
        }
    }

    /// <summary>The agent's environment, with the run's in its place where both have a name.</summary>
    private List<string> Variables()
    {
        var entries = new List<string>(environment.Count + run.Environment.Count);
        foreach (var (name, value) in environment)
            if (!run.Environment.ContainsKey(name)) entries.Add($"{name}={value}");
        foreach (var (name, value) in run.Environment) entries.Add($"{name}={value}");
        return entries;
    }

    private static string SpawnError(string file, string directory, int error) => error switch
    {
        2 or 13 when !Directory.Exists(directory) => $"The working directory “{directory}” is not there, or this user may not enter it.",
        2 => $"“{file}” could not be started: its interpreter (the first line of a script, or the loader of a program) is not there.",
        8 => $"“{file}” could not be started: it is not a program for this kind of machine, or a script without “#!” on its first line.",
        13 => $"“{file}” could not be started: it is not marked as executable, or this user may not run it.",
        7 => $"“{file}” could not be started: the list of arguments is too long for the system.",
        _ => $"“{file}” could not be started: {Posix.ErrorText(error)}.",
    };

    private AgentDone NotStarted(string why) => Answer(EndCause.NotStarted, 0, default, "", 0, why);

    private AgentDone Answer(EndCause cause, int exit, Posix.Ended ended, string tail, long logBytes, string? message) => new(
        run.Attempt, cause, exit,
        new ResourceUse(Stopwatch.GetElapsedTime(_started).TotalMilliseconds, ended.Cpu, ended.PeakMemory, ended.BytesRead, ended.BytesWritten),
        tail, logBytes, message);
}
