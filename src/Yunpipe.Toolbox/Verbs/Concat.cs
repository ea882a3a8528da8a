using System.CommandLine;
using Yunpipe.Toolbox.Tables;

namespace Yunpipe.Toolbox.Verbs;

internal static class Concat
{
    public static Command Create()
    {
        var tables = new Listing("tables", "CSV files with one and the same header.");
        var output = Arguments.Out("The joined table: the listing's columns (or the file's name), then those of the tables.");
        var command = new Command("concat", "Join tables into one.");
        tables.AddTo(command);
        command.Add(output);
        command.SetAction(parsed =>
        {
            var (columns, members) = tables.From(parsed);
            CsvWriter.Write(parsed.GetValue(output)!, joined => Join(columns, members, joined));
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static void Join(IReadOnlyList<string> columns, IEnumerable<Member> members, CsvWriter joined)
    {
        (string Path, IReadOnlyList<string> Header)? first = null;
        foreach (var member in members)
        {
            using var reader = CsvReader.Open(member.Path);
            if (first is null)
            {
                first = (member.Path, reader.Header);
                // A column of the item that the tables have too keeps both values.
                joined.Row([.. columns.Select(column => reader.Header.Contains(column) ? "item_" + column : column), .. reader.Header]);
            }
            else if (!first.Value.Header.SequenceEqual(reader.Header))
            {
                throw new RefusedException(ExitCode.Mismatch,
                    $"{member.Path} has the header {string.Join(',', reader.Header)}, but {first.Value.Path} has {string.Join(',', first.Value.Header)}.");
            }

            while (reader.Next() is { } row)
                joined.Row([.. member.Values, .. row]);
        }

        if (first is null)
            joined.Row(columns);
    }
}
