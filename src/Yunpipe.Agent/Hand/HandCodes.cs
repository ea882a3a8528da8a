namespace Yunpipe.Agent.Hand;

/// <summary>Stable codes of what can go wrong when a wrapped image is used by hand; listed for people in docs/reference/problems.md.</summary>
internal static class HandCodes
{
    public const string Option = "YP2180";
    public const string Input = "YP2181";
    public const string Folder = "YP2182";
    public const string Name = "YP2183";
    public const string NoProgram = "YP2184";
    public const string Ended = "YP2185";
    public const string Outputs = "YP2186";
    public const string Files = "YP2187";
}
