using System.Text;

namespace Yunpipe.Toolbox.Tables;

/// <summary>Reads RFC 4180 row by row, so that a table may be larger than memory. Line ends may be LF or CRLF; blank lines are skipped.</summary>
internal sealed class CsvReader : IDisposable
{
    private readonly string _path;
    private readonly StreamReader _reader;

    private CsvReader(string path, StreamReader reader) => (_path, _reader) = (path, reader);

    public IReadOnlyList<string> Header { get; private set; } = [];

    /// <summary>1 for the header.</summary>
    public int Row { get; private set; }

    public static CsvReader Open(string path)
    {
        if (!File.Exists(path))
            throw new RefusedException(ExitCode.Unreadable, $"{path} cannot be read: there is no such file.");
        var table = new CsvReader(path, new StreamReader(path, new UTF8Encoding(false, throwOnInvalidBytes: true)));
        try
        {
            table.Header = table.Next(anyLength: true) ?? throw new RefusedException(ExitCode.Unreadable, $"{path} cannot be read: it is empty.");
            return table;
        }
        catch
        {
            table.Dispose();
            throw;
        }
    }

    /// <summary>The next row, as long as the header; null at the end.</summary>
    public IReadOnlyList<string>? Next() => Next(anyLength: false);

    public void Dispose() => _reader.Dispose();

    private List<string>? Next(bool anyLength)
    {
        try
        {
            while (_reader.Peek() >= 0)
            {
                var fields = Fields();
                if (fields is [""])
                    continue;
                Row++;
                if (!anyLength && fields.Count != Header.Count)
                    throw new RefusedException(ExitCode.Mismatch, $"{_path}, row {Row}, has {fields.Count} fields where the header has {Header.Count}.");
                return fields;
            }

            return null;
        }
        catch (DecoderFallbackException)
        {
            throw new RefusedException(ExitCode.Unreadable, $"{_path} cannot be read: it is not text in UTF-8.");
        }
    }

    private List<string> Fields()
    {
        var (fields, field, quoted) = (new List<string>(), new StringBuilder(), false);
        while (true)
        {
            var c = _reader.Read();
            if (c < 0 && quoted)
                throw new RefusedException(ExitCode.Unreadable, $"{_path} cannot be read: a quoted field is never closed.");
            if (quoted && c == '"' && _reader.Peek() == '"')
                field.Append((char)_reader.Read());
            else if (c == '"' && (quoted || field.Length == 0))
                quoted = !quoted;
            else if (!quoted && c is ',' or '\n' or -1)
            {
                if (c != ',' && field.Length > 0 && field[^1] == '\r')
                    field.Length--;
                fields.Add(field.ToString());
                field.Clear();
                if (c != ',')
                    return fields;
            }
            else
                field.Append((char)c);
        }
    }
}
