using System.Text;
using Yunpipe.Documents;
using Yunpipe.Workflows;

namespace Yunpipe.Items;

/// <summary>A row of an input table: its paths by part (or by <see cref="PathColumn"/>), its key if it has one, and its metadata.</summary>
internal sealed record TableRow(Location Where, string? Key, IReadOnlyList<KeyValuePair<string, string>> Paths, Dictionary<string, string> Meta);

/// <summary>The input as a CSV: a column <c>path</c>, or one column per part; a column <c>key</c> if one likes; every other column is metadata.</summary>
internal sealed class ItemTable
{
    public const string PathColumn = "path";
    public const string KeyColumn = "key";
    private readonly string _file;
    private readonly string[] _columns;
    private readonly IEnumerator<CsvRecord> _records;
    private readonly HashSet<string> _pathColumns;

    private ItemTable(string file, string[] columns, HashSet<string> paths, IEnumerator<CsvRecord> records) =>
        (_file, _columns, _pathColumns, _records) = (file, columns, paths, records);

    /// <summary>True where each row names one file, in the column <c>path</c>.</summary>
    public bool IsByPath => _pathColumns.Contains(PathColumn);

    /// <summary>Reads the header; null and a problem where the rows could not be used.</summary>
    public static ItemTable? Open(InputSpec spec, TextReader text, out ItemProblem? problem)
    {
        var file = spec.Table ?? "table";
        var records = new CsvReader(text).Records().GetEnumerator();
        var columns = records.MoveNext() && records.Current.Flaw is null ? Columns(records.Current.Fields) : [];
        var parts = spec.Item?.Parts.Select(part => part.Name).ToList() ?? [];
        var paths = columns.Contains(PathColumn) ? [PathColumn] : parts.Where(columns.Contains).ToHashSet();
        var twice = columns.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1)?.Key;
        var flaw = columns.Length == 0 ? "The table has no header."
            : twice is not null ? $"The table has two columns “{twice}”."
            : paths.Count == 0 ? $"The table has no column “path”{(parts.Count > 0 ? " and none for a part" : "")}; its columns are {Naming.And(columns)}."
            : null;
        problem = flaw is null ? null : new ItemProblem(ItemCodes.TableHeader, file, flaw, new Location(file, 1, 1));
        return flaw is null ? new ItemTable(file, columns, paths, records) : null;
    }

    /// <summary>Column titles as metadata names: what a name cannot hold becomes “_”, so that “Cell line” is <c>Cell_line</c>.</summary>
    public static string[] Columns(IReadOnlyList<string> titles) => [.. titles.Select(title =>
    {
        var name = new StringBuilder();
        foreach (var c in title.Trim()) name.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        if (name.Length == 0 || char.IsAsciiDigit(name[0])) name.Insert(0, '_');
        return name.ToString();
    })];

    /// <summary>The header alone, as metadata names; null where there is none.</summary>
    public static IReadOnlyList<string>? Header(TextReader text)
    {
        foreach (var record in new CsvReader(text).Records()) return record.Flaw is null ? Columns(record.Fields) : null;
        return null;
    }

    public IEnumerable<(TableRow? Row, ItemProblem? Problem)> Rows()
    {
        using (_records)
            while (_records.MoveNext())
            {
                var record = _records.Current;
                var where = new Location(_file, record.Line, 1);
                var flaw = record.Flaw is not null ? $"The row {record.Flaw}."
                    : record.Fields.Count != _columns.Length ? $"The row has {record.Fields.Count} fields, the header {_columns.Length}." : null;
                if (flaw is not null) yield return (null, new ItemProblem(ItemCodes.TableRow, $"{_file}:{record.Line}", flaw, where));
                else yield return (Row(record, where), null);
            }
    }

    private TableRow Row(CsvRecord record, Location where)
    {
        var paths = new List<KeyValuePair<string, string>>();
        var meta = new Dictionary<string, string>();
        string? key = null;
        for (var i = 0; i < _columns.Length; i++)
        {
            var value = record.Fields[i];
            if (value.Length == 0) continue;
            if (_columns[i] == KeyColumn) key = value;
            else if (_pathColumns.Contains(_columns[i])) paths.Add(new(_columns[i], value.StartsWith("./", StringComparison.Ordinal) ? value[2..] : value));
            else meta.Add(_columns[i], value);
        }
        return new TableRow(where, key, paths, meta);
    }
}
