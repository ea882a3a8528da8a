using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Yunpipe.Aws.Stores;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;
using Yunpipe.Local.Runs;
using Yunpipe.Local.Stores;
using Yunpipe.Runs;
using Yunpipe.Stores;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe plan</c>: what a run would do, and why. It writes nothing and disturbs no run.</summary>
internal static class PlanCommand
{
    public static Command Create(CliContext context)
    {
        var workflow = new WorkflowOptions();
        var capacity = new CapacityOptions();
        var launcher = Launching.Option();
        var buckets = new S3Options();
        var why = new Option<bool>("--why") { Description = "List every job that would run, with its reason." };
        var fetch = new Option<bool>("--fetch") { Description = "Bring reference data of buckets here first, as a run does, instead of taking it for other data than before." };
        var command = new Command("plan", "Shows what a run would do: jobs per step that are done, would run, or follow from these, and why.") { workflow.Workflow };
        foreach (var option in (Option[])[.. workflow.All, why, fetch, launcher, .. capacity.All, .. buckets.All]) command.Options.Add(option);
        command.SetAction((parse, cancel) => Run(context, parse, workflow, capacity, buckets, parse.GetValue(launcher), parse.GetValue(why), parse.GetValue(fetch), cancel));
        return command;
    }

    private static async Task<int> Run(CliContext context, ParseResult parse, WorkflowOptions options, CapacityOptions limits, S3Options buckets, string? launcher, bool why, bool fetch, CancellationToken cancel)
    {
        var json = parse.GetValue(GlobalOptions.Json);
        var read = options.Read(context, parse, FolderNeeds.Anywhere);
        if (read.Value is not { } file) return context.Terminal.Tell(read.Problems, json);
        var capacity = limits.Read(parse, file.Plan, context.Environment, cancel);
        if (capacity.Value is not { } given) return context.Terminal.Tell(capacity.Problems, json);
        using var places = S3Address.Names(file.Input) || S3Address.Names(file.Output) ? new S3Places(context) : null;
        var input = S3Places.Images(places, file, parse.GetValue(buckets.NoSign), parse.GetValue(buckets.Payer));
        if (input.Value is not { } folder) return context.Terminal.Tell(input.Problems, json);

        var quiet = json || parse.GetValue(GlobalOptions.Quiet);
        using var references = new ReferenceData(context, quiet) { NoSign = parse.GetValue(buckets.NoSign), Payer = parse.GetValue(buckets.Payer), OnlyLooks = !fetch };
        await using var programs = await StepsInScratch.Find(context, file, references, launcher, given, cancel);
        if (programs.Steps.Value is not { } steps) return context.Terminal.Tell(programs.Steps.Problems, json);
        var opened = Store(places, file);
        if (opened.Value is not { } known) return context.Terminal.Tell(opened.Problems, json);
        await using var store = known;
        var jobs = new List<PlannedJob>();
        var preview = new RunPreview(file.Plan, steps, store, job =>
        {
            if (!why) return;
            if (json) jobs.Add(job);
            else context.Terminal.Out.WriteLine($"{JobName.Of(job.Step, job.Key)}: {job.Why}");
        });
        IReadOnlyList<StepForecast> forecasts;
        try
        {
            forecasts = await preview.Walk(() => folder.Items(cancel), cancel);
        }
        catch (Exception error) when (places is not null && error is IOException or UnauthorizedAccessException)
        {
            return context.Terminal.Tell([S3Places.Unreadable(error)], json);
        }
        foreach (var (place, bytes) in quiet ? [] : programs.Missing)
            context.Terminal.Error.WriteLine($"{Words.Name(place)} ({new ByteSize(bytes)}) is not on this machine: here it counts as other data than before. --fetch brings it first; so does a run.");
        if (json) context.Terminal.Json(PlanDocument.Of(preview, forecasts, why ? jobs : null, programs.Missing), VerbsJson.Default.PlanDocument);
        else context.Terminal.Out.Write((why && forecasts.Any(step => step.ToRun > 0) ? "\n" : "") + ToText(preview, forecasts));
        if (preview.Flaws.Count > 0) return context.Terminal.Tell(preview.Flaws.Sorted(), json);
        return preview.Items == 0 ? ExitCode.NothingToRun : ExitCode.AllDone;
    }

