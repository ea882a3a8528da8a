namespace Yunpipe.Algorithms;

/// <summary>The words of the file format and what they stand for: one table for the reader, the writer and the schema.</summary>
internal static class AlgorithmWords
{
    public static readonly (string Word, VariableType Value)[] Types =
    [
        ("string", VariableType.String), ("integer", VariableType.Integer), ("number", VariableType.Number), ("flag", VariableType.Flag),
        ("enum", VariableType.Enum), ("file", VariableType.File), ("directory", VariableType.Directory), ("list", VariableType.List),
    ];

    /// <summary>What a list can hold: a flag or a list in a list would have no clear command line.</summary>
    public static readonly (string Word, VariableType Value)[] MemberTypes = [.. Types.Where(type => type.Value is not (VariableType.Flag or VariableType.List))];

    public static readonly (string Word, Isolation Value)[] Isolations = [("worker", Isolation.Worker), ("job", Isolation.Job)];

    public static readonly (string Word, ExitKind Value)[] ExitKinds =
        [("permanent", ExitKind.Permanent), ("transient", ExitKind.Transient), ("success", ExitKind.Success)];

    public static readonly (string Word, RuleKind Value)[] Rules =
        [("oneOf", RuleKind.OneOf), ("atMostOne", RuleKind.AtMostOne), ("atLeastOne", RuleKind.AtLeastOne), ("allOrNone", RuleKind.AllOrNone), ("requires", RuleKind.Requires)];

    /// <summary>Whether a port carries a directory-style image.</summary>
    public static readonly (string Word, bool Value)[] Kinds = [("file", false), ("directory", true)];

    public static string Of<T>((string Word, T Value)[] words, T value) where T : struct =>
        words.First(entry => EqualityComparer<T>.Default.Equals(entry.Value, value)).Word;
}
