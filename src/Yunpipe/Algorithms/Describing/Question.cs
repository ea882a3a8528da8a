namespace Yunpipe.Algorithms.Describing;

/// <summary>One thing that is asked.</summary>
/// <param name="Id">Names it for <c>--answer</c>: <c>command</c>, <c>variable.sigma.type</c>.</param>
/// <param name="Label">A word or two, for the list of answers.</param>
/// <param name="Text">The question as a sentence.</param>
/// <param name="Help">One line on what an answer may be.</param>
public sealed record Question(string Id, string Label, string Text, string Help)
{
    /// <summary>What an empty hand answers.</summary>
    public string Default { get; init; } = "";

    /// <summary>The only answers there are; empty for free text.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>True where nothing goes on without an answer.</summary>
    public bool Required { get; init; }

    /// <summary>What is wrong with an answer by itself, as a sentence; null for nothing. What is wrong in connection with others is found in the document.</summary>
    public string? Flaw(string answer)
    {
        if (Required && answer.Length == 0) return "This needs an answer.";
        if (Choices.Count > 0 && !Choices.Contains(answer)) return $"Answer {Documents.Wording.AnyOf(Choices)}.";
        return Check(answer);
    }

    internal Func<string, string?> Check { get; init; } = _ => null;
}
