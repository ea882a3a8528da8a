using System.Text.Json;
using System.Text.Json.Serialization;
using Yunpipe.Runs;
using Yunpipe.Stores;
using Yunpipe.Work;

namespace Yunpipe.Cli.Console.Progress;

/// <summary>What <c>yunpipe run --json</c> tells, one document a line; names are kept for ever (docs/reference/run-json.md).</summary>
internal abstract record EventDocument([property: JsonPropertyOrder(-1)] string Event)
{
    public static EventDocument? Of(RunEvent happened) => happened switch
    {
        RunEvent.JobEnded { End: JobEnd.Done done } => new DoneDocument(done.Job.Step, done.Job.Key, done.Job.Id.ToString(), Word(done.How),
            Math.Round((done.Manifest.Last.Use?.Wall ?? 0) / 1000.0, 3), done.Manifest.Attempts.Count, done.HidesBehind),
        RunEvent.JobEnded { End: JobEnd.SetAside aside } =>
            new SetAsideDocument(aside.Job.Step, aside.Job.Key, aside.Job.Id.ToString(), aside.Failure.Cause, aside.Failure.Sentence, aside.Failure.Attempts.Count),
        RunEvent.JobEnded { End: JobEnd.Retried retried } =>
            new RetryDocument(retried.Job.Step, retried.Job.Key, retried.Job.Id.ToString(), retried.Attempt.Cause, retried.Attempt.Sentence, retried.Pause.TotalSeconds),
        RunEvent.JobEnded { End: JobEnd.Superseded old } => new SupersededDocument(old.Job.Step, old.Job.Key, old.Job.Id.ToString(), old.Input),
        RunEvent.JobHeldBack held => new HeldBackDocument(held.Step, held.Key, held.Why),
        RunEvent.ItemSetAside item => new SetAsideDocument("input", item.Problem.Key, null, Cause.InputName, item.Problem.Message, 0),
        _ => null,
    };

    private static string Word(DoneHow how) => how switch { DoneHow.Ran => "ran", DoneHow.Adopted => "adopted", _ => "before" };
}

/// <param name="Memory">Bytes; 0 is no limit.</param>
internal sealed record StartDocument(
    string Workflow, string Input, string Output, IReadOnlyList<string> Steps, string Launcher, double Cpu, long Memory, IReadOnlyList<int> Gpus, int Jobs) : EventDocument("start");

/// <param name="How">ran, adopted (equal content was done before), or before (another worker was first).</param>
/// <param name="Seconds">Wall time of its process.</param>
/// <param name="HidesBehind">The item whose results stand where these would.</param>
internal sealed record DoneDocument(string Step, string Key, string Job, string How, double Seconds, int Attempts, string? HidesBehind) : EventDocument("done");

/// <param name="Job">Null for an item whose name could not be read; its step is “input”.</param>
internal sealed record SetAsideDocument(string Step, string Key, string? Job, Cause Cause, string Sentence, int Attempts) : EventDocument("set-aside");

internal sealed record RetryDocument(string Step, string Key, string Job, Cause? Cause, string? Sentence, double PauseSeconds) : EventDocument("retry");

internal sealed record SupersededDocument(string Step, string Key, string Job, string Input) : EventDocument("superseded");

internal sealed record HeldBackDocument(string Step, string Key, string Why) : EventDocument("held-back");

/// <param name="Items">All there are; null while they are being counted.</param>
internal sealed record ProgressDocument(double Seconds, long? Items, IReadOnlyList<StepDocument> Steps) : EventDocument("progress");

internal sealed record StepDocument(
    string Step, long Waiting, long Running, long Ran, long Before, long Adopted, long MadeAgain, long SetAside, long HeldBack, long Retries, double WorkedSeconds,
    IReadOnlyList<AgainDocument>? Again)
{
    public static StepDocument Of(StepProgress step) => new(
        step.Name, step.Waiting, step.Running, step.Ran, step.Already, step.Adopted, step.MadeAgain, step.SetAside, step.HeldBack, step.Retries, Math.Round(step.Worked.TotalSeconds, 3),
        step.Again.Count == 0 ? null : [.. step.Again.OrderBy(again => again.Key).Select(again => new AgainDocument(Word(again.Key), again.Value.Count, again.Value.Why))]);

    private static string Word(RunReason reason) => JsonNamingPolicy.KebabCaseLower.ConvertName(reason.ToString());
}

/// <summary>Why items that had results got new ones: a reason, how many jobs, and the sentence of the first.</summary>
internal sealed record AgainDocument(string Reason, long Jobs, string Why);

/// <param name="Outcome">all-done, some-set-aside, nothing-to-run, gave-up or interrupted.</param>
internal sealed record SummaryDocument(
    string Outcome, int ExitCode, double Seconds, string Output, long Items, long ItemsSetAside, long Superseded, long ViewConflicts,
    IReadOnlyList<StepDocument> Steps, string? Why) : EventDocument("summary");

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EventDocument))]
[JsonSerializable(typeof(StartDocument))]
[JsonSerializable(typeof(DoneDocument))]
[JsonSerializable(typeof(SetAsideDocument))]
[JsonSerializable(typeof(RetryDocument))]
[JsonSerializable(typeof(SupersededDocument))]
[JsonSerializable(typeof(HeldBackDocument))]
[JsonSerializable(typeof(ProgressDocument))]
[JsonSerializable(typeof(SummaryDocument))]
internal sealed partial class EventJson : JsonSerializerContext
{
    /// <summary>One line; “event” comes first.</summary>
    public static string Line(EventDocument document) => JsonLines.ToLine(document, Default.GetTypeInfo(document.GetType())!);
}
