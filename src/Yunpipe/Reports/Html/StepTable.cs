namespace Yunpipe.Reports.Html;

/// <summary>The table of steps, and how long their attempts took.</summary>
internal static class StepTable
{
    public static void Write(Report report, TextWriter to)
    {
        to.Write("""
            <section aria-labelledby="steps">
            <h2 id="steps">Steps</h2>
            <div class="wide" role="region" aria-labelledby="steps" tabindex="0">
            <table>
            <thead>
            <tr><th scope="col" rowspan="2">Step</th><th scope="colgroup" colspan="4">Jobs</th><th scope="colgroup" colspan="4">Wall time of an attempt</th><th scope="colgroup" colspan="3">Processor</th><th scope="colgroup" colspan="2">Data</th></tr>
            <tr><th scope="col">done</th><th scope="col">adopted</th><th scope="col">set aside</th><th scope="col">retries</th><th scope="col">min</th><th scope="col">median</th><th scope="col">95 %</th><th scope="col">max</th><th scope="col">median time</th><th scope="col">cores busy</th><th scope="col">of asked</th><th scope="col">in</th><th scope="col">out</th></tr>
            </thead>
            <tbody>

            """);
        foreach (var step in report.Steps) Row(step, to);
        to.Write("</tbody>\n</table>\n</div>\n");
        foreach (var step in report.Steps)
            if (step.CpuAdvice is { } advice) to.Write($"<p class=\"advice\"><strong>{HtmlText.Of(step.Name)}</strong>: {HtmlText.Of(advice)}</p>\n");
        var timed = report.Steps.Where(step => step.Wall.Count > 0).ToList();
        if (timed.Count > 0)
        {
            to.Write("<h3>How long attempts took</h3>\n<p class=\"legend\">Each row is one step; bars count attempts that succeeded, on one logarithmic axis. <span class=\"key\"><i class=\"swatch mark\"></i>median</span></p>\n");
            DurationChart.Write(timed, to);
        }
        to.Write("</section>\n");
    }

    private static void Row(StepReport step, TextWriter to)
    {
        to.Write($"<tr><th scope=\"row\"><bdi>{HtmlText.Of(step.Name)}</bdi></th>");
        Number(step.Done);
        Number(step.Adopted);
        Cell(step.SetAside > 0 ? $"<strong class=\"bad\">{Figures.Count(step.SetAside)}</strong>" : "0");
        Cell(step.RetryCount == 0 ? "0" : $"{Figures.Count(step.RetryCount)}<small>{string.Join("<br>", step.Retries.Select(retry => $"{Figures.Count(retry.Value)} {retry.Key.Replace('-', ' ')}"))}</small>");
        foreach (var time in (ReadOnlySpan<double>)[step.Wall.Min, step.Wall.Median, step.Wall.P95, step.Wall.Max]) Cell(step.Wall.Count == 0 ? "–" : Figures.Time(time));
        Cell(step.Cpu.Count == 0 ? "–" : Figures.Time(step.Cpu.Median));
        Cell(step.Cpu.Count == 0 ? "–" : Figures.Number(step.CoresUsed));
        Cell(step.CpuEfficiency is { } efficiency ? $"{Figures.Percent(efficiency)}<small>of {Figures.Number(step.CpuAsked!.Value)}</small>" : "–");
        Cell(Figures.Bytes(step.InBytes));
        Cell(Figures.Bytes(step.OutBytes));
        to.Write("</tr>\n");

        void Number(long count) => Cell(Figures.Count(count));
        void Cell(string html) => to.Write($"<td>{html}</td>");
    }
}
