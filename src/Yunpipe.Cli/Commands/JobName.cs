using System.CommandLine;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;
using Yunpipe.Local.Stores;
using Yunpipe.Stores;

namespace Yunpipe.Cli.Commands;

/// <summary>A job as people name it: an id, the first six or more letters of one, <c>step/item</c>, or the path of a result.</summary>
internal static class JobName
{
    private const int MostNamed = 8;

    public static Argument<string> Argument() => new("job") { Description = "A job: its id or the first letters of it, step/item, or the path of a result.", HelpName = "JOB" };

    /// <summary>The one job that is meant.</summary>
    public static Reading<KnownJob> Find(FolderStore store, string text) => One(text, store.Named(text));

    /// <param name="jobs">All that the text can mean.</param>
    public static Reading<KnownJob> One(string text, IReadOnlyList<KnownJob> jobs)
    {
        if (jobs.Count == 1) return new(jobs[0], []);
        if (jobs.Count == 0)
            return new(null, [new Problem("YP5011", $"No job is known by {Wording.Quote(text)}.", null,
                $"Name it by its id, the first {KnownJob.ShortestPrefix} letters of it or more, step/item, or the path of a result.")]);
        var names = jobs.OrderBy(job => job.Step, StringComparer.Ordinal).ThenBy(job => job.Key, StringComparer.Ordinal).Take(MostNamed).Select(job => $"{Of(job)} ({job.Id.ToString()[..8]})");
        return new(null, [new Problem("YP5012", $"{Wording.Quote(text)} can be {(jobs.Count > MostNamed ? "many jobs" : Words.Count(jobs.Count, "job"))}: {string.Join(", ", names)}{(jobs.Count > MostNamed ? ", …" : ".")}", null, "Name one of them.")]);
    }

    /// <summary>A problem where the job has no such attempt.</summary>
    public static Problem? Lacks(KnownJob job, string? attempt) => attempt is null || job.Attempts.Any(known => known.Id == attempt) ? null
        : new Problem("YP5014", $"“{Of(job)}” has no attempt “{attempt}”.", null, $"It has {string.Join(", ", job.Attempts.Select(known => known.Id))}.");

    public static string Of(KnownJob job) => Of(job.Step, job.Key);

    public static string Of(string step, string key) => Words.Name($"{step}/{key}");
}
