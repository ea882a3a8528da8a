using System.Diagnostics;
using Yunpipe.Work;

namespace Yunpipe.Agent;

/// <summary>Runs one process for one attempt and watches three things at once: its output, its end, and the worker.
/// <code>
/// waiting on          happens              then
/// output              bytes / end          log them / stop watching
/// process             ended                kill what it left, drain output, answer
/// a tick              a quarter second     reap orphans that have ended, look at memory
/// worker              "stop"               TERM to the group and all below it, KILL after the grace
/// worker              end of connection    KILL all, end the agent
/// time                timeout              TERM to the group and all below it, KILL after the grace
/// </code></summary>
internal sealed class JobProcess(AgentRun run, IReadOnlyDictionary<string, string> environment, AgentLines worker, OutputSink? hears = null)
{
    /// <summary>One buffer for the agent's life; it runs one process at a time.</summary>
    private static readonly byte[] Buffer = new byte[64 << 10];

    /// <summary>The agent's own environment as entries, which stays the same from run to run.</summary>
    private static IReadOnlyDictionary<string, string>? _ownOf;
    private static (string Name, string Entry)[] _own = [];

    private readonly JobMeter _meter = new();
    private readonly long _started = Stopwatch.GetTimestamp();
    private EndCause? _ending;
    private TimeSpan? _killAt;

    /// <summary>The answer, or null when the worker is gone.</summary>
    public AgentDone? Run()
    {
        using var log = new JobLog(run.Log, run.LogLimit, hears);
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
                ? Answer(EndCause.DiskFull, 0, log.Tail, log.Bytes, null)
                : Answer(EndCause.AgentFailed, 0, log.Tail, log.Bytes, error.Message);
        }
        finally
        {
            links.Remove();
        }
    }

    private AgentDone? RunProcess(JobLog log)
    {
        var path = run.Environment.GetValueOrDefault("PATH") ?? environment.GetValueOrDefault("PATH", SpawnWords.UsualPath);
        if (run.Arguments.Count == 0) return NotStarted("The command is empty.");
        if (Spawn.Find(run.Arguments[0], path.Split(':')) is not { } file)
            return NotStarted(SpawnWords.NotFound(run.Arguments[0]));

        using var files = new Redirection();
        if (files.Open(run) is { } closed) return NotStarted(closed);

        var oomBefore = ControlGroup.Killed();
        var (reader, writer) = Posix.Pipe();
        var pid = -1;
        var pidFd = -1;
        try
        {
            (pid, var error) = Spawn.Start(file, run.Arguments, Variables(), run.Directory, files.Stdin, files.Stdout(writer), files.Stderr(writer));
            Posix.Close(writer);
            writer = -1;
            if (error != 0) return NotStarted(SpawnWords.Of(file, run.Directory, error));
            // Who hears is the worker itself, which must outlive the algorithm.
            if (ControlGroup.IsContainer || hears is not null) OomPreference.Prefer(pid);
            pidFd = Posix.OpenPid(pid);
            if (Watch(pid, pidFd, reader, log) is not { } ended) return null;

            // What it left in its group or elsewhere dies with it; only then is the output complete.
            Posix.Kill(-pid, Posix.SigKill);
            ChildTree.KillAll(_meter);
            if (ControlGroup.IsContainer) SharedMemory.Clear();
            Drain(reader, log);
            var failed = !ended.Exited || ended.ExitCode != 0;
            var cause = _ending ?? (failed && oomBefore >= 0 && ControlGroup.Killed() > oomBefore ? EndCause.OutOfMemory
                : ended.Exited ? EndCause.Exited : EndCause.Signalled);
            var tail = log.Finish();
            return Answer(cause, ended.Exited ? ended.ExitCode : ended.Signal, tail, log.Bytes, null);
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
        var looked = _started;
        while (true)
        {
            fds[0] = new Posix.PollFd { Fd = pidFd, Events = Posix.PollIn };
            fds[1] = new Posix.PollFd { Fd = worker.Input, Events = Posix.PollIn };
            fds[2] = new Posix.PollFd { Fd = outputOpen ? reader : -1, Events = Posix.PollIn };
            // A stop may have come in one piece with its run.
            while (worker.HasLine)
                if (worker.Read(AgentJson.Default.AgentRequest) is { Stop: { } stop } && stop.Attempt == run.Attempt) End(pid, EndCause.Stopped);
            var happened = Posix.Poll(fds, Waiting.Until(_killAt ?? (run.Timeout > 0 ? TimeSpan.FromMilliseconds(run.Timeout) : null), _started, blind: pidFd < 0));
            if (fds[2].Happened != 0)
            {
                var count = Posix.Read(reader, Buffer);
                if (count == 0) outputOpen = false;
                else log.Write(Buffer.AsSpan(0, count));
            }
            // Output alone is no reason to look for the dead: a chatty process would pay for it line by line.
            if (happened == 0 || fds[0].Happened != 0 || Waiting.IsTick(looked))
            {
                if (ChildTree.Reap(pid, _meter) is { } ended) return ended;
                if (Waiting.IsTick(looked))
                {
                    looked = Stopwatch.GetTimestamp();
                    _meter.Sample();
                }
            }
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
            ChildTree.Kill(pid);
            _killAt = elapsed + TimeSpan.FromSeconds(1);
        }
        else if (run.Timeout > 0 && _ending is null && elapsed.TotalMilliseconds >= run.Timeout) End(pid, EndCause.TimedOut);
    }

    private void End(int pid, EndCause cause)
    {
        if (_ending is not null) return;
        _ending = cause;
        _killAt = Stopwatch.GetElapsedTime(_started) + TimeSpan.FromMilliseconds(run.Grace);
        ChildTree.Signal(pid, Posix.SigTerm);
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

    /// <summary>The agent's environment, with the run's in its place where both have a name.</summary>
    private List<string> Variables()
    {
        if (_ownOf != environment) (_ownOf, _own) = (environment, [.. environment.Select(entry => (entry.Key, $"{entry.Key}={entry.Value}"))]);
        var entries = new List<string>(_own.Length + run.Environment.Count);
        foreach (var (name, entry) in _own)
            if (!run.Environment.ContainsKey(name)) entries.Add(entry);
        foreach (var (name, value) in run.Environment) entries.Add($"{name}={value}");
        return entries;
    }

    private AgentDone NotStarted(string why) => Answer(EndCause.NotStarted, 0, "", 0, why);

    private AgentDone Answer(EndCause cause, int exit, string tail, long logBytes, string? message) =>
        new(run.Attempt, cause, exit, _meter.Use(Stopwatch.GetElapsedTime(_started).TotalMilliseconds), tail, logBytes, message);
}
