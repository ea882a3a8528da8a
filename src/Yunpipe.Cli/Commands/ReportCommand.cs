using System.CommandLine;
using System.Text;
using System.Text.Json;
using Yunpipe.Cli.Console;
using Yunpipe.Documents;
using Yunpipe.Local.Stores;
using Yunpipe.Reports;
using Yunpipe.Reports.Html;
using Yunpipe.Stores;
using Yunpipe.Workflows;

namespace Yunpipe.Cli.Commands;

/// <summary><c>yunpipe report</c>: what a run took and gave, as a page, a trace and a table.</summary>
internal static class ReportCommand
{
    private const string Page = "report.html", Trace = "trace.csv";

    public static Command Create(CliContext context)
    {
        var output = new Argument<string>("output") { Description = "The output folder of a run.", HelpName = "OUT" };
        var html = new Option<string?>("--html") { Description = "Write the page here. [OUT/report.html]", HelpName = "FILE" };
        var trace = new Option<string?>("--trace") { Description = "Write a row for each attempt here, as CSV. [OUT/trace.csv]", HelpName = "FILE" };
        var text = new Option<bool>("--text") { Description = "Print a table instead." };
        var plain = new Option<bool>("--no-pictures") { Description = "Leave the images out of the page." };
        var input = new Option<string?>("--input", "-i") { Description = "Where the images are now, if they were moved since.", HelpName = "DIR" };
        var state = new Option<string?>("--state") { Description = "Where the run keeps its records, if not in the output folder.", HelpName = "DIR" };
        var command = new Command("report", "Tells what a run took and gave: a page, a trace, or a table.") { output, html, trace, text, plain, input, state };
        command.SetAction((parse, cancel) =>
        {
            var layout = new StoreLayout(parse.GetRequiredValue(output), parse.GetValue(state));
            var request = new Request(layout, parse.GetValue(html), parse.GetValue(trace), parse.GetValue(text), parse.GetValue(GlobalOptions.Json), !parse.GetValue(plain), parse.GetValue(input));
            return Make(context, request, cancel);
        });
        return command;
    }

    /// <summary>To be called when a run has ended and its records are written: leaves the page, the trace and what a later report needs.</summary>
    /// <param name="file">The workflow's file; null where it came from the command line.</param>
    /// <param name="changed">False where the run did nothing: then a page that is there stays.</param>
    /// <returns>The page's path; or why there is none, which does not make the run a failure.</returns>
    public static async Task<(string? Page, Problem? Problem)> AtEnd(CliContext context, IStore store, StoreLayout layout, Plan plan, string? file, string input, bool changed, CancellationToken cancel)
    {
        var page = Path.Combine(layout.Root, Page);
        var subject = ReportSubject.Of(plan, file is null ? null : Path.GetFullPath(file), Path.GetFullPath(input));
        try
        {
            var remembered = JsonSerializer.Serialize(subject, SubjectJson.Default.ReportSubject);
            if (!changed && File.Exists(page) && File.Exists(SubjectFile(layout)) && await File.ReadAllTextAsync(SubjectFile(layout), cancel) == remembered) return (page, null);
            await Replace(SubjectFile(layout), writer => writer.Write(remembered));
            using var pictures = ReportPictures.Open(context, plan.Workflow, subject.Input);
            await Write(store, new ReportSettings(subject) { Pictures = pictures?.Pictures }, page, Path.Combine(layout.Root, Trace), context.Time, cancel);
            return (page, null);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return (null, Unwritable(error));
        }
    }

    private sealed record Request(StoreLayout Layout, string? Html, string? Trace, bool Text, bool Json, bool Pictures, string? Input);

    private static async Task<int> Make(CliContext context, Request request, CancellationToken cancel)
    {
        var layout = request.Layout;
        if (!File.Exists(layout.State))
            return context.Terminal.Tell([new Problem("YP5010", Directory.Exists(layout.Root) ? $"Nothing was run into “{layout.Root}”: it has no {StoreLayout.Own}/state.db." : $"There is no folder “{layout.Root}”.", null,
                "Name the output folder of a run, and its --state if it had one.")], request.Json);
        await using var store = FolderStore.Open(layout, context.Time, durable: false);
        var subject = await Subject(layout, cancel);
        if (request.Input is not null) subject = subject with { Input = Path.GetFullPath(request.Input) };
        var printed = request.Text || request.Json;
        var (html, trace) = printed || request.Html is not null || request.Trace is not null ? (request.Html, request.Trace) : (Path.Combine(layout.Root, Page), Path.Combine(layout.Root, Trace));
        // A workflow that was changed or moved since still has its records; only the way from keys to files may be lost.
        var workflow = subject.File is { } file && File.Exists(file) ? WorkflowReader.Read(file, AlgorithmFinder.Find).Value : null;
        using var pictures = html is null || !request.Pictures ? null : ReportPictures.Open(context, workflow, subject.Input);
        try
        {
            var report = await Write(store, new ReportSettings(subject) { Pictures = pictures?.Pictures }, html, trace, context.Time, cancel);
            if (request.Json) context.Terminal.Json(report, ReportJson.Default.Report);
            else if (request.Text) ReportText.Write(report, context.Terminal.Out);
            else foreach (var path in (string?[])[html, trace]) if (path is not null) context.Terminal.Out.WriteLine(Words.Path(path));
            return ExitCode.AllDone;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return context.Terminal.Tell([Unwritable(error)], request.Json);
        }
    }

    /// <summary>One pass over the records for both files; each takes its place when it is whole.</summary>
    private static async Task<Report> Write(IStore store, ReportSettings settings, string? html, string? trace, TimeProvider time, CancellationToken cancel)
    {
        Report? report = null;
        if (trace is null) report = await Report.From(store, settings, time, cancel);
        else await Replace(trace, async writer => report = await Report.From(store, settings with { Trace = new TraceCsv(writer) }, time, cancel));
        if (html is not null) await Replace(html, writer => ReportHtml.Write(report!, writer));
        return report!;
    }

    private static Task Replace(string path, Action<TextWriter> write) => Replace(path, writer => { write(writer); return Task.CompletedTask; });

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

    private static string SubjectFile(StoreLayout layout) => Path.Combine(Path.GetDirectoryName(layout.State)!, "report.json");

    private static async Task<ReportSubject> Subject(StoreLayout layout, CancellationToken cancel)
    {
        if (!File.Exists(SubjectFile(layout))) return ReportSubject.Nothing;
        await using var file = File.OpenRead(SubjectFile(layout));
        return await JsonSerializer.DeserializeAsync(file, SubjectJson.Default.ReportSubject, cancel) ?? ReportSubject.Nothing;
    }

    private static Problem Unwritable(Exception error) => new("YP5020", $"The report cannot be written: {error.Message.TrimEnd('.')}.", null, "Name another place with --html and --trace.");
}
