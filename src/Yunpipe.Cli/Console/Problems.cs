using Yunpipe.Documents;

namespace Yunpipe.Cli.Console;

/// <summary>How problems are told: all of them, one line each, then a count.</summary>
internal static class Problems
{
    private const string HeldCode = "YP3001";

    /// <summary>Tells problems on Error; with <paramref name="json"/> also as documents on Out. Answers with the exit code that they mean.</summary>
    public static int Tell(this Terminal terminal, IReadOnlyList<Problem> problems, bool json = false)
    {
        foreach (var found in problems)
        {
            // What came from the command line stands in no file.
            var problem = found.Where is { File: null or "" } ? found with { Where = null } : found;
            terminal.Error.WriteLine(problem.ToString());
            if (json) terminal.Json(new ProblemDocument(problem.Code, problem.Message, problem.Where?.ToString(), problem.Advice), CliJson.Default.ProblemDocument);
        }
        if (problems.Count > 1) terminal.Error.WriteLine($"{Words.Count(problems.Count, "problem")}.");
        return problems.Any(problem => problem.Code == HeldCode) ? ExitCode.Held : ExitCode.Usage;
    }

    /// <summary>What nobody expected. An expected failure is one sentence; the rest is a bug, whose trace is shown on request.</summary>
    public static int Tell(this Terminal terminal, Exception error, bool verbose)
    {
        switch (error)
        {
            case OperationCanceledException:
                terminal.Error.WriteLine("Interrupted.");
                return ExitCode.Interrupted;
            case YunpipeException expected:
                terminal.Error.WriteLine(expected.Problem.ToString());
                break;
            default:
                terminal.Error.WriteLine($"{Wording.Quote(error.Message)[1..^1].TrimEnd('.')}: this is a bug in Yunpipe{(verbose ? "." : "; --verbose shows where.")}");
                break;
        }
        if (verbose) terminal.Error.WriteLine(error.ToString());
        return ExitCode.Bug;
    }
}

/// <summary>A problem as a machine reads it.</summary>
internal sealed record ProblemDocument(string Code, string Message, string? Where, string? Advice)
{
    [System.Text.Json.Serialization.JsonPropertyOrder(-1)] public string Event { get; } = "problem";
}
