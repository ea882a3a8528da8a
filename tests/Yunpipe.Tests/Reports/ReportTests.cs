using Microsoft.Extensions.Time.Testing;
using Yunpipe.Reports;
using Yunpipe.Reports.Html;
using Yunpipe.Stores;
using Yunpipe.Work;
using static Yunpipe.Tests.Reports.ReportRecords;

namespace Yunpipe.Tests.Reports;

public sealed class ReportTests
{
    private static readonly FakeTimeProvider Clock = new(DateTimeOffset.FromUnixTimeMilliseconds(Start + 90_000_000));

    private static async Task<Report> Make(IStore store, ReportSettings? settings = null) =>
        await Report.From(store, settings ?? new ReportSettings(Subject) { Pictures = Pictures() }, Clock, default);

    private static string Html(Report report)
    {
        using var text = new StringWriter();
        ReportHtml.Write(report, text);
        return text.ToString();
    }

    [Fact]
    public async Task The_page_is_the_golden_one() => Golden.Check("reports/report.html", Html(await Make(await Store())));

    [Fact]
    public async Task The_text_is_the_golden_one()
    {
        using var text = new StringWriter();
        ReportText.Write(await Make(await Store()), text);
        Golden.Check("reports/report.txt", text.ToString());
        text.ToString().Where(c => char.IsControl(c) && c != '\n').ShouldBeEmpty();
    }

    [Fact]
    public async Task The_numbers_as_json_are_the_golden_ones()
    {
        var few = new TimelineReport(64, [new TimelineStretch(Start, [new TimelineLane("denoise", [0.5, 1], [0, 0.25])])]);
        Golden.Check("reports/report.json", System.Text.Json.JsonSerializer.Serialize(await Make(await Store()) with { Timeline = few }, ReportJson.Default.Report));
    }

    [Fact]
    public async Task The_trace_is_the_golden_one_and_its_lines_end_as_rfc_4180_says()
    {
        using var text = new StringWriter();
        await Make(await Store(), new ReportSettings(Subject) { Trace = new TraceCsv(text) });
        Golden.Check("reports/trace.csv", text.ToString());
        var lines = text.ToString().Split("\r\n");
        lines[^1].ShouldBeEmpty();
        // 8 + 6 + 1 tries that succeeded, one that ran out, 2 + 2 of failures; the adopted job made none.
        lines.Length.ShouldBe(1 + 15 + 1 + 4 + 1);
    }

