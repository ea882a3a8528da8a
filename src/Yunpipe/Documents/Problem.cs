namespace Yunpipe.Documents;

/// <summary>A place in a document that a person wrote. Line and column count from 1; 0 means the whole file.</summary>
public readonly record struct Location(string File, int Line = 0, int Column = 0)
{
    public override string ToString() => Line == 0 ? File : $"{File}:{Line}:{Column}";
}

/// <summary>One thing that is wrong: a stable code (<c>YP1203</c>), where, what, and what to do next.</summary>
public sealed record Problem(string Code, string Message, Location? Where = null, string? Advice = null)
{
    /// <summary>The one line that a person sees: <c>file:line:column: YP1203: what is wrong. What to do.</c></summary>
    public override string ToString() =>
        (Where is { } where ? $"{where}: " : "") + $"{Code}: {Message}" + (Advice is null ? "" : $" {Advice}");
}

/// <summary>What reading gave: a value, or every problem that was found, never only the first.</summary>
public sealed record Reading<T>(T? Value, IReadOnlyList<Problem> Problems) where T : class
{
    public bool Ok => Value is not null && Problems.Count == 0;

    /// <summary>The value; with problems, an exception that carries the first one.</summary>
    public T OrThrow() => Ok ? Value! : throw new YunpipeException(Problems[0]);
}

/// <summary>An expected failure that ends a command: one sentence with a code, no stack trace.</summary>
public sealed class YunpipeException(Problem problem, Exception? inner = null) : Exception(problem.ToString(), inner)
{
    public Problem Problem { get; } = problem;
}
