namespace Yunpipe.Workflows;

/// <summary>Stable codes of what can be wrong with a workflow; listed for people in docs/reference/problems.md.</summary>
public static class WorkflowCodes
{
    public const string BadName = "YP1101";
    public const string DuplicateStep = "YP1102";
    public const string UnknownStep = "YP1103";
    public const string UnknownPort = "YP1104";
    public const string UnknownPart = "YP1105";
    public const string UnboundInput = "YP1106";
    public const string Cycle = "YP1107";
    public const string WrongKind = "YP1108";
    public const string NeedsList = "YP1109";
    public const string NeedsGather = "YP1110";
    public const string UnknownMeta = "YP1111";
    public const string BadMatrix = "YP1112";
    public const string BadBatch = "YP1113";
    public const string BadLayout = "YP1114";
    public const string Collision = "YP1115";
    public const string BadTolerance = "YP1116";
    public const string BadSource = "YP1117";
    public const string BadGather = "YP1118";
    public const string BadInput = "YP1119";
    public const string BadSetting = "YP1120";
    public const string NoSteps = "YP1121";
    public const string Algorithm = "YP1122";
    public const string BadWhen = "YP1123";
}
