using Yunpipe.Cli.Console;
using Yunpipe.Dispatch;
using Yunpipe.Documents;

namespace Yunpipe.Cli.Commands;

/// <summary>What the calls of a submit came to, all together.</summary>
/// <param name="after">Behind which image it begins.</param>
internal sealed class SubmitTally(string? after)
{
    private const int MostProblems = 20;
    private readonly Dictionary<string, long> _jobs = new(StringComparer.Ordinal);
    private readonly List<string> _problems = [];
    private long _bytes, _sent;

    public long Files { get; private set; }
    public long Problems { get; private set; }

    /// <summary>Where the next call begins; or after which named image.</summary>
    public string? After { get; private set; } = after;

    /// <summary>True where nothing is left to ask.</summary>
    public bool Ended { get; set; }

    public void Add(Submitted answer, SubmitRequest request)
    {
        Files += answer.Files;
        _bytes += answer.Bytes;
        _sent += answer.Sent;
        foreach (var (step, count) in answer.Jobs) _jobs[step] = _jobs.GetValueOrDefault(step) + count;
        Problems += answer.Problems.Count;
        _problems.AddRange(answer.Problems.Take(MostProblems - _problems.Count));
        if (request.Keys.Count > 0) After = request.Keys[^1];
        else (After, Ended) = (answer.After ?? After, answer.After is null);
    }

    public void Tell(Terminal terminal, OpenDeployment deployment, bool dryRun, bool json, bool quiet)
    {
        foreach (var problem in _problems) terminal.Error.WriteLine(Words.Name(problem));
        if (Problems > _problems.Count) terminal.Error.WriteLine($"… and {Words.Count(Problems - _problems.Count, "more like these", "more like these")}");
        var jobs = deployment.Steps.Where(_jobs.ContainsKey).Select(step => new SubmitStepDocument(step, _jobs[step])).ToList();
        if (json) terminal.Json(new SubmitDocument(deployment.Name, dryRun, Files, _bytes, _sent, jobs, _problems, Ended ? null : After), VerbsJson.Default.SubmitDocument);
        else if (!quiet && Files > 0) terminal.Out.Write(dryRun ? Counted(jobs) : Sent());
    }

    private string Counted(List<SubmitStepDocument> jobs)
    {
        var files = $"{Words.Count(Files, "file")}, {new ByteSize(_bytes)}";
        if (jobs.Count == 0) return $"{files}: no job is open.\n";
        var table = new TextTable("STEP", "OPEN JOBS");
        foreach (var step in jobs) table.Add(step.Step, step.Jobs);
        return $"{files}. Nothing was sent.\n{table}Jobs behind these are made as they are done; what was sent already is sent again only with --again.\n";
    }

    private string Sent() => $"{Words.Count(Files, "file")} looked at ({new ByteSize(_bytes)}), {Words.Count(_sent, "job")} sent."
        + (_sent == 0 && Problems == 0 ? _jobs.Values.Sum() is > 0 and var open ? $" {Words.Count(open, "job is", "jobs are")} on the way already.\n" : " No job is open.\n" : "\n");
}

/// <param name="After">Where an interrupted one goes on; absent where all was asked.</param>
internal sealed record SubmitDocument(string Deployment, bool DryRun, long Files, long Bytes, long Sent, IReadOnlyList<SubmitStepDocument> OpenJobs, IReadOnlyList<string> Problems, string? After);

internal sealed record SubmitStepDocument(string Step, long Jobs);
