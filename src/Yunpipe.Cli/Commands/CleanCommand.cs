using System.CommandLine;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;
using Yunpipe.Local.Stores;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe clean</c>: gives space back. What it would delete is told first, with sizes; results of current jobs are never deleted.</summary>
internal static class CleanCommand
{
    public static Command Create(CliContext context)
    {
        var output = StoreFolder.Argument();
        var state = StoreFolder.State();
        var superseded = new Option<bool>("--superseded") { Description = "Delete jobs that are not the current one of their item any more: of old variables, algorithms and inputs." };
        var released = new Option<string[]>("--released")
        {
            Description = "Delete the outputs of these steps, which others have read; they are made again when somebody needs them.", HelpName = "STEP", AllowMultipleArgumentsPerToken = true,
        };
        var attempts = new Option<bool>("--attempts") { Description = "Delete the folders of failed attempts; failures stay listed." };
        var dry = new Option<bool>("--dry-run") { Description = "Only say what would be deleted." };
        var yes = new Option<bool>("--yes", "-y") { Description = "Do not ask." };
        var command = new Command("clean", "Gives disk space back: superseded jobs, outputs of intermediate steps, folders of failed attempts.") { output, state, superseded, released, attempts, dry, yes };
        command.SetAction((parse, cancel) =>
        {
            var json = parse.GetValue(GlobalOptions.Json);
            var found = StoreFolder.Find(parse.GetRequiredValue(output), parse.GetValue(state));
            var asked = new CleanRequest(parse.GetValue(superseded), parse.GetValue(released) ?? [], parse.GetValue(attempts));
            return found.Value is { } layout
                ? Run(context, layout, asked, dry: parse.GetValue(dry) || asked.IsEmpty, ask: !parse.GetValue(yes), json, cancel)
                : Task.FromResult(context.Terminal.Tell(found.Problems, json));
        });
        return command;
    }

    private static async Task<int> Run(CliContext context, StoreLayout layout, CleanRequest asked, bool dry, bool ask, bool json, CancellationToken cancel)
    {
        var terminal = context.Terminal;
        if (ReleaseCheck.Of(context, layout, asked.Released) is { Count: > 0 } flaws) return terminal.Tell(flaws, json);
        if (dry)
        {
            var opened = StoreFolder.Open(layout);
            if (opened.Value is not { } reading) return terminal.Tell(opened.Problems, json);
            await using var looked = reading;
            Show(context, layout, await Cleaning.Plan(looked, layout, asked.IsEmpty ? CleanRequest.Everything : asked, cancel), asked, done: false, json);
            return ExitCode.AllDone;
        }
        var taken = StoreFolder.Take(layout, context, "clean");
        if (taken.Value is not { } held) return terminal.Tell(taken.Problems, json);
        using var _ = held;
        await using var store = FolderStore.Open(layout);
        var cleaning = await Cleaning.Plan(store, layout, asked, cancel);
        if (cleaning.Bytes + cleaning.Count == 0)
        {
            Show(context, layout, cleaning, asked, done: true, json);
            return ExitCode.NothingToRun;
        }
        if (ask && terminal.CanAsk)
        {
            Show(context, layout, cleaning, asked, done: false, json: false);
            if (!terminal.Agree("Delete this?")) return ExitCode.Interrupted;
        }
        await cleaning.Do(store);
        Show(context, layout, cleaning, asked, done: true, json);
        return ExitCode.AllDone;
    }

    private static void Show(CliContext context, StoreLayout layout, Cleaning cleaning, CleanRequest asked, bool done, bool json)
    {
        if (json)
        {
            context.Terminal.Json(new CleanDocument(layout.Root, done, cleaning.Bytes, [.. cleaning.Parts.Select(part => new CleanPartDocument(part.What, part.Count, part.Bytes))]), VerbsJson.Default.CleanDocument);
            return;
        }
        var table = new TextTable("WHAT", "COUNT", "SIZE");
        foreach (var part in cleaning.Parts) table.Add(part.What, part.Count, new TextTable.Number(new ByteSize(part.Bytes).ToString()));
        if (cleaning.Parts.Count > 0) context.Terminal.Out.Write(table.ToString());
        var size = new ByteSize(cleaning.Bytes);
        context.Terminal.Out.WriteLine(asked.IsEmpty ? "Nothing was deleted. Say what to delete: --superseded, --attempts, --released STEP."
            : cleaning.Count == 0 ? "There is nothing of that kind."
            : done ? $"{size} given back." : $"{size} would be given back.");
    }
}

internal sealed record CleanDocument(string Output, bool Deleted, long Bytes, IReadOnlyList<CleanPartDocument> Parts);

internal sealed record CleanPartDocument(string What, long Count, long Bytes);
