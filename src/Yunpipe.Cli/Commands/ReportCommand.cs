using System.CommandLine;
using System.Text;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;
using Yunpipe.Local.Stores;
using Yunpipe.Reports;
using Yunpipe.Reports.Html;
using Yunpipe.Workflows;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe report</c>: what results took, as a page, a trace and a table.</summary>
internal static class ReportCommand
{
    private const string Page = "report.html", Trace = "trace.csv";

    public static Command Create(CliContext context)
    {
        var output = StoreFolder.Argument();
        var html = new Option<string?>("--html") { Description = "Write the page here. [OUT/report.html]", HelpName = "FILE" };
        var trace = new Option<string?>("--trace") { Description = "Write a row for each attempt here, as CSV. [OUT/trace.csv]", HelpName = "FILE" };
        var text = new Option<bool>("--text") { Description = "Print a table instead." };
        var plain = new Option<bool>("--no-pictures") { Description = "Leave the images out of the page." };
        var input = new Option<string?>("--input", "-i") { Description = "Where the images are, if not where the run found them.", HelpName = "DIR" };
        var state = StoreFolder.State();
        var command = new Command("report", "Tells what results took: a page with pictures, a trace as CSV, or a table.") { output, html, trace, text, plain, input, state };
        command.SetAction((parse, cancel) =>
        {
            var json = parse.GetValue(GlobalOptions.Json);
            var found = StoreFolder.Find(parse.GetRequiredValue(output), parse.GetValue(state));
            if (found.Value is not { } layout) return Task.FromResult(context.Terminal.Tell(found.Problems, json));
            return Make(context, new Asked(layout, parse.GetValue(html), parse.GetValue(trace), parse.GetValue(text), json, !parse.GetValue(plain), parse.GetValue(input)), cancel);
        });
        return command;
    }

    /// <summary>To be called when a run has ended and its records are written: leaves page and trace in the output.</summary>
    /// <param name="changed">False where the run did nothing: then a page that is there stays.</param>
    /// <returns>Why there is no page; that does not make the run a failure.</returns>
    public static async Task<Problem?> AtEnd(CliContext context, WorkflowFile file, bool changed, CancellationToken cancel)
    {
        var layout = new StoreLayout(file.Output!, file.State);
        var page = Path.Combine(layout.Root, Page);
        if (!changed && File.Exists(page)) return null;
        try
        {
            if (StoreFolder.Open(layout).Value is not { } store) return null;
            await using var reading = store;
            using var pictures = ReportPictures.Open(context, file.Plan.Workflow, file.Input);
            await Write(store, file.Plan, pictures, page, Path.Combine(layout.Root, Trace), context.Time, cancel);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Unwritable(error);
        }
        catch (OperationCanceledException)
        {
            return null; // Asked to stop: the next run, or “yunpipe report”, writes it.
        }
    }

    private sealed record Asked(StoreLayout Layout, string? Html, string? Trace, bool Text, bool Json, bool Pictures, string? Input);

    private static async Task<int> Make(CliContext context, Asked asked, CancellationToken cancel)
    {
        var opened = StoreFolder.Open(asked.Layout);
        if (opened.Value is not { } store) return context.Terminal.Tell(opened.Problems, asked.Json);
        await using var reading = store;
        var last = LastRun.Read(asked.Layout);
        // A workflow that was moved or broken since still has its records: only names of steps and what they asked for are lost.
        var plan = last?.Workflow is { } file && File.Exists(file) ? PlanReader.Read(file, context.Algorithms.Find, last.Settings, last.Folder).Value : null;
        var (html, trace) = asked.Text || asked.Json || asked.Html is not null || asked.Trace is not null
            ? (asked.Html, asked.Trace) : (Path.Combine(asked.Layout.Root, Page), Path.Combine(asked.Layout.Root, Trace));
        try
        {
            using var pictures = html is null || !asked.Pictures ? null : ReportPictures.Open(context, plan?.Workflow, asked.Input ?? last?.Input);
            var report = await Write(store, plan, pictures, html, trace, context.Time, cancel);
            if (asked.Json) context.Terminal.Json(report, ReportJson.Default.Report);
            else if (asked.Text) ReportText.Write(report, context.Terminal.Out);
            else
                foreach (var path in (string?[])[html, trace])
                    if (path is not null) context.Terminal.Out.WriteLine(Words.Path(path));
            return report.SetAside > 0 ? ExitCode.SomeSetAside : ExitCode.AllDone;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return context.Terminal.Tell([Unwritable(error)], asked.Json);
        }
    }

    /// <summary>One pass over the records for both files; each takes its place when it is whole.</summary>
    private static async Task<Report> Write(FolderStore store, Plan? plan, ReportPictures? pictures, string? html, string? trace, TimeProvider time, CancellationToken cancel)
    {
        Report? report = null;
        var settings = new ReportSettings(plan is null ? ReportSubject.Nothing : ReportSubject.Of(plan))
        {
            Pictures = pictures?.Pictures,
            Manifests = stop => store.Stored(stop).Select(stored => (stored.Manifest, stored.Current)),
        };
        if (trace is null) report = await Report.From(store, settings, time, cancel);
        else await Replace(trace, async writer => report = await Report.From(store, settings with { Trace = new TraceCsv(writer) }, time, cancel));
        if (html is not null) await Replace(html, writer => { ReportHtml.Write(report!, writer); return Task.CompletedTask; });
        return report!;
    }

    private static async Task Replace(string path, Func<TextWriter, Task> write)
    {
        var beside = path + ".part";
        try
        {
            await using (var writer = new StreamWriter(beside, false, new UTF8Encoding(false))) await write(writer);
            File.Move(beside, path, overwrite: true);
        }
        finally
        {
            File.Delete(beside);
        }
    }

    private static Problem Unwritable(Exception error) => new("YP5020", $"The report cannot be written: {error.Message.TrimEnd('.')}.", null, "Name another place with --html and --trace.");
}
