using Yunpipe.Stores;

namespace Yunpipe.Local.Stores;

/// <summary>Where a job's output text lies: in the folder of its failed attempt, or among the logs of what succeeded.</summary>
public static class JobLog
{
    /// <param name="attempt">An attempt's id; null for the last.</param>
    /// <returns>Null where the job wrote nothing, or its log is gone.</returns>
    public static string? Find(StoreLayout layout, KnownJob job, string? attempt = null)
    {
        var last = job.Attempts.Count > 0 ? job.Attempts[^1].Id : null;
        var path = job.Failure is null && (attempt is null || attempt == last)
            // Adopted outputs are those of another job, and so is what it wrote.
            ? Path.Combine(layout.Logs, job.Step, job.Manifest?.HeldBy ?? job.Id.ToString())
            : Path.Combine(layout.Attempts, attempt ?? last ?? "", "log");
        return File.Exists(path) ? path : null;
    }
}
