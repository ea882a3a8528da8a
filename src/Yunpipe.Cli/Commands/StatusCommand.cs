using System.CommandLine;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;
using Yunpipe.Local.Runs;
using Yunpipe.Local.Stores;
using Yunpipe.Workflows;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe status</c>: what an output folder holds, and who works on it.</summary>
internal static class StatusCommand
{
    public static Command Create(CliContext context)
    {
        var output = StoreFolder.Argument();
        var state = StoreFolder.State();
        var command = new Command("status", "Shows what an output folder holds, step by step, and whether somebody runs on it.") { output, state };
        command.SetAction((parse, cancel) => Run(context, parse, StoreFolder.Find(parse.GetRequiredValue(output), parse.GetValue(state)), cancel));
        return command;
    }

    private static async Task<int> Run(CliContext context, ParseResult parse, Reading<StoreLayout> found, CancellationToken cancel)
    {
        var json = parse.GetValue(GlobalOptions.Json);
        if (found.Value is not { } layout) return context.Terminal.Tell(found.Problems, json);
        var opened = StoreFolder.Open(layout);
        if (opened.Value is not { } reading) return context.Terminal.Tell(opened.Problems, json);
        await using var store = reading;
        var steps = InOrder(context, layout, await StoreTotals.Count(store, cancel));
        var holder = OutputLock.HolderNow(layout);
        if (json) context.Terminal.Json(StatusDocument.Of(layout, holder, steps), VerbsJson.Default.StatusDocument);
        else context.Terminal.Out.Write(ToText(layout, holder, steps, context.Time.GetUtcNow()));
        return steps.Any(step => step.SetAside > 0) ? ExitCode.SomeSetAside : ExitCode.AllDone;
    }

    /// <summary>As the workflow of the last run has them, where it can still be read; steps that it does not have come last.</summary>
    private static IReadOnlyList<StepTotals> InOrder(CliContext context, StoreLayout layout, IReadOnlyList<StepTotals> steps)
    {
        if (LastRun.Read(layout) is not { Workflow: { } file } last || PlanReader.Read(file, context.Algorithms.Find, last.Settings).Value is not { } plan) return steps;
        var places = plan.Steps.ToDictionary(step => step.Name, step => step.Index);
        return [.. steps.OrderBy(step => places.GetValueOrDefault(step.Name, int.MaxValue))];
    }

    private static string ToText(StoreLayout layout, Holder? holder, IReadOnlyList<StepTotals> steps, DateTimeOffset now)
    {
        var table = new TextTable("STEP", "DONE", "SET ASIDE", "SIZE", "TIME SPENT", "SUPERSEDED");
        foreach (var step in steps)
            table.Add(step.Name + (step.Released > 0 ? $" ({step.Released} released)" : ""), step.Done, step.SetAside, new TextTable.Number(new ByteSize(step.Bytes).ToString()),
                new TextTable.Number(Words.Time(step.Spent)), step.Superseded == 0 ? null : $"{Words.Count(step.Superseded, "job")}, {new ByteSize(step.SupersededBytes)}");
        var who = holder is null ? "Nobody runs on it now."
            : $"Process {holder.Pid} on {holder.Host} {(holder.Started > 0 ? $"has worked on it for {Words.Time(now - DateTimeOffset.FromUnixTimeMilliseconds(holder.Started))}" : "works on it")}: {holder.Command}";
        var advice = (steps.Any(step => step.SetAside > 0) ? $"Why jobs were set aside: yunpipe failures {Words.Argument(Words.Path(layout.Root))}\n" : "")
            + (steps.Any(step => step.SupersededBytes > 0) ? $"To give back what is superseded: yunpipe clean {Words.Argument(Words.Path(layout.Root))} --superseded\n" : "");
        return $"{Words.Path(layout.Root)}: {who}\n{(steps.Count > 0 ? table.ToString() : "Nothing is done yet.\n")}{advice}";
    }
}

/// <summary>What an output folder holds. The holder is absent where nobody runs.</summary>
internal sealed record StatusDocument(string Output, Holder? Holder, IReadOnlyList<StatusStepDocument> Steps)
{
    public static StatusDocument Of(StoreLayout layout, Holder? holder, IReadOnlyList<StepTotals> steps) => new(layout.Root, holder,
        [.. steps.Select(step => new StatusStepDocument(step.Name, step.Done, step.Released, step.SetAside, step.Bytes, Math.Round(step.Spent.TotalSeconds, 3), step.Superseded, step.SupersededBytes))]);
}

internal sealed record StatusStepDocument(string Step, long Done, long Released, long SetAside, long Bytes, double SecondsSpent, long Superseded, long SupersededBytes);
