using System.CommandLine;
using System.Globalization;
using Yunpipe.Cli.Console;
using Yunpipe.Cli.Console.Progress;
using Yunpipe.Cli.Deploying;
using Yunpipe.Documents;
using Yunpipe.Local.Runs;
using Yunpipe.Local.Stores;
using Yunpipe.Workflows;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe status</c>: what an output folder or a deployment holds, and who works on it.</summary>
internal static class StatusCommand
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(5);

    public static Command Create(CliContext context)
    {
        var output = DeploymentPlace.OrFolder();
        var state = StoreFolder.State();
        var watch = new Option<bool>("--watch") { Description = "Look again every five seconds, until Ctrl-C." };
        var command = new Command("status", """
            Shows what an output folder or a deployment holds, step by step, and who works on it.
              Of a deployment: jobs that wait, run, are done and set aside, its pace, its tasks, and what keeps them from coming up.
              Of a folder the first two and the pace are shown while a run goes on.
            """) { output, state, watch };
        command.SetAction((parse, cancel) =>
        {
            var (place, json, again) = (parse.GetRequiredValue(output), parse.GetValue(GlobalOptions.Json), parse.GetValue(watch));
            return DeploymentPlace.IsMeant(context, place) ? OfDeployment(context, place, json, again, cancel) : OfFolder(context, StoreFolder.Find(place, parse.GetValue(state)), json, again, cancel);
        });
        return command;
    }

    private static async Task<int> OfDeployment(CliContext context, string place, bool json, bool again, CancellationToken cancel)
    {
        var opened = await DeploymentPlace.Open(context, place, cancel, orFolder: true);
        if (opened.Value is not { } deployment) return context.Terminal.Tell(opened.Problems, json);
        await using var _ = deployment;
        try
        {
            return await Show(context, again, async () =>
            {
                var status = await DeploymentStatus.Look(context, deployment, cancel);
                if (json) context.Terminal.Json(status.ToDocument(), VerbsJson.Default.DeploymentStatusDocument);
                return (json ? null : status.ToText(), status.SetAside);
            }, cancel);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return context.Terminal.Tell([CloudErrors.Of(error, place)], json);
        }
    }

    private static async Task<int> OfFolder(CliContext context, Reading<StoreLayout> found, bool json, bool again, CancellationToken cancel)
    {
        if (found.Value is not { } layout) return context.Terminal.Tell(found.Problems, json);
        var opened = StoreFolder.Open(layout);
        if (opened.Value is not { } reading) return context.Terminal.Tell(opened.Problems, json);
        await using var store = reading;
        return await Show(context, again, async () =>
        {
            var steps = InOrder(context, layout, await StoreTotals.Count(store, cancel));
            var holder = OutputLock.HolderNow(layout);
            var progress = RunProgress.Read(layout, holder, context.Time);
            if (json) context.Terminal.Json(StatusDocument.Of(layout, holder, steps, progress), VerbsJson.Default.StatusDocument);
            return (json ? null : ToText(layout, holder, steps, progress, context.Time.GetUtcNow()), steps.Any(step => step.SetAside > 0));
        }, cancel);
    }

    /// <summary>Once, or again and again; drawn over itself where a person looks.</summary>
    private static async Task<int> Show(CliContext context, bool again, Func<Task<(string? Text, bool SetAside)>> look, CancellationToken cancel)
    {
        var block = new LiveBlock(context.Terminal);
        while (true)
        {
            var (text, setAside) = await look();
            if (!again)
            {
                if (text is not null) context.Terminal.Out.Write(text);
                return setAside ? ExitCode.SomeSetAside : ExitCode.AllDone;
            }
            var width = context.Terminal.Width - 1;
            if (text is not null && context.Terminal.IsTerminal) block.Draw([], [.. text.TrimEnd('\n').Split('\n').Select(line => line.Length <= width ? line : line[..width])]);
            else if (text is not null) context.Terminal.Out.Write(text + "\n");
            await Task.Delay(Between, context.Time, cancel);
        }
    }

    /// <summary>As the workflow of the last run has them, where it can still be read; steps that it does not have come last.</summary>
    private static IReadOnlyList<StepTotals> InOrder(CliContext context, StoreLayout layout, IReadOnlyList<StepTotals> steps)
    {
        if (LastRun.Read(layout) is not { Workflow: { } file } last || PlanReader.Read(file, context.Algorithms.Find, last.Settings).Value is not { } plan) return steps;
        var places = plan.Steps.ToDictionary(step => step.Name, step => step.Index);
        return [.. steps.OrderBy(step => places.GetValueOrDefault(step.Name, int.MaxValue))];
    }

    private static string ToText(StoreLayout layout, Holder? holder, IReadOnlyList<StepTotals> steps, RunProgress? progress, DateTimeOffset now)
    {
        var who = holder is null ? "Nobody runs on it now."
            : $"Process {holder.Pid} on {holder.Host} {(holder.Started > 0 ? $"has worked on it for {Words.Time(now - DateTimeOffset.FromUnixTimeMilliseconds(holder.Started))}" : "works on it")}: {holder.Command}";
        var table = progress is null ? Held(steps) : UnderWay(steps, progress);
        var advice = (steps.Any(step => step.SetAside > 0) ? $"Why jobs were set aside: yunpipe failures {Words.Argument(Words.Path(layout.Root))}\n" : "")
            + (steps.Any(step => step.SupersededBytes > 0) ? $"To give back what is superseded: yunpipe clean {Words.Argument(Words.Path(layout.Root))} --superseded\n" : "");
        return $"{Words.Path(layout.Root)}: {who}\n{(steps.Count > 0 || progress is not null ? table.ToString() : "Nothing is done yet.\n")}{advice}";
    }

    private static TextTable Held(IReadOnlyList<StepTotals> steps)
    {
        var table = new TextTable("STEP", "DONE", "SET ASIDE", "SIZE", "TIME SPENT", "SUPERSEDED");
        foreach (var step in steps) table.Add([Name(step), step.Done, step.SetAside, .. Rest(step)]);
        return table;
    }

    /// <summary>While a run goes on: what it alone knows comes first, also of steps that have nothing on record yet.</summary>
    private static TextTable UnderWay(IReadOnlyList<StepTotals> steps, RunProgress progress)
    {
        var table = new TextTable("STEP", "WAITING", "RUNNING", "DONE", "SET ASIDE", "IMAGES/MIN", "TIME LEFT", "SIZE", "TIME SPENT", "SUPERSEDED");
        foreach (var pace in progress.Steps)
            if (steps.FirstOrDefault(own => own.Name == pace.Step) is { } step)
                table.Add([Name(step), pace.Waiting, pace.Running, step.Done, step.SetAside, Pace(pace.PerMinute), Left(pace.SecondsLeft), .. Rest(step)]);
            else table.Add(pace.Step, pace.Waiting, pace.Running, 0, 0, Pace(pace.PerMinute), Left(pace.SecondsLeft), null, null, null);
        foreach (var step in steps.Where(step => progress.Steps.All(pace => pace.Step != step.Name))) table.Add([Name(step), null, null, step.Done, step.SetAside, null, null, .. Rest(step)]);
        return table;
    }

    /// <summary>Jobs a minute; nothing where none ended lately.</summary>
    public static TextTable.Number? Pace(double perMinute) => perMinute <= 0 ? null : new TextTable.Number(perMinute.ToString(perMinute >= 100 ? "0" : perMinute >= 1 ? "0.0" : "0.00", CultureInfo.InvariantCulture));

    public static TextTable.Number? Left(double? seconds) => seconds is { } left ? new TextTable.Number(left <= 0 ? "–" : Words.Time(TimeSpan.FromSeconds(Math.Ceiling(left)))) : null;

    private static string Name(StepTotals step) => step.Name + (step.Released > 0 ? $" ({step.Released} released)" : "");

    private static object?[] Rest(StepTotals step) =>
    [
        new TextTable.Number(new ByteSize(step.Bytes).ToString()), new TextTable.Number(Words.Time(step.Spent)),
        step.Superseded == 0 ? null : $"{Words.Count(step.Superseded, "job")}, {new ByteSize(step.SupersededBytes)}",
    ];
}

