using Yunpipe.Documents;
using Yunpipe.Local.Runs;
using Yunpipe.Local.Stores;
using Yunpipe.Runs;
using Yunpipe.Stores;
using Yunpipe.Work;
using Yunpipe.Workflows;

namespace Yunpipe.Cli.Commands;

/// <summary>An attempt made ready to be run by hand, in a fresh folder: that of a failed job from what its folder says, that of any other job
/// made again from the workflow that the last run was of.</summary>
/// <param name="Made">True where it was made again from the workflow.</param>
internal sealed record DebugAttempt(ILauncher Launcher, AlgorithmProgram Program, SlotLimits Limits, AgentRun Run, string Folder, bool Made)
{
    /// <summary>The attempt that failed, as its folder tells it; null where the folder is gone.</summary>
    public static AttemptFile? Recorded(StoreLayout layout, KnownJob job) =>
        job.Failure is { Attempts: { Count: > 0 } attempts } ? AttemptFile.Read(FolderOf(layout, attempts[^1].Id).Record) : null;

    public static AttemptFolder FolderOf(StoreLayout layout, string attempt) => new(Path.Combine(layout.Attempts, attempt), attempt);

    /// <summary>Takes the inputs of a failed attempt into a fresh folder, and its command with every path of the old folder replaced.</summary>
    public static DebugAttempt Repeat(StoreLayout layout, StoreLayout fresh, AttemptFile file, ILauncher launcher)
    {
        var old = FolderOf(layout, file.Run.Attempt);
        var folder = Fresh(fresh);
        Bring(new DirectoryInfo(old.In), folder.In);
        var (seen, seenIn) = (launcher.Seen(folder.Root), launcher.Seen(folder.In));
        string Moved(string text) => text.Replace(file.In, seenIn, StringComparison.Ordinal).Replace(file.Run.Directory, seen, StringComparison.Ordinal);
        var run = new AgentRun
        {
            Attempt = folder.Id, Jobs = file.Run.Jobs, Arguments = [.. file.Run.Arguments.Select(Moved)], Directory = seen,
            Environment = file.Run.Environment.ToDictionary(entry => entry.Key, entry => Moved(entry.Value), StringComparer.Ordinal),
            Log = seen + "/log", Timeout = file.Run.Timeout, Grace = file.Run.Grace, Links = [.. file.Run.Links.Select(link => link with { To = Moved(link.To) })],
        };
        return new DebugAttempt(launcher, file.Program, file.Limits, run, folder.Root, Made: false);
    }

    /// <summary>Makes the attempt of a job as a run would.</summary>
    public static async Task<Reading<DebugAttempt>> Make(StoreLayout fresh, WorkflowFile file, IReadOnlyList<StepProgram> steps, FolderStore store, KnownJob wanted, CancellationToken cancel)
    {
        var input = InputFolder.Open(file.Plan.Workflow, file.Input!);
        if (input.Value is not { } items) return new(null, input.Problems);
        if (await Find(file.Plan, steps, store, items, wanted, cancel) is not var (step, job))
            return Not("YP5021", $"“{JobName.Of(wanted)}” is not among the jobs of the workflow as it is now.", "Its file, its input or an earlier step has changed since.");
        var folder = Fresh(fresh);
        var attempt = new Attempt(folder, step, store, items.Location, new DigestCache());
        var (inputs, changed) = await attempt.Verify(job, cancel);
        if (inputs is null) return Not("YP5022", $"The input “{changed}” has changed since.", "Run the workflow again first.");
        var limits = wanted.Attempts is [.., { MemoryLimit: { } memory }] ? step.Limits with { Memory = memory } : step.Limits;
        try
        {
            return new(new DebugAttempt(step.Launcher, step.Program, limits, await AttemptRequest.Of(step, [job], limits, attempt, cancel), folder.Root, Made: true), []);
        }
        catch (FileNotFoundException error)
        {
            return Not("YP5023", error.Message, "It was released: only a run makes it again.");
        }
    }

    private static async Task<(StepProgram Step, Job Job)?> Find(Plan plan, IReadOnlyList<StepProgram> steps, FolderStore store, InputFolder items, KnownJob wanted, CancellationToken cancel)
    {
        (StepProgram, Job)? found = null;
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var preview = new RunPreview(plan, steps, store, _ => { })
        {
            Sees = (step, job) =>
            {
                if (job.Id != wanted.Id) return;
                found = (step, job);
                enough.Cancel();
            },
        };
        try
        {
            await preview.Walk(() => items.Items(enough.Token), enough.Token);
        }
        catch (OperationCanceledException) when (found is not null && !cancel.IsCancellationRequested)
        {
            return found;
        }
        return found;
    }

    private static AttemptFolder Fresh(StoreLayout layout) => new AttemptFolders(layout.Attempts, "debug").Take().Make();

    private static void Bring(DirectoryInfo from, string to)
    {
        if (!from.Exists) return;
        Directory.CreateDirectory(to);
        foreach (var entry in from.EnumerateFileSystemInfos())
        {
            var target = Path.Combine(to, entry.Name);
            if (entry.LinkTarget is { } link) File.CreateSymbolicLink(target, link);
            else if (entry is DirectoryInfo folder) Bring(folder, target);
            else File.Copy(entry.FullName, target);
        }
    }

    private static Reading<DebugAttempt> Not(string code, string message, string advice) => new(null, [new Problem(code, message, null, advice)]);
}
