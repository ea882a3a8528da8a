using System.Collections.Concurrent;
using System.Globalization;
using Yunpipe.Stores;

namespace Yunpipe.Work;

/// <summary>The folder of one attempt: <c>in</c> for links to inputs, <c>out</c> for outputs, <c>tmp</c> for everything else, <c>log</c> for output text;
/// <c>attempt.json</c> in one that failed.</summary>
/// <param name="links">Where <c>in</c> is instead of below the root; null for below it.</param>
public sealed class AttemptFolder(string root, string id, string? links = null)
{
    public string Id { get; } = id;
    public string Root { get; } = root;
    public string In { get; } = links ?? Path.Combine(root, "in");
    public string Out { get; } = Path.Combine(root, "out");
    public string Tmp { get; } = Path.Combine(root, "tmp");
    public string Log { get; } = Path.Combine(root, "log");
    public string Record { get; } = Path.Combine(root, "attempt.json");
    private bool _isMade, _isSealed;

    public AttemptFolder Make()
    {
        if (_isMade) return this;
        Directory.CreateDirectory(In);
        Directory.CreateDirectory(Out);
        Directory.CreateDirectory(Tmp);
        _isMade = true;
        return this;
    }

    /// <summary>True where nothing is left of the job that ran here, so that another may run in its place. A folder found so is given an old time,
    /// which whatever comes into it changes: the next look costs one system call and reads nothing.</summary>
    /// <param name="renews">Whether the folder for outputs is made again where it was moved away with what was in it.</param>
    public bool IsAsMade(bool renews)
    {
        try
        {
            if (_isSealed && IsOld(Out) && IsOld(Tmp) && IsOld(Root)) return HoldsOnly(In, []);
            var moved = renews && Posix.Look(Out, follows: false).Kind == Posix.Kind.Nothing;
            if (moved) Directory.CreateDirectory(Out);
            if (!HoldsOnly(Root, links is null ? [In, Out, Tmp] : [Out, Tmp]) || !HoldsOnly(Out, []) || !HoldsOnly(Tmp, []) || !HoldsOnly(In, [])) return false;
            // The next job's outputs will be moved too.
            if (moved) return true;
            foreach (var folder in (ReadOnlySpan<string>)[Out, Tmp, Root]) Directory.SetLastWriteTimeUtc(folder, DateTime.UnixEpoch);
            return _isSealed = true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Closed by the algorithm, or gone.
            return false;
        }
    }

    private static bool IsOld(string folder) => Posix.Look(folder, follows: false) is { Kind: Posix.Kind.Directory } seen && seen.Changed == DateTime.UnixEpoch;

    private static bool HoldsOnly(string folder, IReadOnlyList<string> known)
    {
        var found = 0;
        if (Posix.Look(folder, follows: false).Kind != Posix.Kind.Directory) return false;
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
            if (!known.Contains(entry.FullName) || entry is not DirectoryInfo { LinkTarget: null }) return false;
            else found++;
        return found == known.Count;
    }
}

/// <summary>An attempt that runs now.</summary>
/// <param name="Started">Milliseconds since 1970.</param>
public sealed record LiveAttempt(string Id, string Step, IReadOnlyList<Job> Jobs, long Started);

/// <summary>Hands out attempt folders. One in which a job left nothing is used again: to make and delete a few takes as long as a small job.</summary>
public sealed class AttemptFolders
{
    private readonly ConcurrentBag<AttemptFolder> _clean = [];
    private readonly ConcurrentDictionary<string, LiveAttempt> _live = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _logs = new();
    private readonly string _root;
    private readonly string _run;
    private readonly string? _links, _logRoot;
    private int _next;

    /// <param name="root">Where attempts are kept.</param>
    /// <param name="run">Distinguishes this run's attempts from those of earlier ones.</param>
    /// <param name="links">A folder in memory for the links, where every algorithm can see it: a disk's file system takes 0.05 ms to make and forget one.</param>
    /// <param name="logs">Where the output text of jobs that succeeded is kept, as <c>step/jobId</c>; null keeps none.</param>
    public AttemptFolders(string root, string run, string? links = null, string? logs = null)
    {
        (_root, _run, _links, _logRoot) = (root, run, links, logs);
        Directory.CreateDirectory(root);
    }

