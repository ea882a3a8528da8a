namespace Yunpipe.Toolbox;

/// <summary>What the process ends with; the descriptors in <c>algorithms/</c> name the same codes.</summary>
internal enum ExitCode
{
    Ok = 0,
    Failed = 1,
    Usage = 2,
    Unreadable = 3,
    TooLarge = 4,
    NothingFound = 5,
    Mismatch = 6,
}
