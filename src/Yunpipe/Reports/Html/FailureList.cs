namespace Yunpipe.Reports.Html;

/// <summary>Set-aside jobs by cause and sentence, each with the end of its output.</summary>
internal static class FailureList
{
    public static void Write(Report report, TextWriter to)
    {
        to.Write($"<section aria-labelledby=\"failures\">\n<h2 id=\"failures\">Set aside: {Figures.Count(report.SetAside, "job")}</h2>\n");
        foreach (var group in report.Failures)
        {
            to.Write($"<article class=\"failure\">\n<h3><bdi>{HtmlText.Of(group.Step)}</bdi>: {Figures.Count(group.Count, "job")}, {Figures.Words(group.Cause)}</h3>\n<p class=\"sentence\"><bdi>{HtmlText.Of(group.Sentence)}</bdi></p>\n<ul>\n");
            foreach (var example in group.Examples) Example(group, example, to);
            to.Write("</ul>\n");
            if (group.Count > group.Examples.Count) to.Write($"<p class=\"muted\">… and {Figures.Count(group.Count - group.Examples.Count)} more. <code>yunpipe failures</code> lists all of them.</p>\n");
            to.Write("</article>\n");
        }
        to.Write("</section>\n");
    }

    private static void Example(FailureGroup group, FailureExample example, TextWriter to)
    {
        to.Write($"<li><bdi class=\"name\">{HtmlText.Of(example.Key)}</bdi> <span class=\"muted\">{(example.Attempts > 0 ? Figures.Count(example.Attempts, "attempt") + " · " : "")}job <code>{HtmlText.Of(example.Job)}</code></span>\n");
        if (group.IsRest) to.Write($"<p class=\"sentence\"><bdi>{HtmlText.Of(example.Sentence)}</bdi></p>\n");
        if (example.Tail.Length > 0)
            to.Write($"<details><summary>End of its output<span class=\"hidden\"> for {HtmlText.Of(example.Key)}</span></summary><pre tabindex=\"0\" dir=\"ltr\">{HtmlText.OfLog(example.Tail)}</pre></details>\n");
        to.Write("</li>\n");
    }
}