    /// <summary>What was done before, wherever results go; empty where nothing was.</summary>
    private static Reading<IStore> Store(S3Places? places, WorkflowFile file)
    {
        if (places is null || !S3Address.Names(file.Output)) return new((IStore?)FolderStore.OpenToRead(new StoreLayout(file.Output!, file.State)) ?? new MemoryStore(), []);
        var store = places.Store(file.Output!, step => file.Plan.Steps.Any(own => own.Name == step && own.Readers.Count == 0));
        return new(store.Value, store.Problems);
    }

    private static string ToText(RunPreview preview, IReadOnlyList<StepForecast> steps)
    {
        var table = new TextTable("STEP", "DONE", "TO RUN", "FOLLOWING", "SET ASIDE", "INPUT", "WHY");
        foreach (var step in steps)
            table.Add(step.Name, step.Done, step.ToRun, step.Following, step.SetAside, new TextTable.Number(step.Bytes > 0 ? new ByteSize(step.Bytes).ToString() : ""),
                string.Join(", ", step.Reasons.OrderByDescending(reason => reason.Value).Select(reason => string.Create(CultureInfo.InvariantCulture, $"{reason.Value} {InWords(reason.Key)}"))));
        var (run, follow, aside) = (steps.Sum(step => step.ToRun), steps.Sum(step => step.Following), steps.Sum(step => step.SetAside));
        var items = Words.Count(preview.Items, "item") + (preview.ItemProblems > 0 ? $" and {Words.Count(preview.ItemProblems, "name")} that cannot be one (see “yunpipe items”)" : "");
        var jobs = run + follow == 0 ? "nothing to run" : $"{Words.Count(run, "job")} to run{(follow > 0 ? $", and at least {follow} that {(follow == 1 ? "follows" : "follow")} from them" : "")}";
        return $"{table}{items}: {jobs}{(aside > 0 ? $"; {aside} set aside before (see “yunpipe failures”)" : "")}.\n";
    }

    private static string InWords(RunReason reason) => reason switch
    {
        RunReason.New => "never made",
        RunReason.VariableChanged => "with another variable",
        RunReason.AlgorithmChanged => "whose algorithm changed",
        RunReason.InputChanged => "whose input changed or was touched",
        RunReason.InputsChanged => "whose members changed",
        RunReason.InputFollows => "behind these",
        RunReason.Released => "whose released output is needed",
        RunReason.Waits => "waiting for members",
        _ => "set aside earlier",
    };
}

/// <summary>What a run would do. Jobs only with <c>--why</c>.</summary>
/// <param name="NotHere">Reference data that is not on this machine, and counts as other data than before.</param>
internal sealed record PlanDocument(long Items, long ItemProblems, IReadOnlyList<PlanStepDocument> Steps, IReadOnlyList<PlanJobDocument>? Jobs, IReadOnlyList<PlanReferenceDocument>? NotHere)
{
    public static PlanDocument Of(RunPreview preview, IReadOnlyList<StepForecast> steps, IReadOnlyList<PlannedJob>? jobs, IReadOnlyList<KeyValuePair<string, long>> missing) => new(preview.Items, preview.ItemProblems,
        [.. steps.Select(step => new PlanStepDocument(step.Name, step.Done, step.ToRun, step.Following, step.SetAside, step.Bytes,
            step.Reasons.OrderBy(reason => reason.Key).ToDictionary(reason => Word(reason.Key), reason => reason.Value)))],
        jobs is null ? null : [.. jobs.Select(job => new PlanJobDocument(job.Step, job.Key, Word(job.Reason), job.Why))],
        missing.Count == 0 ? null : [.. missing.Select(place => new PlanReferenceDocument(place.Key, place.Value))]);

    private static string Word(RunReason reason) => JsonNamingPolicy.KebabCaseLower.ConvertName(reason.ToString());
}

/// <param name="Following">At least so many jobs follow from those that are to run.</param>
/// <param name="Bytes">Of the workflow's own input that would be read.</param>
internal sealed record PlanStepDocument(string Step, long Done, long ToRun, long Following, long SetAside, long Bytes, IReadOnlyDictionary<string, long> Reasons);

internal sealed record PlanJobDocument(string Step, string Key, string Reason, string Why);

internal sealed record PlanReferenceDocument(string Place, long Bytes);
