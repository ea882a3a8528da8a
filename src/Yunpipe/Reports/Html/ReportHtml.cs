namespace Yunpipe.Reports.Html;

/// <summary>A report as one HTML file that needs nothing else: no script, no request, pictures inside. Its own policy forbids both.</summary>
public static class ReportHtml
{
    private const string Policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

    public static void Write(Report report, TextWriter to)
    {
        var title = report.Workflow.Length > 0 ? report.Workflow : "Results";
        to.Write($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="{Policy}">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{HtmlText.Of(title)} · report</title>
            <style>
            {ReportStyle.Css}
            </style>
            </head>
            <body>
            <header>
            <h1><bdi>{HtmlText.Of(title)}</bdi></h1>
            <p class="muted">What its results took, as they stand now. Made {Figures.Moment(report.Made)} by Yunpipe.</p>

            """);
        WriteContents(report, to);
        to.Write("</header>\n<main>\n");
        WriteSummary(report, to);
        if (report.Steps.Count > 0)
        {
            StepTable.Write(report, to);
            if (report.Failures.Count > 0) FailureList.Write(report, to);
            MemoryTable.Write(report, to);
            WriteTimeline(report, to);
            if (report.Items.Count > 0) ItemGallery.Write(report, to);
        }
        to.Write("</main>\n</body>\n</html>\n");
    }

    private static void WriteContents(Report report, TextWriter to)
    {
        if (report.Steps.Count == 0) return;
        to.Write("<nav aria-label=\"Contents\"><ul>\n<li><a href=\"#steps\">Steps</a></li>\n");
        if (report.Failures.Count > 0) to.Write("<li><a href=\"#failures\">Set aside</a></li>\n");
        to.Write("<li><a href=\"#memory\">Memory</a></li>\n<li><a href=\"#timeline\">Timeline</a></li>\n");
        if (report.Items.Count > 0) to.Write("<li><a href=\"#items\">Items</a></li>\n");
        to.Write("</ul></nav>\n");
    }

    private static void WriteSummary(Report report, TextWriter to)
    {
        if (report.Steps.All(step => step.Attempts + step.Adopted + step.SetAside == 0))
            to.Write("<p>Nothing has been done yet.</p>\n");
        to.Write("<dl class=\"tiles\">\n");
        Tile("jobs done", Figures.Count(report.Done), report.Adopted > 0 ? $"and {Figures.Count(report.Adopted)} adopted from equal work" : "");
        Tile("set aside", Figures.Count(report.SetAside), "", report.SetAside > 0 ? "bad" : "");
        Tile("retries", Figures.Count(report.Retries), "");
        Tile("processor time", Figures.Time(report.Steps.Sum(step => step.Cpu.Sum)), "");
        Tile("data read as input", Figures.Bytes(report.Steps.Sum(step => step.InBytes)), "");
        Tile("results written", Figures.Bytes(report.Steps.Sum(step => step.OutBytes)), "");
        to.Write("</dl>\n");
        if (report.Superseded > 0)
            to.Write($"<p class=\"muted\">{Figures.Count(report.Superseded, "older job")} that newer ones took the place of {(report.Superseded == 1 ? "is" : "are")} not in these numbers.</p>\n");
        if (report.Started > 0)
            to.Write($"<p class=\"muted\">First attempt {Figures.Moment(report.Started)}, last one ended {Figures.Moment(report.Ended)}.</p>\n");

        void Tile(string name, string value, string note, string kind = "") =>
            to.Write($"<div class=\"tile {kind}\"><dt>{name}{(note.Length > 0 ? $"<small>{note}</small>" : "")}</dt><dd>{value}</dd></div>\n");
    }

    private static void WriteTimeline(Report report, TextWriter to)
    {
        to.Write("<section aria-labelledby=\"timeline\">\n<h2 id=\"timeline\">Timeline</h2>\n");
        if (report.Timeline.Stretches.Count == 0) to.Write("<p>No attempt was recorded.</p>\n");
        else
        {
            to.Write($"""
                <p class="legend">Attempts at work, averaged over {Figures.Time(report.Timeline.Width)}; all rows have one scale. {(report.Timeline.Stretches.Count > 1 ? "Long pauses are left out." : "")}
                <span class="key"><i class="swatch run"></i>succeeded</span> <span class="key"><i class="swatch fail"></i>failed</span></p>

                """);
            TimelineChart.Write(report.Timeline, to);
        }
        to.Write("</section>\n");
    }
}
