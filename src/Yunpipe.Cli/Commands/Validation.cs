using Yunpipe.Cli.Console;
using Yunpipe.Documents;

namespace Yunpipe.Cli.Commands;

/// <summary>What one file turned out to be.</summary>
/// <param name="About">A few words about what it is.</param>
/// <param name="Format">Whose format it is in; null where that is no question.</param>
/// <param name="NotCarried">What an import of it would lose.</param>
internal sealed record Validated(IReadOnlyList<Problem> Problems, string About = "", string? Format = null, IReadOnlyList<Problem>? NotCarried = null);

/// <summary>How files are checked, one after another: a line for one that is right, every problem of one that is not.</summary>
internal static class Validation
{
    /// <param name="read">A file's problems, and a few words about it where it has none.</param>
    public static int Tell(Terminal terminal, bool json, IReadOnlyList<string> files, Func<string, (IReadOnlyList<Problem> Problems, string About)> read) =>
        Tell(terminal, json, files, file =>
        {
            var (problems, about) = read(file);
            return new Validated(problems, about);
        }, strict: false);

    /// <param name="strict">Whether what an import would lose is wrong too.</param>
    public static int Tell(Terminal terminal, bool json, IReadOnlyList<string> files, Func<string, Validated> read, bool strict)
    {
        var (wrong, problems) = (0, 0);
        var documents = new List<ValidatedFile>();
        foreach (var file in files)
        {
            var found = read(file);
            IReadOnlyList<Problem> lost = found.NotCarried ?? [], bad = strict ? [.. found.Problems, .. lost] : found.Problems;
            problems += bad.Count;
            if (bad.Count > 0) wrong++;
            if (json) documents.Add(new ValidatedFile(file, bad.Count == 0, found.Format, [.. found.Problems.Select(Line)], lost.Count > 0 ? [.. lost.Select(Line)] : null));
            else if (found.Problems.Count > 0) foreach (var problem in found.Problems) terminal.Error.WriteLine(problem.ToString());
            else
            {
                terminal.Out.WriteLine($"{Words.Name(file)}: right{(found.About.Length > 0 ? $", {found.About}" : "")}.{(lost.Count > 0 ? $" An import loses {Words.Count(lost.Count, "thing")}:" : "")}");
                foreach (var note in lost) (strict ? terminal.Error : terminal.Out).WriteLine($"  {note}");
            }
        }
        if (json) terminal.Json(new ValidationDocument(documents), VerbsJson.Default.ValidationDocument);
        else if (problems > 1 || wrong > 0 && files.Count > 1) terminal.Error.WriteLine($"{Words.Count(problems, "problem")}{(files.Count > 1 ? $", in {wrong} of {files.Count} files" : "")}.");
        return problems == 0 ? ExitCode.AllDone : ExitCode.Usage;
    }

    private static ValidationProblem Line(Problem problem) => new(problem.Code, problem.Message, problem.Where?.File, problem.Where?.Line, problem.Where?.Column, problem.Advice);
}

internal sealed record ValidationDocument(IReadOnlyList<ValidatedFile> Files);

/// <param name="Format">yunpipe, boutiques, cwl or first; absent for what is none of them.</param>
/// <param name="NotCarried">What an import would lose.</param>
internal sealed record ValidatedFile(string File, bool Ok, string? Format, IReadOnlyList<ValidationProblem> Problems, IReadOnlyList<ValidationProblem>? NotCarried);

/// <param name="Line">From 1; 0 means the whole file.</param>
internal sealed record ValidationProblem(string Code, string Message, string? File, int? Line, int? Column, string? Advice);

/// <summary>A file that a command writes because it was asked to.</summary>
internal static class WrittenFile
{
    public static Problem? Write(string path, string text)
    {
        try
        {
            File.WriteAllText(path, text);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Problem("YP5025", $"“{path}” cannot be written: {error.Message.TrimEnd('.')}.");
        }
    }
}
