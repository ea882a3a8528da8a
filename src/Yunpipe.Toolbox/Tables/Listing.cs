using System.CommandLine;

namespace Yunpipe.Toolbox.Tables;

/// <summary>One file of a listing, with the values of the listing's other columns.</summary>
internal sealed record Member(string Path, IReadOnlyList<string> Values);

/// <summary>
/// Many input files: named on the command line, or by a CSV with a column <c>path</c> (relative to the CSV), which has no limit of length
/// and carries a key and metadata.
/// </summary>
internal sealed class Listing
{
    private readonly Argument<string[]> _paths;
    private readonly Option<string> _table = new("--table")
    {
        Description = "Instead of naming the files: a CSV with a column path, relative to it, and any others.",
        HelpName = "file",
    };

    public Listing(string name, string help) => _paths = new(name) { Description = help, Arity = ArgumentArity.ZeroOrMore };

    public void AddTo(Command command)
    {
        command.Add(_paths);
        command.Add(_table);
    }

    /// <summary>The columns beside path, and the files. Members of a table are read from it one at a time.</summary>
    public (IReadOnlyList<string> Columns, IEnumerable<Member> Members) From(ParseResult parsed)
    {
        var (paths, table) = (parsed.GetValue(_paths)!, parsed.GetValue(_table));
        if (paths.Length == 0 == table is null)
            throw new RefusedException(ExitCode.Usage, $"Give either {_paths.Name} or --table with a listing of them.");
        if (table is null)
            return (["file"], paths.Select(path => new Member(path, [Path.GetFileName(path)])));
        using var reader = CsvReader.Open(table);
        var place = reader.Header.ToList().IndexOf("path");
        if (place < 0)
            throw new RefusedException(ExitCode.Mismatch, $"{table} has no column named path.");
        return ([.. Without(reader.Header, place)], Rows(table, place));
    }

    /// <summary>The files alone, at least one.</summary>
    public string[] PathsFrom(ParseResult parsed)
    {
        string[] paths = [.. From(parsed).Members.Select(member => member.Path)];
        return paths.Length > 0 ? paths : throw new RefusedException(ExitCode.NothingFound, $"{parsed.GetValue(_table)} lists no files.");
    }

    private static IEnumerable<Member> Rows(string table, int place)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(table))!;
        using var reader = CsvReader.Open(table);
        while (reader.Next() is { } row)
            yield return new Member(Path.Combine(folder, row[place]), [.. Without(row, place)]);
    }

    private static IEnumerable<string> Without(IReadOnlyList<string> row, int place) => row.Where((_, i) => i != place);
}
