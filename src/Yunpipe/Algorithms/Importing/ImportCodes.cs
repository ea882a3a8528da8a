namespace Yunpipe.Algorithms.Importing;

/// <summary>Stable codes of what can be said about an import; listed for people in docs/reference/problems.md.</summary>
public static class ImportCodes
{
    public const string Unrecognised = "YP1300";
    public const string NotCarried = "YP1301";
    public const string LeftOut = "YP1302";
    public const string Renamed = "YP1303";
    public const string BadForeign = "YP1304";
    public const string Unsupported = "YP1305";
    public const string NoAlgorithm = "YP1306";
    public const string BadChoice = "YP1307";
    public const string NotExported = "YP1308";
}
