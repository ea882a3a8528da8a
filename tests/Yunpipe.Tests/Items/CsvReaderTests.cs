using CsCheck;
using Yunpipe.Items;

namespace Yunpipe.Tests.Items;

public sealed class CsvReaderTests
{
    private static string Shown(string text) =>
        string.Join(" | ", new CsvReader(new StringReader(text)).Records().Select(record => $"{record.Line}:{record.Flaw ?? string.Join("·", record.Fields)}"));

    [Theory]
    [InlineData("a,b\n1,2\n", "1:a·b | 2:1·2")]
    [InlineData("\uFEFFa,b\r\n1,2", "1:a·b | 2:1·2")]
    [InlineData("a\r1\r2", "1:a | 2:1 | 3:2")]
    [InlineData("a,b\n\"x,y\",\"say \"\"hi\"\"\"\n", "1:a·b | 2:x,y·say \"hi\"")]
    [InlineData("a,b\n\"two\nlines\",1\n3,4\n", "1:a·b | 2:two\nlines·1 | 4:3·4")]
    [InlineData("a;b,c\n1;2\n", "1:a;b·c | 2:1;2")]
    [InlineData("a;b;c\n1,5;2;3\n", "1:a·b·c | 2:1,5·2·3")]
    [InlineData("a\tb\n\n1\t2\n\n", "1:a·b | 3:1·2")]
    [InlineData("a,b\n,\n", "1:a·b | 2:·")]
    [InlineData("a\n\"open", "1:a | 2:opens a quote that is never closed")]
    [InlineData("", "")]
    public void Records_come_with_their_lines(string text, string expected) => Shown(text).ShouldBe(expected);

    [Fact]
    public void What_is_written_with_quotes_is_read_back() =>
        Gen.String[1, 20].Array[2, 5].Array[1, 5].Sample(rows =>
        {
            // The first row decides about the separator, so that it is kept plain.
            var text = "a,b,c,d,e,f,g,h,i,j,k,l,m\n" + string.Join("\r\n", rows.Select(row => string.Join(",", row.Select(cell => $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\""))));
            new CsvReader(new StringReader(text)).Records().Skip(1).Select(record => record.Fields.ToArray()).ToArray().ShouldBe(rows);
        });

    [Fact]
    public void A_quote_that_is_never_closed_does_not_swallow_the_disk() =>
        Shown("a\n\"" + new string('x', 3_000_000)).ShouldBe("1:a | 2:is longer than 1 MiB; is a quote never closed?");
}
