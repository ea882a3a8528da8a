using System.Text;
using System.Text.RegularExpressions;
using Yunpipe.Documents;

namespace Yunpipe.Algorithms;

/// <summary>What is wrong with one value, or with one member of a list.</summary>
internal sealed record ValueFlaw(string Code, string Message, string? Advice = null)
{
    /// <summary>An argument of a process ends at 128 KiB on Linux; the rest of the command needs room too.</summary>
    private const int LongestText = 100_000;

    /// <summary>Null and the canonical text, or the flaw.</summary>
    public static ValueFlaw? Of(Variable variable, string text, out string canonical)
    {
        canonical = text;
        var name = Wording.Quote(variable.Name);
        var type = VariableValues.MemberType(variable);
        if (text.Contains('\0')) return new(AlgorithmCodes.WrongType, $"{name} holds a zero character.");
        if (text.Length > LongestText / 3 && Encoding.UTF8.GetByteCount(text) > LongestText)
            return new(AlgorithmCodes.WrongType, $"{name} is longer than {LongestText} bytes, more than a command can carry.", "Put it into a file, and make the variable a file.");
        switch (type)
        {
            case VariableType.Number when !NumberText.TryCanonical(text, out canonical):
            case VariableType.Integer when !NumberText.TryCanonical(text, out canonical) || text.AsSpan().IndexOfAny('.', 'e', 'E') >= 0:
                return new(AlgorithmCodes.WrongType, $"{name} wants {VariableValues.Describe(type)}, and this is {Wording.Quote(text)}.");
            case VariableType.Flag:
                if (Flag(text) is not { } flag) return new(AlgorithmCodes.WrongType, $"{name} wants true or false, and this is {Wording.Quote(text)}.");
                canonical = flag;
                break;
            case VariableType.Enum when !variable.Values.Contains(text):
                return new(AlgorithmCodes.NotAmongValues, $"{Wording.Quote(text)} is not a value of {name}.",
                    Wording.DidYouMean(text, variable.Values) ?? $"It can be {Wording.AnyOf(variable.Values)}.");
            case VariableType.File or VariableType.Directory when text.Length == 0:
                return new(AlgorithmCodes.WrongType, $"{name} wants {VariableValues.Describe(type)}, and this is empty.");
        }
        if (type is VariableType.Number or VariableType.Integer) return Range(variable, name, canonical);
        return variable.Pattern is { } pattern ? Match(pattern, name, text) : null;
    }

    private static ValueFlaw? Range(Variable variable, string name, string canonical)
    {
        if (variable.Minimum is { } minimum && NumberText.Compare(canonical, minimum) < 0)
            return new(AlgorithmCodes.OutOfRange, $"{name} is {canonical}, and must be at least {Show(minimum)}.");
        if (variable.Maximum is { } maximum && NumberText.Compare(canonical, maximum) > 0)
            return new(AlgorithmCodes.OutOfRange, $"{name} is {canonical}, and must be at most {Show(maximum)}.");
        if (variable.Above is { } above && NumberText.Compare(canonical, above) <= 0)
            return new(AlgorithmCodes.OutOfRange, $"{name} is {canonical}, and must be above {Show(above)}.");
        if (variable.Below is { } below && NumberText.Compare(canonical, below) >= 0)
            return new(AlgorithmCodes.OutOfRange, $"{name} is {canonical}, and must be below {Show(below)}.");
        return null;
    }

    private static ValueFlaw? Match(string pattern, string name, string text)
    {
        if (LinearPattern.TryParse(pattern, whole: true, out var flaw) is not { } regex)
            return new(AlgorithmCodes.BadPattern, $"The pattern of {name} {flaw}.");
        try
        {
            return regex.IsMatch(text) ? null : new(AlgorithmCodes.PatternMismatch, $"{name} is {Wording.Quote(text)}, which does not match {Wording.Quote(pattern)}.");
        }
        catch (RegexMatchTimeoutException)
        {
            return new(AlgorithmCodes.PatternMismatch, $"Matching {name} with {Wording.Quote(pattern)} took too long.", "Use a simpler pattern.");
        }
    }

    internal static string Show(decimal number) => number.ToString("0.############################", System.Globalization.CultureInfo.InvariantCulture);

    private static string? Flag(string text) => text.Trim().ToLowerInvariant() switch
    {
        "true" or "yes" or "on" => "true",
        "false" or "no" or "off" => "false",
        _ => null,
    };
}
