using Yunpipe.Cli.Console;
using Yunpipe.Documents;

namespace Yunpipe.Cli.Commands;

/// <summary>How files are checked: every problem of every file, then one line for those that are right.</summary>
internal static class Validation
{
    /// <param name="read">A file's problems, and a few words about it where it has none.</param>
    public static int Tell(Terminal terminal, bool json, IReadOnlyList<string> files, Func<string, (IReadOnlyList<Problem> Problems, string About)> read)
    {
        var results = files.Select(file => (File: file, Read: read(file))).ToList();
        var problems = results.Sum(result => result.Read.Problems.Count);
        if (json)
        {
            terminal.Json(new ValidationDocument([.. results.Select(result => new ValidatedFile(result.File, result.Read.Problems.Count == 0,
                [.. result.Read.Problems.Select(problem => new ValidationProblem(problem.Code, problem.Message, problem.Where?.File, problem.Where?.Line, problem.Where?.Column, problem.Advice))]))]), VerbsJson.Default.ValidationDocument);
            return problems == 0 ? ExitCode.AllDone : ExitCode.Usage;
        }
        foreach (var (file, (_, about)) in results.Where(result => result.Read.Problems.Count == 0)) terminal.Out.WriteLine($"{Words.Name(file)}: right{(about.Length > 0 ? $", {about}" : "")}.");
        return problems == 0 ? ExitCode.AllDone : terminal.Tell([.. results.SelectMany(result => result.Read.Problems)]);
    }
}

internal sealed record ValidationDocument(IReadOnlyList<ValidatedFile> Files);

internal sealed record ValidatedFile(string File, bool Ok, IReadOnlyList<ValidationProblem> Problems);

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
