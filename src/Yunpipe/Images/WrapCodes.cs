namespace Yunpipe.Images;

/// <summary>Stable codes of what can be wrong with wrapping an image; listed for people in docs/reference/problems.md.</summary>
public static class WrapCodes
{
    public const string EnvironmentTooLarge = "YP2150";
    public const string UnreadableWrapping = "YP2151";
}
