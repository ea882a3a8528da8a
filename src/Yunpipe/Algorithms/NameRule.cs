using System.Buffers;
using Yunpipe.Documents;

namespace Yunpipe.Algorithms;

/// <summary>Names that people give. Ports, variables and metadata are inserted with <c>${…}</c> and joined with dots, so they hold none.</summary>
public static class NameRule
{
    public const int Longest = 64;

    internal static readonly SearchValues<char> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    /// <summary>Null for a usable name of a port, variable or step; otherwise the rule, as a sentence.</summary>
    public static string? Flaw(string name) =>
        name.Length is > 0 and <= Longest && char.IsAsciiLetter(name[0]) && name.AsSpan().IndexOfAnyExcept(Letters) < 0
            ? null : $"A name starts with a letter and holds letters, digits, “_” and “-”, at most {Longest}.";

    /// <summary>Names of algorithms and workflows may also hold dots.</summary>
    public static string? TitleFlaw(string name) =>
        name.Length is > 0 and <= Longest && char.IsAsciiLetterOrDigit(name[0]) && name.Replace(".", "", StringComparison.Ordinal).AsSpan().IndexOfAnyExcept(Letters) < 0
            ? null : $"A name starts with a letter or digit and holds letters, digits, “.”, “_” and “-”, at most {Longest}.";

    internal static void Check(MapEntry entry, string what, ProblemList problems)
    {
        if (Flaw(entry.Key) is { } flaw) problems.Add(AlgorithmCodes.BadName, entry.Where, $"{Wording.Quote(entry.Key)} cannot be the name of {what}.", flaw);
        else if (what != "an output" && ReservedNames.IsReserved(entry.Key))
            problems.Add(AlgorithmCodes.BadName, entry.Where, $"{Wording.Quote(entry.Key)} cannot be the name of {what}: ${{{entry.Key}}} has a meaning already.");
    }
}
