using Yunpipe.Documents;

namespace Yunpipe.Reports.Html;

/// <summary>Memory asked for against memory used, and what to ask for instead.</summary>
internal static class MemoryTable
{
    public static void Write(Report report, TextWriter to)
    {
        to.Write("<section aria-labelledby=\"memory\">\n<h2 id=\"memory\">Memory asked for and used</h2>\n");
        var measured = report.Steps.Where(step => step.Memory.Proposed > 0).ToList();
        if (measured.Count == 0)
        {
            to.Write("<p>No attempt's memory was measured.</p>\n</section>\n");
            return;
        }
        to.Write("""
            <p class="legend"><span class="key"><i class="swatch run"></i>used, from median to largest</span> <span class="key"><i class="ring"></i>asked for</span> <span class="key"><i class="diamond"></i>proposed: 1.2 × the 99th percentile of what was used, rounded up</span></p>

            """);
        MemoryChart.Write(measured, to);
        to.Write("""
            <div class="wide" role="region" aria-labelledby="memory" tabindex="0">
            <table>
            <thead><tr><th scope="col">Step</th><th scope="col">asked for</th><th scope="col">median used</th><th scope="col">99 %</th><th scope="col">largest</th><th scope="col">proposed</th><th scope="col" class="text">What that means</th></tr></thead>
            <tbody>

            """);
        foreach (var step in measured)
        {
            var memory = step.Memory;
            var attention = memory.Verdict == MemoryVerdict.Fits ? "" : memory.Verdict == MemoryVerdict.TooLittle ? " bad" : " note";
            to.Write($"<tr><th scope=\"row\"><bdi>{HtmlText.Of(step.Name)}</bdi></th><td>{(memory.Asked > 0 ? Figures.Bytes(memory.Asked) : "–")}</td><td>{Figures.Bytes(memory.Median)}</td>");
            to.Write($"<td>{Figures.Bytes(memory.P99)}</td><td>{Figures.Bytes(memory.Max)}</td><td><strong>{new ByteSize(memory.Proposed).ToExactText()}</strong></td><td class=\"text{attention}\">{HtmlText.Of(memory.Advice)}</td></tr>\n");
        }
        to.Write("</tbody>\n</table>\n</div>\n</section>\n");
    }
}
