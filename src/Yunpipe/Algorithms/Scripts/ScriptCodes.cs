namespace Yunpipe.Algorithms.Scripts;

/// <summary>Stable codes of what can be said about a script; listed for people in docs/reference/problems.md.</summary>
public static class ScriptCodes
{
    public const string NotRead = "YP1400";
    public const string NoArguments = "YP1401";
    public const string NotSupported = "YP1402";
    public const string NoSuchArgument = "YP1403";
    public const string NoInput = "YP1404";
}
