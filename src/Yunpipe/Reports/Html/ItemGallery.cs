namespace Yunpipe.Reports.Html;

/// <summary>A sample of items: input and results side by side.</summary>
internal static class ItemGallery
{
    public static void Write(Report report, TextWriter to)
    {
        to.Write("""
            <section aria-labelledby="items">
            <h2 id="items">Items, from input to results</h2>
            <p>A sample spread over all items, set-aside ones first. Pictures of more than 8 bits are stretched to what the eye can see; files that are no images are named.</p>

            """);
        foreach (var item in report.Items) Item(item, to);
        to.Write("</section>\n");
    }

    private static void Item(SampledItem item, TextWriter to)
    {
        to.Write($"<article class=\"item{(item.Failure is null ? "" : " failed")}\">\n<h3><bdi class=\"name\">{HtmlText.Of(item.Key)}</bdi>{(item.Members > 0 ? $" <span class=\"muted\">a group of {Figures.Count(item.Members, "item")}</span>" : "")}</h3>\n");
        if (item.Failure is not null) to.Write($"<p class=\"sentence bad\"><strong>Set aside at <bdi>{HtmlText.Of(item.FailedStep ?? "")}</bdi>:</strong> <bdi>{HtmlText.Of(item.Failure)}</bdi></p>\n");
        if (item.Files.Count == 0) to.Write("<p class=\"muted\">None of its files is at hand.</p>\n");
        to.Write("<div class=\"strip\">\n");
        foreach (var file in item.Files) File(item, file, to);
        to.Write("</div>\n</article>\n");
    }

    private static void File(SampledItem item, SampledFile file, TextWriter to)
    {
        var from = file.Step is null ? "input" : HtmlText.Of(file.Step);
        var caption = $"<figcaption><b><bdi>{from}</bdi></b>{(file.Port is "image" && file.Step is null ? "" : $" <bdi>{HtmlText.Of(file.Port)}</bdi>")}<br><bdi class=\"name\">{HtmlText.Of(file.Name)}</bdi><br>{Figures.Bytes(file.Size)}{(file.More ? ", and more" : "")}</figcaption>";
        if (file.Picture is { } png)
            to.Write($"<figure><img src=\"data:image/png;base64,{Convert.ToBase64String(png)}\" alt=\"{from} {HtmlText.Of(file.Port)} of {HtmlText.Of(item.Key)}\">{caption}</figure>\n");
        else to.Write($"<figure class=\"plain\">{caption}</figure>\n");
    }
}
