using System.Globalization;
using Yunpipe.Algorithms;
using Yunpipe.Documents;
using Yunpipe.Stores;

namespace Yunpipe.Work;

/// <summary>Why an attempt failed, in one plain sentence; and whether the same again can help.</summary>
/// <param name="Transient">True where the algorithm's descriptor calls the exit code so.</param>
public sealed record Failure(Cause Cause, string Sentence, int Exit = 0, bool? Transient = null)
{
    private const string FullDisk = "The disk is full. Free some space and run again.";

    /// <summary>Reads an agent's answer; null where the algorithm ended well.</summary>
    /// <param name="folder">Of the attempt, on the disk that the algorithm wrote to.</param>
    public static Failure? From(AgentDone done, Algorithm algorithm, SlotLimits limits, string folder)
    {
        switch (done.Cause)
        {
            case EndCause.Exited or EndCause.Signalled when done.Exit != 0 && (IsDiskFull(done.Tail) || (!algorithm.ExitCodes.ContainsKey(done.Exit) && DiskRoom.IsFull(folder))):
                return new Failure(Cause.DiskFull, FullDisk + Cited(done.Tail), done.Exit);
            case EndCause.Exited when done.Exit == 0 || algorithm.ExitCodes.GetValueOrDefault(done.Exit)?.Kind == ExitKind.Success:
                return null;
            case EndCause.Exited when algorithm.ExitCodes.TryGetValue(done.Exit, out var meaning):
                return new Failure(Cause.ExitCode, $"{Sentenced(meaning.Says)} (exit code {done.Exit})", done.Exit, meaning.Kind == ExitKind.Transient);
            case EndCause.Exited:
                return new Failure(Cause.ExitCode, $"The algorithm ended with exit code {done.Exit}{LastWords(done.Tail)}", done.Exit);
            case EndCause.Signalled:
                return new Failure(Cause.Signal, $"The algorithm was ended by {SignalName(done.Exit)}{LastWords(done.Tail)}", done.Exit);
            case EndCause.TimedOut:
                return new Failure(Cause.TimedOut, $"The algorithm did not end within its timeout of {Duration(algorithm.Resources.Timeout)}.", done.Exit);
            case EndCause.OutOfMemory:
                return new Failure(Cause.OutOfMemory, limits.Memory > 0
                    ? $"The algorithm needed more than the {new ByteSize(limits.Memory)} of memory that it was given." : "The machine ran out of memory under the algorithm.");
            case EndCause.Stopped:
                return new Failure(Cause.Stopped, "The run was stopped.");
            case EndCause.NotStarted:
                return new Failure(Cause.NotStarted, done.Message ?? "The algorithm could not be started.");
            case EndCause.Lost:
                return new Failure(Cause.AgentLost, $"The container or agent that ran the job went away{(string.IsNullOrWhiteSpace(done.Message) ? "." : ": " + done.Message)}");
            case EndCause.DiskFull:
                return new Failure(Cause.DiskFull, done.Message ?? FullDisk);
            default:
                return new Failure(Cause.AgentFailed, done.Message ?? "The agent failed.");
        }
    }

    /// <summary>Reads an error of our own file work.</summary>
    public static Failure From(Exception error) => error switch
    {
        PathTooLongException => new Failure(Cause.OutputName, error.Message),
        IOException when IsDiskFull(error.Message) => new Failure(Cause.DiskFull, FullDisk),
        UnauthorizedAccessException => new Failure(Cause.InputUnreadable, $"A file may not be read or written: {error.Message}"),
        FileNotFoundException or DirectoryNotFoundException => new Failure(Cause.InputChanged, $"A file went away while the job was prepared: {error.Message}"),
        _ => new Failure(Cause.AgentFailed, error.Message),
    };

    /// <summary>Pause before the next try, or null to set the job aside (design.md §3.6).</summary>
    /// <param name="tries">Failed tries so far, this one included.</param>
    public TimeSpan? RetryAfter(int tries, RetryPolicy policy)
    {
        var most = Cause switch
        {
            Cause.OutputMissing or Cause.OutputName or Cause.InputWritten or Cause.InputChanged or Cause.InputName or Cause.NotStarted or Cause.GatherIncomplete => 1,
            // Whoever found no room was tried again alone by then.
            Cause.TimedOut or Cause.DiskFull => 1,
            Cause.ExitCode when Transient == false => 1,
            Cause.ExitCode or Cause.Signal when Transient is null => Math.Min(2, policy.Attempts),
            _ => policy.Attempts,
        };
        return tries >= most ? null : policy.Backoff * Math.Pow(2, tries - 1);
    }

    /// <summary>The last line that the algorithm wrote about it: the full disk may be another than that of the results.</summary>
    private static string Cited(string tail) => LastWords(tail) is { Length: > 2 } words && words.StartsWith(": ", StringComparison.Ordinal) ? $" The algorithm said{words}" : "";

    /// <summary>As the system says it, and every library and program after it; a quota that is used up is no other thing.</summary>
    public static bool IsDiskFull(string? message) => message is not null
        && (message.Contains("No space left on device", StringComparison.OrdinalIgnoreCase) || message.Contains("Disk quota exceeded", StringComparison.OrdinalIgnoreCase));

    private static string Sentenced(string says) => says.TrimEnd('.', ' ');

    /// <summary>The last line that the algorithm wrote, which is where most programs say what went wrong.</summary>
    private static string LastWords(string tail)
    {
        var line = tail.Split('\n').LastOrDefault(candidate => !string.IsNullOrWhiteSpace(candidate))?.Trim();
        if (string.IsNullOrEmpty(line)) return " and wrote nothing.";
        return line.Length > 200 ? $": “{line[..200]}…”" : $": “{line}”";
    }

    internal static string SignalName(int signal) => signal switch
    {
        4 => "SIGILL (it needs instructions that this processor does not have)",
        6 => "SIGABRT (it gave up by itself)",
        8 => "SIGFPE (a division by zero or the like)",
        9 => "SIGKILL (somebody, or the system for want of memory, killed it)",
        11 => "SIGSEGV (it crashed)",
        15 => "SIGTERM (somebody asked it to end)",
        _ => $"signal {signal.ToString(CultureInfo.InvariantCulture)}",
    };

    public static string Duration(TimeSpan time) =>
        time.TotalHours >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes} min")
        : time.TotalMinutes >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds} s")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s");
}
