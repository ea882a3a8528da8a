using System.Diagnostics;
using Yunpipe.Work;

namespace Yunpipe.Agent.Hand;

/// <summary>Runs one process whose output goes where the container's goes, and watches three things at once.
/// <code>
/// waiting on    happens            then
/// process       ended              kill what it left, answer
/// signals       the first          the same to the group and all below it, KILL after the grace; no further call is started
/// signals       another            KILL
/// time          timeout            TERM to the group and all below it, KILL after the grace
/// </code></summary>
internal sealed class Foreground(Interruption interruption)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly long _started = Stopwatch.GetTimestamp();
    private EndCause? _ending;
    private TimeSpan? _killAt;

    /// <returns>How it ended; or a sentence that says why it did not start.</returns>
    public (EndCause Cause, Posix.Ended Ended, string? NotStarted) Run(string file, AgentRun run, Redirection files)
    {
        var oomBefore = ControlGroup.Killed();
        var (pid, error) = Spawn.Start(
            file, run.Arguments, [.. run.Environment.Select(pair => $"{pair.Key}={pair.Value}")], run.Directory, files.Stdin, files.Stdout(1), files.Stderr(2));
        if (error != 0) return (EndCause.NotStarted, default, SpawnWords.Of(file, run.Directory, error));
        if (ControlGroup.IsContainer) OomPreference.Prefer(pid);
        var pidFd = Posix.OpenPid(pid);
        try
        {
            var ended = Watch(pid, pidFd, TimeSpan.FromMilliseconds(run.Timeout));
            Posix.Kill(-pid, Posix.SigKill);
            ChildTree.KillAll();
            var failed = !ended.Exited || ended.ExitCode != 0;
            var cause = _ending ?? (failed && oomBefore >= 0 && ControlGroup.Killed() > oomBefore ? EndCause.OutOfMemory : ended.Exited ? EndCause.Exited : EndCause.Signalled);
            return (cause, ended, null);
        }
        finally
        {
            Posix.Close(pidFd);
        }
    }

    private Posix.Ended Watch(int pid, int pidFd, TimeSpan timeout)
    {
        Span<Posix.PollFd> fds = stackalloc Posix.PollFd[2];
        while (true)
        {
            if (ChildTree.Reap(pid) is { } ended) return ended;
            while (interruption.Take() is not 0 and var signal) Interrupt(pid, signal);
            var elapsed = Stopwatch.GetElapsedTime(_started);
            if (_killAt is { } at && elapsed >= at) Kill(pid, elapsed);
            else if (timeout > TimeSpan.Zero && _ending is null && elapsed >= timeout) End(pid, Posix.SigTerm, EndCause.TimedOut);
            fds[0] = new Posix.PollFd { Fd = pidFd, Events = Posix.PollIn };
            fds[1] = new Posix.PollFd { Fd = interruption.Reader, Events = Posix.PollIn };
            _ = Posix.Poll(fds, Waiting.Until(_killAt ?? (timeout > TimeSpan.Zero ? timeout : null), _started, blind: pidFd < 0));
        }
    }

    private void Interrupt(int pid, int signal)
    {
        if (_ending is EndCause.Stopped) Kill(pid, Stopwatch.GetElapsedTime(_started));
        else End(pid, signal, EndCause.Stopped);
    }

    private void End(int pid, int signal, EndCause cause)
    {
        _ending = cause;
        _killAt ??= Stopwatch.GetElapsedTime(_started) + Grace;
        ChildTree.Signal(pid, signal);
    }

    private void Kill(int pid, TimeSpan now)
    {
        ChildTree.Kill(pid);
        _killAt = now + TimeSpan.FromSeconds(1);
    }
}
