using System.CommandLine;
using Yunpipe.Toolbox.Tables;

namespace Yunpipe.Toolbox.Verbs;

internal static class Concat
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("tables") { Description = "CSV files with one and the same header.", Arity = ArgumentArity.ZeroOrMore };
        var listing = new Option<string>("--table")
        {
            Description = "A CSV with the columns path, key and any others, which come before the columns of each file; paths are relative to it.",
            HelpName = "file",
        };
        var output = Arguments.Out("The joined table.");
        var command = new Command("concat", "Join tables into one.") { paths, listing, output };
        command.SetAction(parsed =>
        {
            var (given, table) = (parsed.GetValue(paths)!, parsed.GetValue(listing));
            if (given.Length == 0 == table is null)
                throw new RefusedException(ExitCode.Usage, "Give either tables or --table with a listing of them.");
            var (columns, members) = table is null ? FromPaths(given) : FromListing(table);
            CsvWriter.Write(parsed.GetValue(output)!, joined => Join(columns, members, joined));
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static (IReadOnlyList<string> Columns, IEnumerable<Member> Members) FromPaths(string[] paths) =>
        (["file"], paths.Select(path => new Member(path, [Path.GetFileName(path)])));

    private static (IReadOnlyList<string> Columns, IEnumerable<Member> Members) FromListing(string listing)
    {
        using var reader = CsvReader.Open(listing);
        var place = reader.Header.ToList().IndexOf("path");
        if (place < 0)
            throw new RefusedException(ExitCode.Mismatch, $"{listing} has no column named path.");
        return ([.. Without(reader.Header, place)], Members(listing, place));
    }

    private static IEnumerable<Member> Members(string listing, int place)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(listing))!;
        using var reader = CsvReader.Open(listing);
        while (reader.Next() is { } row)
            yield return new Member(Path.Combine(folder, row[place]), [.. Without(row, place)]);
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

    private static IEnumerable<string> Without(IReadOnlyList<string> row, int place) => row.Where((_, i) => i != place);

    private sealed record Member(string Path, IReadOnlyList<string> Values);
}
