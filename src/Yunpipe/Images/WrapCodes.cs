namespace Yunpipe.Images;

/// <summary>Stable codes of what can be wrong with wrapping an image; listed for people in docs/reference/problems.md.</summary>
public static class WrapCodes
{
    public const string EnvironmentTooLarge = "YP2150";
    public const string UnreadableWrapping = "YP2151";
    public const string LabelTooLarge = "YP2152";
    public const string NoAgent = "YP2153";
    public const string NotLinux = "YP2154";
    public const string NoAgentForPlatform = "YP2155";
    public const string LocalFiles = "YP2156";
    public const string NoImageNamed = "YP2157";
    public const string NotWrapped = "YP2158";
    public const string BuiltOnWrapped = "YP2159";
    public const string NoCommand = "YP2160";
    public const string NotAnImage = "YP2161";
    public const string NoProgram = "YP2162";
    public const string NotExecutable = "YP2163";
    public const string OtherMachine = "YP2164";
    public const string NoInterpreter = "YP2165";
    public const string NoUser = "YP2166";
}