    [Fact]
    public async Task A_cell_of_the_trace_comes_back_as_it_was()
    {
        using var text = new StringWriter();
        await Make(await Store(), new ReportSettings(Subject) { Trace = new TraceCsv(text) });
        text.ToString().ShouldContain($"\"{Hostile.Replace("\"", "\"\"")}\"");
    }

    [Fact]
    public async Task The_jobs_of_a_batch_share_one_attempt_in_the_numbers_and_have_a_row_each_in_the_trace()
    {
        var store = new MemoryStore();
        var shared = Attempt(1, 0, 800, 700, 40 * MiB);
        for (var i = 0; i < 16; i++) await store.Commit(Manifest("denoise", $"{i}.tif", [shared], $"{i}.tif", 1, ("image", $"{i}.tif", 1)), null, default);
        using var text = new StringWriter();
        var step = (await Make(store, new ReportSettings(Subject) { Trace = new TraceCsv(text) })).Steps[0];
        step.Done.ShouldBe(16);
        step.Attempts.ShouldBe(1);
        step.Cpu.Sum.ShouldBe(700);
        text.ToString().Split("\r\n").Length.ShouldBe(18);
    }

    [Fact]
    public async Task A_folder_that_is_used_again_is_another_attempt()
    {
        var store = new MemoryStore();
        for (var i = 0; i < 5; i++) await store.Commit(Manifest("denoise", $"{i}.tif", [Attempt(1, i * 100, 80, 7, MiB)], $"{i}.tif", 1), null, default);
        (await Make(store)).Steps[0].Attempts.ShouldBe(5);
    }

    [Fact]
    public async Task An_adopted_job_counts_as_adopted_and_its_borrowed_attempts_do_not_count()
    {
        var step = (await Make(await Store())).Steps.Single(step => step.Name == "denoise");
        step.Adopted.ShouldBe(1);
        step.Done.ShouldBe(8);
        step.Attempts.ShouldBe(8);
    }

    [Fact]
    public async Task Retries_are_counted_by_cause_and_the_last_try_of_a_failure_is_none()
    {
        var step = (await Make(await Store())).Steps.Single(step => step.Name == "segment");
        step.Retries.ShouldBe(new Dictionary<string, long> { ["out-of-memory"] = 1, ["timed-out"] = 1 }, ignoreOrder: true);
        step.SetAside.ShouldBe(3);
        step.Lost.ShouldBe(700 + 2 * 400 + 2 * 1000);
    }

    [Fact]
    public async Task Failures_that_differ_in_the_items_name_only_are_one_group()
    {
        var report = await Make(await Store());
        var group = report.Failures.Single(group => group.Cause == Cause.ExitCode);
        group.Count.ShouldBe(2);
        group.Sentence.ShouldBe("The image … holds no nuclei (exit code 3)");
        group.Examples.Select(example => example.Sentence).ShouldAllBe(sentence => sentence.Contains(".tif"));
    }

    [Fact]
    public async Task Many_different_sentences_are_told_up_to_a_bound_and_counted_beyond_it()
    {
        var store = new MemoryStore();
        for (var i = 0; i < 500; i++) await store.SetAside(Failure("segment", $"{i}.tif", Cause.ExitCode, $"Sentence number {i * 7919}.", ""), default);
        var report = await Make(store);
        report.Failures.Count.ShouldBeLessThanOrEqualTo(61);
        report.Failures.Sum(group => group.Count).ShouldBe(500);
        report.Items.Count.ShouldBe(6);
    }

    [Fact]
    public async Task Nothing_done_is_said_on_the_page_and_in_the_text()
    {
        var report = await Make(new MemoryStore(), new ReportSettings(ReportSubject.Nothing));
        Html(report).ShouldContain("Nothing has been done yet.");
        using var text = new StringWriter();
        ReportText.Write(report, text);
        text.ToString().ShouldStartWith("0 jobs done, 0 set aside;");
    }

    [Fact]
    public async Task Pictures_are_asked_for_of_images_only_and_of_a_bounded_sample()
    {
        var store = new MemoryStore();
        for (var i = 0; i < 300; i++)
        {
            await store.Commit(Manifest("denoise", $"{i}.tif", [Attempt(i, i, 5, 5, MiB)], $"{i}.tif", 1, ("image", $"{i}.tif", 1)), null, default);
            await store.Commit(Manifest("segment", $"{i}.tif", [Attempt(i, i, 5, 5, MiB)], $"{i}.csv", 1, ("image", $"{i}.tif", 1)), null, default);
        }
        var asked = new List<string>();
        var report = await Make(store, new ReportSettings(Subject) { Pictures = Pictures(asked) });
        report.Items.Count.ShouldBe(12);
        report.Items.Select(item => item.Files.Count).Distinct().ShouldBe([3]);
        asked.Count.ShouldBe(12);
        asked.ShouldAllBe(path => path.EndsWith(".tif"));
    }

    [Fact]
    public async Task The_sample_is_the_same_whatever_the_order_of_the_records()
    {
        var (forward, backward) = (new MemoryStore(), new MemoryStore());
        for (var i = 0; i < 200; i++)
        {
            await forward.Commit(Manifest("denoise", $"{i}.tif", [Attempt(i, i, 5, 5, MiB)], $"{i}.tif", 1), null, default);
            await backward.Commit(Manifest("denoise", $"{199 - i}.tif", [Attempt(i, i, 5, 5, MiB)], $"{199 - i}.tif", 1), null, default);
        }
        (await Make(forward)).Items.Select(item => item.Key).ShouldBe((await Make(backward)).Items.Select(item => item.Key));
    }

    [Fact]
    public async Task What_was_superseded_is_counted_apart_and_stands_in_the_trace()
    {
        var (old, now) = (Manifest("denoise", "a.tif", [Attempt(1, 0, 5000, 5, MiB)], "a.tif", 1), Manifest("denoise", "a.tif", [Attempt(2, 9000, 70, 5, MiB)], "a.tif", 1));
        using var text = new StringWriter();
        var report = await Make(new MemoryStore(), new ReportSettings(Subject)
        {
            Manifests = _ => new[] { (old with { Job = JobId.Of("older"u8).ToString() }, false), (now, true) }.ToAsyncEnumerable(), Trace = new TraceCsv(text),
        });
        (report.Steps[0].Done, report.Steps[0].Superseded, report.Steps[0].Wall.Max).ShouldBe((1, 1, 70));
        text.ToString().Split("\r\n").Length.ShouldBe(4);
        Html(report).ShouldContain("1 older job that newer ones took the place of is not in these numbers.");
    }
}
