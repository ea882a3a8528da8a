using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Yunpipe.EndToEnd.Reports;

/// <summary>A scientist opens the report of a run.</summary>
public sealed partial class ReportPageTests
{
    private const string Hostile = "<img src=x onerror=alert(1)> '\" &amp; \u202egpj.tif";

    /// <summary>Runs a workflow of two steps over images that are good, cut off and named as by an enemy; the page that it left.</summary>
    private static async Task<string> Page(ScratchFolder folder)
    {
        var input = folder.Folder("in");
        await Run("yunpipe-toolbox", 0, "synth", "--out", input, "--truth", folder.Folder("truth"), "--count", "3", "--seed", "1", "--size", "160x160", "--cells", "4");
        File.Copy(Path.Combine(input, "cells-001.tif"), Path.Combine(input, Hostile));
        await File.WriteAllBytesAsync(Path.Combine(input, "cut<script>off.tif"), (await File.ReadAllBytesAsync(Path.Combine(input, "cells-002.tif")))[..500]);
        var workflow = Path.Combine(folder.Root, "workflow.yaml");
        await File.WriteAllTextAsync(workflow, """
            name: cells
            steps:
              - {name: denoise, algorithm: denoise}
              - {name: segment, algorithm: segment}
            """);
        var output = Path.Combine(folder.Root, "out");
        await Run("yunpipe", 3, "run", workflow, "--input", input, "--output", output);
        return Path.Combine(output, "report.html");
    }

    [Fact]
    public async Task The_page_shows_its_tables_and_pictures_and_asks_for_nothing()
    {
        using var folder = new ScratchFolder();
        var visit = Browser.Open(await Page(folder));
        visit.Console.ShouldBeEmpty();
        visit.Requests.ShouldBeEmpty();
        var rows = TableRow().Matches(visit.Dom).Select(row => row.Groups[1].Value).ToList();
        rows.ShouldBe(["denoise", "segment", "denoise", "segment"]);
        visit.Dom.ShouldContain("The image cannot be read");
        // Input and two results of each of four good images; of the broken one nothing can be seen.
        Picture().Count(visit.Dom).ShouldBe(12);
        visit.Dom.ShouldNotContain("<script", Case.Insensitive);
        visit.Dom.ShouldNotContain("onerror=alert(1)>");
        visit.Dom.ShouldContain("<h1><bdi>cells</bdi></h1>");
    }

    [Fact]
    public async Task The_page_is_light_or_dark_as_the_reader_likes_it()
    {
        using var folder = new ScratchFolder();
        var page = await Page(folder);
        var (light, dark) = (Browser.Photograph(page, dark: false, 1200, 900), Browser.Photograph(page, dark: true, 1200, 900));
        light.ShouldNotBe(dark);
        if (Environment.GetEnvironmentVariable("YUNPIPE_SHOTS") is not { Length: > 0 } shots) return;
        await File.WriteAllBytesAsync(Path.Combine(shots, "report-light.png"), light);
        await File.WriteAllBytesAsync(Path.Combine(shots, "report-dark.png"), dark);
    }

    [Fact]
    public async Task A_page_that_asks_for_something_or_has_an_error_would_be_noticed()
    {
        using var folder = new ScratchFolder();
        var page = Path.Combine(folder.Root, "bad.html");
        await File.WriteAllTextAsync(page, "<!DOCTYPE html><img src=\"http://127.0.0.1:9/x.png\"><script>nothing.at.all()</script>");
        var visit = Browser.Open(page);
        visit.Requests.ShouldContain("http://127.0.0.1:9/x.png");
        visit.Console.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task The_verb_writes_page_and_trace_where_it_is_told_and_prints_the_table()
    {
        using var folder = new ScratchFolder();
        var output = Path.GetDirectoryName(await Page(folder))!;
        var (html, trace) = (Path.Combine(folder.Root, "a page.html"), Path.Combine(folder.Root, "a trace.csv"));
        await Run("yunpipe", 3, "report", output, "--html", html, "--trace", trace, "--no-pictures");
        (await File.ReadAllTextAsync(html)).ShouldNotContain("data:image/png");
        (await File.ReadAllTextAsync(trace)).Split("\r\n").Length.ShouldBe(1 + 5 + 4 + 1);
        (await Run("yunpipe", 3, "report", output, "--text")).ShouldContain("8 jobs done, 1 set aside;");
        (await Run("yunpipe", 3, "report", output, "--json")).TrimEnd().ShouldNotContain("\n");
        (await Run("yunpipe", 2, "report", Path.Combine(folder.Root, "nowhere"))).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_second_run_that_does_nothing_leaves_the_page_alone()
    {
        using var folder = new ScratchFolder();
        var page = await Page(folder);
        File.Delete(Path.Combine(folder.Root, "in", "cut<script>off.tif"));
        await File.WriteAllTextAsync(page, "as it was");
        await Run("yunpipe", 0, "run", Path.Combine(folder.Root, "workflow.yaml"), "--input", Path.Combine(folder.Root, "in"), "--output", Path.GetDirectoryName(page)!);
        (await File.ReadAllTextAsync(page)).ShouldBe("as it was");
    }

    private static async Task<string> Run(string program, int expected, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Published.Find(program), arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(expected, await error);
        return await output;
    }

    [GeneratedRegex("<th scope=\"row\"><bdi>(.*?)</bdi>")]
    private static partial Regex TableRow();

    [GeneratedRegex("<img src=\"data:image/png;base64,")]
    private static partial Regex Picture();
}
