using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Yunpipe.Reports;
using Yunpipe.Reports.Html;

namespace Yunpipe.Tests.Reports;

public sealed class HtmlTextTests
{
    [Theory]
    [InlineData("a<b>&\"c\"'d'", "a&lt;b&gt;&amp;&quot;c&quot;&#39;d&#39;")]
    [InlineData("two\nlines\tand a tab", "two\\nlines\\tand a tab")]
    [InlineData("gpj\u202etxt", "gpj\\u202etxt")]
    [InlineData("עברית 日本語 😀", "עברית 日本語 😀")]
    [InlineData("bell\u0007nul\u0000", "bell\\u0007nul\\u0000")]
    public void Text_is_escaped_and_what_hides_or_turns_is_spelled_out(string text, string html) => HtmlText.Of(text).ShouldBe(html);

    [Fact]
    public void Half_a_character_is_replaced() => HtmlText.Of("a\ud800b").ShouldBe("a\ufffdb");

    [Theory]
    [InlineData("\u001b[1;31mred\u001b[0m", "red")]
    [InlineData("\u001b]0;title\u0007text", "text")]
    [InlineData("50%\r100%\r\nnext\tcolumn", "50%100%\nnext\tcolumn")]
    [InlineData("cut \u001b[3", "cut ")]
    [InlineData("cut \u001b", "cut ")]
    public void A_log_keeps_its_lines_and_loses_its_colours(string log, string html) => HtmlText.OfLog(log).ShouldBe(html);

    [Fact]
    public void No_text_can_open_a_tag_or_leave_an_attribute() => Gen.String.Sample(text =>
    {
        foreach (var html in (string[])[HtmlText.Of(text), HtmlText.OfLog(text)])
            html.IndexOfAny(['<', '>', '"', '\'', '\0', '\u001b']).ShouldBe(-1);
    });

    [Fact]
    public async Task A_page_of_hostile_records_holds_no_tag_that_is_not_ours()
    {
        var settings = new ReportSettings(ReportRecords.Subject with { Workflow = ReportRecords.Hostile }) { Pictures = ReportRecords.Pictures() };
        var report = await Report.From(await ReportRecords.Store(), settings, new FakeTimeProvider(), default);
        using var text = new StringWriter();
        ReportHtml.Write(report, text);
        text.ToString().ShouldNotContain("<script", Case.Insensitive);
        System.Text.RegularExpressions.Regex.Matches(text.ToString(), "<[a-zA-Z][^>]*>")
            .Select(tag => System.Text.RegularExpressions.Regex.Replace(tag.Value, "\"[^\"]*\"", "\"\"")).ShouldAllBe(tag => !tag.Contains("onerror") && !tag.Contains("http:"));
    }
}
