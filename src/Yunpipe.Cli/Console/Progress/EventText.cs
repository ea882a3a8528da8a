using Yunpipe.Documents;
using Yunpipe.Runs;
using Yunpipe.Work;

namespace Yunpipe.Cli.Console.Progress;

/// <summary>What happened, as one line for people.</summary>
internal static class EventText
{
    public static string? Of(RunEvent happened) => happened switch
    {
        RunEvent.JobEnded { End: JobEnd.SetAside aside } => $"set aside: {aside.Job.Step} {Words.Name(aside.Job.Key)}: {aside.Failure.Sentence}",
        RunEvent.ItemSetAside item => $"set aside: {item.Problem}",
        RunEvent.JobEnded { End: JobEnd.Superseded old } => $"changed meanwhile: {Words.Name(old.Input)}; what {old.Job.Step} was to make of it waits for the next run.",
        RunEvent.JobEnded { End: JobEnd.Done { HidesBehind: { } other } done } =>
            $"no place: {done.Job.Step} {Words.Name(done.Job.Key)} is done, but the results of {Wording.Quote(other)} stand where its own would; see output.layout.",
        _ => null,
    };
}
