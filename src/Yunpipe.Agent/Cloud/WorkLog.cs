using System.Text.Json;
using Yunpipe.Aws.Metrics;
using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Agent.Cloud;

/// <summary>What a worker tells: how jobs begin and end, what they write, and figures that CloudWatch makes metrics of
/// (<see cref="EmbeddedFormat"/>).</summary>
internal sealed class WorkLog(LogLines lines, string deployment, string step, TimeProvider time)
{
    public OutputLines OutputOf(AgentRun run) => new(text => lines.Tell(json =>
    {
        json.WriteString("level", "output");
        WriteJobs(json, run.Jobs);
        json.WriteString("text", text);
    }));

    public void Hear(DrainEvent happened)
    {
        switch (happened)
        {
            case DrainEvent.Started { Jobs: var jobs }:
                // Each of a batch by itself, so that its log can be asked for by its name.
                foreach (var job in jobs)
                    lines.Tell(json =>
                    {
                        json.WriteString("level", "info");
                        json.WriteString("event", "job-started");
                        json.WriteString("job", job.Id.ToString());
                        json.WriteString("key", job.Key);
                    });
                break;
            case DrainEvent.Ended { End: var end }:
                Tell(end);
                break;
            case DrainEvent.Trouble { Sentence: var sentence }:
                lines.Tell("warning", sentence);
                break;
        }
    }

    private void Tell(JobEnd end)
    {
        var (how, sentence, attempt) = end switch
        {
            JobEnd.Done done => (done.How switch { DoneHow.Ran => "done", DoneHow.Adopted => "adopted", _ => "already-done" }, done.HidesBehind is { } other ? $"Its results would stand where those of “{other}” do." : null, done.How == DoneHow.Ran ? done.Manifest.Last : null),
            JobEnd.SetAside aside => ("set-aside", aside.Failure.Sentence, aside.Failure.Attempts.Count > 0 ? aside.Failure.Attempts[^1] : null),
            JobEnd.Retried retried => ("retried", retried.Attempt.Sentence, retried.Attempt),
            JobEnd.Superseded superseded => ("superseded", $"“{superseded.Input}” has changed since.", null),
            _ => ("given-back", null, (AttemptRecord?)null),
        };
        lines.Tell(json =>
        {
            json.WriteString("level", end is JobEnd.SetAside ? "error" : end is JobEnd.Retried ? "warning" : "info");
            json.WriteString("event", "job-ended");
            json.WriteString("job", end.Job.Id.ToString());
            json.WriteString("key", end.Job.Key);
            json.WriteString("how", how);
            if (sentence is not null) json.WriteString("text", sentence);
            if (end is JobEnd.GivenBack) return;
            EmbeddedFormat.Describe(json, time.GetUtcNow(), DeploymentMetrics.StepDimensions, DeploymentMetrics.OfStep);
            json.WriteString(DeploymentMetrics.Deployment, deployment);
            json.WriteString(DeploymentMetrics.Step, step);
            json.WriteNumber(DeploymentMetrics.Seconds.Name, attempt is null ? 0 : (attempt.Ended - attempt.Started) / 1000.0);
            json.WriteNumber(DeploymentMetrics.ProcessSeconds.Name, (attempt?.Use?.Wall ?? 0) / 1000.0);
            json.WriteNumber(DeploymentMetrics.PeakMemory.Name, attempt?.Use?.PeakMemory ?? 0);
            json.WriteNumber(DeploymentMetrics.BytesIn.Name, end.Job.Inputs.Sum(input => input.Members.Sum(member => member.Part.File.Size)));
            json.WriteNumber(DeploymentMetrics.BytesOut.Name, end is JobEnd.Done made ? made.Manifest.Outputs.Sum(output => output.Size) : 0);
            json.WriteNumber(DeploymentMetrics.Done.Name, end is JobEnd.Done ? 1 : 0);
            json.WriteNumber(DeploymentMetrics.SetAside.Name, end is JobEnd.SetAside ? 1 : 0);
            json.WriteNumber(DeploymentMetrics.Retried.Name, end is JobEnd.Retried ? 1 : 0);
        });
    }

    private static void WriteJobs(Utf8JsonWriter json, IReadOnlyList<string> jobs)
    {
        json.WriteString("job", jobs[0]);
        if (jobs.Count == 1) return;
        json.WriteStartArray("jobs");
        foreach (var job in jobs) json.WriteStringValue(job);
        json.WriteEndArray();
    }
}
