namespace Yunpipe.Images;

/// <summary>Stable codes of what can go wrong where images are read and written; listed for people in docs/reference/problems.md.</summary>
public static class ImageCodes
{
    public const string BadPlace = "YP2100";
    public const string NoImage = "YP2101";
    public const string NoBlob = "YP2102";
    public const string NeedsLogin = "YP2103";
    public const string LoginRefused = "YP2104";
    public const string Denied = "YP2105";
    public const string Unreachable = "YP2106";
    public const string NotTrusted = "YP2107";
    public const string PlainHttp = "YP2108";
    public const string TooManyRequests = "YP2109";
    public const string RegistryBroken = "YP2110";
    public const string NotARegistry = "YP2111";
    public const string ConnectionLost = "YP2112";
    public const string WrongDigest = "YP2113";
    public const string WrongSize = "YP2114";
    public const string TooLarge = "YP2115";
    public const string BadManifest = "YP2116";
    public const string OldManifest = "YP2117";
    public const string NoPlatform = "YP2118";
    public const string NestedIndex = "YP2119";
    public const string NotALayout = "YP2120";
    public const string NotAnArchive = "YP2121";
    public const string UnsafeName = "YP2122";
    public const string SeveralImages = "YP2123";
    public const string DiskFull = "YP2124";
    public const string Unusable = "YP2125";
    public const string BadLogin = "YP2126";
    public const string Refused = "YP2127";
    public const string StoredDifferently = "YP2128";
    public const string NotInEngine = "YP2130";
    public const string EngineFailed = "YP2131";
    public const string OtherDigest = "YP2132";
    public const string BadCertificate = "YP2133";
    public const string OnePlatformOnly = "YP2134";
    public const string BadLayer = "YP2135";
}