    /// <summary>True where outputs are moved to a place that has nothing of the attempt in its name, so that a folder may serve again after they left it.</summary>
    public bool RenewsOutputs { get; init; }

    /// <summary>True where nobody will come to look at what failed, and the disk is wanted for the next.</summary>
    public bool ForgetsFailed { get; init; }

    /// <summary>What runs at this moment, for those who look.</summary>
    public IEnumerable<LiveAttempt> Live => _live.Values;

    public LiveAttempt Begin(LiveAttempt attempt) => _live[attempt.Id] = attempt;

    /// <summary>Its folder may be another attempt's already, which then stays.</summary>
    public void End(LiveAttempt attempt) => _live.TryRemove(KeyValuePair.Create(attempt.Id, attempt));

    /// <summary>A folder for one attempt, which may still have to be made.</summary>
    public AttemptFolder Take()
    {
        if (_clean.TryTake(out var folder)) return folder;
        var id = string.Create(CultureInfo.InvariantCulture, $"{_run}-{Interlocked.Increment(ref _next)}");
        return new AttemptFolder(Path.Combine(_root, id), id, _links is null ? null : Path.Combine(_links, id));
    }

    /// <summary>Gives a folder back after its outputs were taken: kept for the next attempt where the job left nothing in it, else deleted.</summary>
    /// <param name="links">The links that the worker made in <c>in</c>; null where it made folders there too.</param>
    public void Return(AttemptFolder folder, IReadOnlyList<string>? links)
    {
        foreach (var link in links ?? []) File.Delete(link);
        if (links is not null && folder.IsAsMade(RenewsOutputs)) _clean.Add(folder);
        else
        {
            Delete(folder.Root);
            if (_links is not null) Delete(folder.In);
        }
    }

    /// <summary>After a failure the folder stays, to be looked at and tried again by hand; links that were in memory are made again in it.</summary>
    public void Keep(AttemptFolder folder)
    {
        if (ForgetsFailed)
        {
            Delete(folder.Root);
            return;
        }
        if (_links is null) return;
        Bring(new DirectoryInfo(folder.In), Path.Combine(folder.Root, "in"));
        Delete(folder.In);
    }

    /// <summary>Keeps what a process wrote for the jobs that it succeeded in; a batch has one log, of which each job gets a copy.</summary>
    /// <param name="stays">True where the folder needs its log too, because another job of the batch failed.</param>
    public void KeepLog(AttemptFolder folder, string step, IReadOnlyList<JobId> jobs, bool stays)
    {
        if (_logRoot is null || jobs.Count == 0 || !File.Exists(folder.Log)) return;
        try
        {
            var place = _logs.GetOrAdd(step, static (name, root) => Directory.CreateDirectory(Path.Combine(root, name)).FullName, _logRoot);
            for (var i = stays ? 0 : 1; i < jobs.Count; i++) File.Copy(folder.Log, Path.Combine(place, jobs[i].ToString()), overwrite: true);
            if (!stays) File.Move(folder.Log, Path.Combine(place, jobs[0].ToString()), overwrite: true);
        }
        catch (IOException)
        {
            // No job is lost for its log: a full disk shows itself where outputs are written.
            var half = Path.Combine(_logRoot, step, jobs[0].ToString());
            if (File.Exists(half)) File.Delete(half);
        }
    }

    /// <summary>Deletes a folder of an attempt. Links in it are removed, never followed.</summary>
    /// <returns>False where something in it cannot be deleted: then it stays, and nobody takes it for a result.</returns>
    public static bool Delete(string root)
    {
        try
        {
            if (Directory.Exists(root)) Directory.Delete(root, recursive: true);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return DeleteOpened(root);
        }
    }

    /// <summary>An algorithm may leave folders that even their owner cannot enter.</summary>
    private static bool DeleteOpened(string root)
    {
        try
        {
            foreach (var folder in Directory.EnumerateDirectories(root, "*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint }))
                File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            Directory.Delete(root, recursive: true);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

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
}
