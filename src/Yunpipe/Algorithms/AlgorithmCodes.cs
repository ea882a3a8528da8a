namespace Yunpipe.Algorithms;

/// <summary>Stable codes of what can be wrong with an algorithm or its values; listed for people in docs/reference/problems.md.</summary>
public static class AlgorithmCodes
{
    public const string BadName = "YP1020";
    public const string DuplicateName = "YP1021";
    public const string BadTemplate = "YP1022";
    public const string UnknownPlaceholder = "YP1023";
    public const string Unused = "YP1024";
    public const string ListInsideToken = "YP1025";
    public const string BadPath = "YP1026";
    public const string BadPattern = "YP1027";
    public const string BadDefault = "YP1028";
    public const string BadRule = "YP1029";
    public const string BadExitCode = "YP1030";
    public const string BadCommand = "YP1031";
    public const string Contradiction = "YP1032";
    public const string BadTest = "YP1033";
    public const string BadMachine = "YP1034";

    public const string UnknownVariable = "YP1040";
    public const string MissingVariable = "YP1041";
    public const string WrongType = "YP1042";
    public const string OutOfRange = "YP1043";
    public const string PatternMismatch = "YP1044";
    public const string NotAmongValues = "YP1045";
    public const string RuleBroken = "YP1046";
}
