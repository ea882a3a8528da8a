using System.Text;

namespace Yunpipe.Items;

/// <summary>One record of a CSV: the line it starts on, counted from 1, and its fields; or what is wrong with it.</summary>
internal readonly record struct CsvRecord(int Line, IReadOnlyList<string> Fields, string? Flaw = null);

/// <summary>
/// Reads a CSV (RFC 4180) record by record. Fields may be quoted and then hold separators, line ends and doubled quotes; lines end in LF, CRLF or CR;
/// a byte order mark is skipped, and so are empty lines. The separator is the one of comma, semicolon and tab that the header uses most.
/// </summary>
internal sealed class CsvReader(TextReader text)
{
    /// <summary>A quote that is never closed would otherwise swallow the file whole.</summary>
    private const int MaxRecord = 1 << 20;

    private readonly char[] _buffer = new char[16384];
    private int _length, _next, _line = 1;
    private char _separator;

    public IEnumerable<CsvRecord> Records()
    {
        if (Peek() == '\uFEFF') _next++;
        _separator = Separator();
        while (Peek() >= 0)
        {
            var line = _line;
            var fields = Record(out var flaw);
            if (flaw is not null) { yield return new CsvRecord(line, [], flaw); yield break; }
            if (fields is not [""]) yield return new CsvRecord(line, fields);
        }
    }

    private List<string> Record(out string? flaw)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        var (quoted, size) = (false, 0);
        flaw = null;
        while (true)
        {
            var c = Read();
            if (c >= 0 && ++size > MaxRecord) { flaw = "is longer than 1 MiB; is a quote never closed?"; return fields; }
            if (quoted)
            {
                if (c < 0) { flaw = "opens a quote that is never closed"; return fields; }
                if (c == '"' && Peek() == '"') { Read(); field.Append('"'); }
                else if (c == '"') quoted = false;
                else field.Append((char)c);
            }
            else if (c == '"' && field.Length == 0) quoted = true;
            else if (c == _separator) { fields.Add(field.ToString()); field.Clear(); }
            else if (c is < 0 or '\n' or '\r')
            {
                if (c == '\r' && Peek() == '\n') Read();
                else if (c == '\r') _line++;
                fields.Add(field.ToString());
                return fields;
            }
            else field.Append((char)c);
        }
    }

    private char Separator()
    {
        Fill();
        var header = _buffer.AsSpan(_next, _length - _next);
        if (header.IndexOfAny('\n', '\r') is >= 0 and var end) header = header[..end];
        var (best, most) = (',', 0);
        foreach (var candidate in ",;\t")
        {
            var (count, quoted) = (0, false);
            foreach (var c in header)
            {
                if (c == '"') quoted = !quoted;
                else if (c == candidate && !quoted) count++;
            }
            if (count > most) (best, most) = (candidate, count);
        }
        return best;
    }

    private int Read()
    {
        var c = Peek();
        if (c >= 0) _next++;
        if (c == '\n') _line++;
        return c;
    }

    private int Peek()
    {
        if (_next == _length) Fill();
        return _next < _length ? _buffer[_next] : -1;
    }

    private void Fill()
    {
        if (_next < _length) return;
        (_length, _next) = (text.ReadBlock(_buffer, 0, _buffer.Length), 0);
    }
}
