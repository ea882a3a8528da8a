namespace Yunpipe.Toolbox.Tables;

/// <summary>RFC 4180 with bare line feeds: quotes only where a field needs them.</summary>
internal sealed class CsvWriter(TextWriter writer)
{
    public static void Write(string path, Action<CsvWriter> rows) => OutputFile.Write(path, partial =>
    {
        using var writer = new StreamWriter(partial);
        rows(new CsvWriter(writer));
    });

    public void Row(params IEnumerable<string> fields)
    {
        var first = true;
        foreach (var field in fields)
        {
            if (!first)
                writer.Write(',');
            first = false;
            writer.Write(Quote(field));
        }

        writer.Write('\n');
    }

    private static string Quote(string field) =>
        field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? field : "\"" + field.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
}