/// <summary>What an output folder holds. The holder is absent where nobody runs.</summary>
internal sealed record StatusDocument(string Output, Holder? Holder, IReadOnlyList<StatusStepDocument> Steps)
{
    public static StatusDocument Of(StoreLayout layout, Holder? holder, IReadOnlyList<StepTotals> steps, RunProgress? progress)
    {
        var names = steps.Select(step => step.Name).Union(progress?.Steps.Select(pace => pace.Step) ?? []);
        return new(layout.Root, holder, [.. names.Select(name => StatusStepDocument.Of(name, steps.FirstOrDefault(step => step.Name == name), progress?.Steps.FirstOrDefault(pace => pace.Step == name)))]);
    }
}

/// <param name="Waiting">This and what follows it: while a run goes on.</param>
internal sealed record StatusStepDocument(string Step, long Done, long Released, long SetAside, long Bytes, double SecondsSpent, long Superseded, long SupersededBytes,
    long? Waiting, long? Running, double? PerMinute, double? SecondsLeft)
{
    public static StatusStepDocument Of(string name, StepTotals? step, StepPace? pace) => new(name, step?.Done ?? 0, step?.Released ?? 0, step?.SetAside ?? 0, step?.Bytes ?? 0,
        Math.Round(step?.Spent.TotalSeconds ?? 0, 3), step?.Superseded ?? 0, step?.SupersededBytes ?? 0, pace?.Waiting, pace?.Running, pace is null ? null : Math.Round(pace.PerMinute, 2), pace?.SecondsLeft);
}
