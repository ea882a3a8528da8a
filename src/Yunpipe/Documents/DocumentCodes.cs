namespace Yunpipe.Documents;

/// <summary>Stable codes of what can be wrong with any document; listed for people in docs/reference/problems.md.</summary>
public static class DocumentCodes
{
    public const string Unreadable = "YP1001";
    public const string Empty = "YP1002";
    public const string TooLarge = "YP1003";
    public const string NotText = "YP1004";
    public const string Syntax = "YP1005";
    public const string TooDeep = "YP1006";
    public const string DuplicateKey = "YP1007";
    public const string Alias = "YP1008";
    public const string Unsupported = "YP1009";
    public const string UnknownKey = "YP1010";
    public const string MissingKey = "YP1011";
    public const string WrongKind = "YP1012";
    public const string UnknownWord = "YP1013";
    public const string BadValue = "YP1014";
    public const string TooMany = "YP1015";
}
