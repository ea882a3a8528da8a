using Yunpipe.Work;

namespace Yunpipe.Cli.Console.Progress;

/// <summary>What a worker tells: a line for each job that ends, and how many there were.</summary>
internal sealed class WorkerTale(Terminal terminal, bool json, bool quiet)
{
    private readonly Lock _lock = new();
    private long _done, _setAside;

    public void Begin(string deployment, int steps, int jobs) => Say($"Working on {deployment}: {Words.Count(steps, "step")}, up to {Words.Count(jobs, "job")} at once.");

    public void Say(string sentence)
    {
        lock (_lock)
            if (!quiet && !json) terminal.Error.WriteLine(sentence);
    }

    public void Hear(DrainEvent happened)
    {
        switch (happened)
        {
            case DrainEvent.Trouble trouble:
                Say(trouble.Sentence);
                break;
            case DrainEvent.Ended { End: var end }:
                Interlocked.Add(ref _done, end is JobEnd.Done ? 1 : 0);
                Interlocked.Add(ref _setAside, end is JobEnd.SetAside ? 1 : 0);
                Tell(end);
                break;
        }
    }

    public int End(bool stopped)
    {
        if (!quiet && !json) terminal.Out.WriteLine($"{Words.Count(_done, "job")} done, {_setAside} set aside.");
        return _setAside > 0 ? ExitCode.SomeSetAside : stopped ? ExitCode.Interrupted : ExitCode.AllDone;
    }

    private void Tell(JobEnd end)
    {
        var (how, sentence) = end switch
        {
            JobEnd.Done done => (done.How switch { DoneHow.Ran => "done", DoneHow.Adopted => "adopted", _ => "already-done" }, null),
            JobEnd.SetAside aside => ("set-aside", aside.Failure.Sentence),
            JobEnd.Retried retried => ("retried", retried.Attempt.Sentence),
            JobEnd.Superseded => ("superseded", null),
            _ => ("given-back", (string?)null),
        };
        lock (_lock)
            if (json) terminal.Json(new WorkerJobDocument("job-ended", end.Job.Step, end.Job.Key, end.Job.Id.ToString(), how, sentence), CliJson.Default.WorkerJobDocument);
            else if (!quiet) terminal.Error.WriteLine($"{end.Job.Step}  {end.Job.Key}  {how}{(sentence is null ? "" : $": {sentence}")}");
    }
}

/// <summary>A job that ended, as a machine reads it.</summary>
internal sealed record WorkerJobDocument(string Event, string Step, string Key, string Job, string How, string? Sentence);
